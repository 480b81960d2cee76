#include "orchestrator/cli/review_desk.hpp"

#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

constexpr std::size_t words_most = 10'000;  // as schemas/review.schema.json has it, in bytes: that is less

std::string facts_of(report::ClipLine const& clip) {
  std::string text =
      fmt::format("{} · {} · {:.1f} s · {}×{}{} · {} credits", clip.model.str(), to_string(clip.quality),
                  static_cast<double>(clip.file->length.count()) / 1000, clip.file->width, clip.file->height,
                  clip.file->has_sound ? " · sound" : "", to_string(clip.price));
  for (auto const& [axis, value] : clip.labels) text += fmt::format(" · {} {}", axis, value);
  for (std::string const& tag : clip.tags) text += " · " + tag;
  return text;
}

std::string warning_of(ReviewLine const& line, review::Review const& review) {
  if (line.clip.status == report::ClipStatus::mismatched) return "Not as ordered: " + line.clip.why;
  auto const other = review.verdicts.find(line.take());
  if (other == review.verdicts.end() || line.verdict(review) != nullptr) return "";
  return fmt::format("Another clip of this take was {} by {}; a verdict here takes its place.",
                     to_string(other->second.ruling),
                     other->second.by.empty() ? "nobody named" : other->second.by);
}

/// Tells what stands in the take's place from what another may put there; nothing has the empty mark.
std::string mark_of(ReviewLine const& line, review::Review const& review) {
  auto const stands = review.verdicts.find(line.take());
  if (stands == review.verdicts.end()) return "";
  review::Verdict const& verdict = stands->second;
  json const whole = {
      to_string(verdict.ruling), verdict.note, verdict.prompt, verdict.by, format_rfc3339(verdict.at),
      verdict.clip.sha256.str()};
  return sha256_hex(to_text(whole));
}

/// What the page said of a clip; empty: it takes its verdict back.
struct Said {
  std::size_t clip = 0;
  std::string seen;  ///< the mark of the verdict that the person had before them
  std::optional<review::Ruling> ruling;
  std::string note;
  std::string prompt;
};

Result<Said> said_in(std::string_view text) {
  json const in = json::parse(text, nullptr, false);
  try {
    if (!in.at("clip").is_number_unsigned()) return fail(Code::usage, "there is no such clip");
    Said said{.clip = in.at("clip").get<std::size_t>(),
              .seen = in.at("seen").get<std::string>(),
              .ruling = review::parse_ruling(in.at("verdict").get<std::string>()),
              .note = in.at("note").get<std::string>(),
              .prompt = in.at("prompt").get<std::string>()};
    if (!said.ruling && in.at("verdict") != "undecided") return fail(Code::usage, "there is no such verdict");
    if (said.note.size() > words_most || said.prompt.size() > words_most)
      return fail(Code::too_large, "notes and prompts have at most 10,000 bytes");
    return said;
  } catch (json::exception const&) {
    return fail(Code::usage, "that is no verdict");
  }
}

}  // namespace

Checked<void> RunDesk::read() {
  auto review = file_.read();
  if (!review) return tl::unexpected{review.error()};
  review_ = *std::move(review);
  return {};
}

std::string RunDesk::state() {
  json clips = json::array();
  for (std::size_t i = 0; i < count(); ++i) {
    ReviewLine const& line = at(i);
    review::Verdict const* const verdict = line.verdict(review_);
    clips.push_back({{"number", i},
                     {"task", line.clip.task},
                     {"take", line.clip.take},
                     {"title", to_string(line.take())},
                     {"facts", facts_of(line.clip)},
                     {"poster", !line.clip.file->poster.empty()},
                     {"filmstrip", !line.clip.file->filmstrip.empty()},
                     {"warning", warning_of(line, review_)},
                     {"kept_from", i < lines_.size() ? "" : line.made_by.str()},
                     {"has_shots", line.has_shots()},
                     {"made_from", line.clip.request.prompt},
                     {"verdict", verdict == nullptr ? "undecided" : to_string(verdict->ruling)},
                     {"note", verdict == nullptr ? "" : verdict->note},
                     {"prompt", verdict == nullptr ? "" : verdict->prompt},
                     {"mark", mark_of(line, review_)},
                     {"by", verdict == nullptr ? "" : verdict->by},
                     {"at", verdict == nullptr ? "" : format_rfc3339(verdict->at)}});
  }
  ReviewSums const sums = sums_of(lines_, review_);
  return to_text({{"campaign", run_.head().campaign},
                  {"file", file_.path().string()},
                  {"accepted", sums.accepted + sums_of(kept_, review_).accepted},
                  {"rejected", sums.rejected},
                  {"undecided", sums.undecided},
                  {"retake", report::amount_json(sums.retake)},
                  {"retake_usd", approximate_usd(sums.retake, run_.head().usd_rate)},
                  {"clips", std::move(clips)}});
}

Result<void> RunDesk::rule(std::string_view verdict) {
  auto const said = said_in(verdict);
  if (!said) return fail(said.error());
  if (said->clip >= lines_.size())
    return fail(Code::not_found, said->clip < count() ? "that clip is of another run: review that one"
                                                      : "there is no such clip");
  ReviewLine const& line = lines_[said->clip];
  bool const rejected = said->ruling == review::Ruling::rejected;
  if (!said->prompt.empty() && (line.has_shots() || !rejected))
    return fail(Code::usage, "a new prompt is for a rejected clip that has no shots");
  auto changed = file_.change([&](review::Review& review) -> Result<void> {
    if (said->seen != mark_of(line, review))
      return fail(
          Code::busy,
          "another has ruled on this clip meanwhile; what they said is shown now, and what you say next "
          "takes its place");
    if (!said->ruling) {
      review.verdicts.erase(line.take());
      return {};
    }
    review.verdicts[line.take()] = {.ruling = *said->ruling,
                                    .note = said->note,
                                    .prompt = said->prompt,
                                    .by = reviewer_,
                                    .at = SystemClock{}.now(),
                                    .clip = line.seen()};
    return {};
  });
  if (!changed) {
    if (changed.error().front().code == Code::busy) std::ignore = read();  // shown with the refusal
    return fail(changed.error().front());
  }
  review_ = *std::move(changed);
  return {};
}

std::optional<std::filesystem::path> RunDesk::clip(std::size_t number) {
  if (number >= count()) return std::nullopt;
  return run_.output_dir() / at(number).clip.file->path;
}

std::optional<std::filesystem::path> RunDesk::poster(std::size_t number) {
  if (number >= count() || at(number).clip.file->poster.empty()) return std::nullopt;
  return run_.output_dir() / at(number).clip.file->poster;
}

std::optional<std::filesystem::path> RunDesk::filmstrip(std::size_t number) {
  if (number >= count() || at(number).clip.file->filmstrip.empty()) return std::nullopt;
  return run_.output_dir() / at(number).clip.file->filmstrip;
}

}  // namespace callsheet::cli
