#include "orchestrator/manifest/document.hpp"
#include "orchestrator/manifest/schema.hpp"
#include "orchestrator/review/review.hpp"

#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::assets {
extern std::string_view const review_schema;
}  // namespace callsheet::assets

namespace callsheet::review {

namespace {

using manifest::Node;

/// The same with microseconds: of two verdicts in a second one is the newer, too.
std::string exact(TimePoint time) {
  std::string text = format_rfc3339(time);
  auto const fraction = time - std::chrono::floor<std::chrono::seconds>(time);
  if (fraction.count() > 0) text.insert(text.size() - 1, fmt::format(".{:06}", fraction.count()));
  return text;
}

std::string text_in(Node const& node, char const* key) {
  Node const* const value = node.find(key);
  return value == nullptr ? "" : value->text;
}

/// A number the schema has let through.
int number_in(Node const& node) {
  int number = 0;
  std::string_view const text = node.text;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// The schema has let it through, but for what no schema sees.
void read_verdict(manifest::Document const& document, Node const& node, LocatedReview& read,
                  manifest::ErrorList& errors) {
  Node const& at = *node.find("at");
  auto const time = parse_rfc3339(at.text);
  if (!time)
    return errors.add(document.error(at.place, fmt::format("there is no time `{}`", at.text),
                                     "write `2026-11-23T20:15:00Z`"));
  Node const& clip = *node.find("clip");
  Take take{.task = text_in(node, "task"), .number = number_in(*node.find("take"))};
  Verdict verdict{.ruling = *parse_ruling(text_in(node, "verdict")),
                  .note = text_in(node, "note"),
                  .prompt = text_in(node, "prompt"),
                  .by = text_in(node, "by"),
                  .at = *time,
                  .clip = {.run = RunId{text_in(clip, "run")},
                           .identity = TaskIdentity{text_in(clip, "identity")},
                           .sha256 = ContentDigest{text_in(clip, "sha256")}}};
  std::string const name = to_string(take);
  Node const* const prompt = node.find("prompt");
  read.places.emplace(take, prompt == nullptr ? node.place : prompt->place);
  if (!read.review.verdicts.emplace(std::move(take), std::move(verdict)).second)
    errors.add(document.error(node.place, fmt::format("a second verdict on {}", name),
                              "keep one of them: the newer counts"));
}

}  // namespace

std::string encode(Review const& review) {
  using json = nlohmann::ordered_json;
  json verdicts = json::array();
  for (auto const& [take, verdict] : review.verdicts) {
    json one{{"task", take.task}, {"take", take.number}, {"verdict", to_string(verdict.ruling)}};
    if (!verdict.note.empty()) one["note"] = verdict.note;
    if (!verdict.prompt.empty()) one["prompt"] = verdict.prompt;
    if (!verdict.by.empty()) one["by"] = verdict.by;
    one["at"] = exact(verdict.at);
    one["clip"] = {{"run", verdict.clip.run.str()},
                   {"identity", verdict.clip.identity.str()},
                   {"sha256", verdict.clip.sha256.str()}};
    verdicts.push_back(std::move(one));
  }
  json const file{{"version", 1}, {"campaign", review.campaign}, {"verdicts", std::move(verdicts)}};
  return file.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Checked<Review> decode(std::string file, std::string text) {
  auto read = decode_located(std::move(file), std::move(text));
  if (!read) return tl::unexpected{read.error()};
  return std::move(read->review);
}

Checked<LocatedReview> decode_located(std::string file, std::string text) {
  auto document = manifest::Document::parse(std::move(file), std::move(text));
  if (!document) return tl::unexpected{document.error()};
  manifest::ErrorList errors;
  manifest::check_schema(*document, assets::review_schema, errors);
  if (!errors.empty()) return tl::unexpected{errors.take()};
  LocatedReview read{.review = {.campaign = text_in(document->root(), "campaign"), .verdicts = {}}};
  for (Node const& node : document->root().find("verdicts")->items)
    read_verdict(*document, node, read, errors);
  if (!errors.empty()) return tl::unexpected{errors.take()};
  read.document = std::make_shared<manifest::Document const>(*std::move(document));
  return read;
}

}  // namespace callsheet::review
