#include "orchestrator/report/sidecar.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/core/json_writer.hpp"
#include "orchestrator/core/still_names.hpp"
#include "orchestrator/report/clip_json.hpp"
#include "orchestrator/report/json_members.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

namespace callsheet::report {

namespace {

using nlohmann::json;

constexpr std::string_view beginning = R"({"callsheet_sidecar":1,)";
constexpr std::string_view before_version = R"(,"program_version":")";
constexpr std::string_view before_digest = R"(,"digest":")";
constexpr std::string_view ending = "\"}\n";
constexpr std::size_t digest_digits = 64;

/// What is compared of a whole sidecar, which is {facts,"program_version":"…","digest":"…"}. Empty when the
/// text is not to the byte what was written.
std::optional<std::string_view> facts_in(std::string_view text) {
  std::size_t const tail = before_digest.size() + digest_digits + ending.size();
  if (!text.starts_with(beginning) || text.size() < tail || !text.ends_with(ending)) return std::nullopt;
  std::string_view const signed_part = text.substr(0, text.size() - tail);
  std::string_view const rest = text.substr(signed_part.size());
  if (!rest.starts_with(before_digest)) return std::nullopt;
  if (rest.substr(before_digest.size(), digest_digits) != sha256_hex(signed_part)) return std::nullopt;
  std::size_t const cut = signed_part.rfind(before_version);
  if (cut == std::string_view::npos) return std::nullopt;
  std::string_view const version = signed_part.substr(cut + before_version.size());
  // A quote before its end would be a way out of the member that is not compared.
  if (version.find_first_of("\"\\") + 1 != version.size()) return std::nullopt;
  return signed_part.substr(0, cut);
}

void write_try(JsonWriter& out, AttemptLine const& attempt) {
  out.begin_object();
  write_time(out, "accepted", attempt.accepted);
  write_amount(out, "billed", attempt.billed);
  write_text_or_null(out, "billed_by", attempt.billed_by ? to_string(*attempt.billed_by) : "");
  write_time(out, "ended", attempt.ended);
  write_text_or_null(out, "failure", attempt.failure ? to_string(attempt.failure->kind) : "");
  write_text_or_null(out, "failure_code", attempt.failure ? attempt.failure->code : "");
  write_amount(out, "held_at_most", attempt.most);
  out.member("id", to_string(attempt.key));
  out.member("model", attempt.model.str());
  out.member("quality", to_string(attempt.quality));
  out.member("state", to_string(attempt.state));
  write_time(out, "submitted", attempt.submitted);
  write_text_or_null(out, "task_id", attempt.task_id.str());
  out.end_object();
}

void write_clip(JsonWriter& out, ClipFile const& file) {
  std::filesystem::path const name = std::filesystem::path{file.path}.filename();
  out.begin_object();
  out.member("file", name.string());
  out.member("filmstrip", filmstrip_of(name).string());
  out.member("has_sound", file.has_sound);
  out.member("height", file.height);
  out.member("length_ms", file.length.count());
  out.member("poster", poster_of(name).string());
  write_text_or_null(out, "sha256", file.sha256.str());
  out.member("size_bytes", file.size_bytes);
  out.member("width", file.width);
  out.end_object();
}

void write_model(JsonWriter& out, ClipLine const& clip) {
  out.begin_object();
  write_text_or_null(out, "asked", clip.first_choice.str());
  write_text_or_null(out, "used", clip.model.str());
  out.end_object();
}

void write_price(JsonWriter& out, ClipLine const& clip) {
  out.begin_object();
  write_amount(out, "billed", spend_of(clip).billed);
  write_amount(out, "quoted", clip.price);
  out.end_object();
}

}  // namespace

std::filesystem::path sidecar_of(std::filesystem::path const& clip) {
  std::filesystem::path sidecar = clip;
  return sidecar += ".json";
}

std::string sidecar_text(RunHead const& head, ClipLine const& clip) {
  std::string text;
  JsonWriter out{text};
  out.begin_object();
  out.member("callsheet_sidecar", 1);
  out.key("attempts");
  out.begin_array();
  for (AttemptLine const& attempt : clip.attempts) write_try(out, attempt);
  out.end_array();
  out.member("campaign", head.campaign);
  out.member("catalog", head.catalog_name);
  out.key("clip");
  write_clip(out, *clip.file);
  out.member("gateway", head.gateway);
  out.member("identity", clip.identity.str());
  out.key("labels");
  write_labels(clip.labels, out);
  write_time(out, "made", clip.ended);
  write_text_or_null(out, "made_by", clip.made_by.str());
  out.key("model");
  write_model(out, clip);
  out.key("price");
  write_price(out, clip);
  out.member("quality", to_string(clip.quality));
  out.key("request");
  write_request(clip.request, out);
  out.member("run", head.run.str());
  write_tags(clip.tags, out);
  out.member("take", clip.take);
  out.member("task", clip.task);
  text += before_version;
  text += head.program_version;
  text += '"';
  std::string const digest = sha256_hex(text);
  text += before_digest;
  text += digest;
  text += ending;
  return text;
}

bool is_sidecar(std::string_view text) {
  // A machine that lost power may have left the name and none of the content, or zeros.
  return text.starts_with(beginning) ||
         std::all_of(text.begin(), text.end(), [](char c) { return c == '\0'; });
}

std::optional<SidecarFacts> read_sidecar(std::string_view text) {
  if (!facts_in(text)) return std::nullopt;
  json const all = json::parse(text, nullptr, false);
  if (all.is_discarded()) return std::nullopt;
  try {
    json const& clip = all.at("clip");
    return SidecarFacts{
        .run = all.at("run"),
        .identity = TaskIdentity{all.at("identity").get<std::string>()},
        .file = clip.at("file"),
        .sha256 = ContentDigest{clip.at("sha256").is_null() ? "" : clip.at("sha256").get<std::string>()},
        .size_bytes = clip.at("size_bytes"),
        .made = all.at("made").is_null() ? "" : all.at("made").get<std::string>()};
  } catch (json::exception const&) {
    return std::nullopt;
  }
}

bool same_facts(std::string_view sidecar, std::string_view expected) {
  auto const one = facts_in(sidecar);
  return one && one == facts_in(expected);
}

std::vector<std::string> differences(std::string_view sidecar, std::string_view expected) {
  json actual = json::parse(sidecar, nullptr, false);
  json wanted = json::parse(expected, nullptr, false);
  for (json* const one : {&actual, &wanted}) {
    one->erase("digest");
    one->erase("program_version");
  }
  std::vector<std::string> where;
  for (json const& step : json::diff(wanted, actual)) where.push_back(step.at("path").get<std::string>());
  return where;
}

Result<std::string> Sidecars::of(RunHead const& head, ClipLine const& clip) {
  if (clip.made_by.empty()) return sidecar_text(head, clip);
  if (RunReader* const maker = reader_of(clip.made_by)) {
    auto made = maker->find(clip.identity);
    if (!made) return fail(made.error());
    if (*made) {
      // The same bytes in another place.
      (*made)->file = clip.file;
      return sidecar_text(maker->head(), **made);
    }
  }
  return sidecar_text(head, clip);
}

Result<std::optional<std::string>> Sidecars::of(RunId const& run, TaskIdentity const& identity,
                                                std::string const& file) {
  RunReader* const reader = reader_of(run);
  if (reader == nullptr) return std::nullopt;
  auto clip = reader->find(identity);
  if (!clip) return fail(clip.error());
  if (!*clip || !(*clip)->file) return std::nullopt;
  (*clip)->file->path = file;
  return of(reader->head(), **clip);
}

RunReader* Sidecars::reader_of(RunId const& run) {
  auto const [found, fresh] = readers_.try_emplace(run);
  if (fresh)
    if (auto reader = RunReader::open(*ledger_, run, {.version = program_version_}))
      found->second = *std::move(reader);
  return found->second ? &*found->second : nullptr;
}

}  // namespace callsheet::report
