#include "orchestrator/report/dispute.hpp"

#include "orchestrator/ledger/book.hpp"
#include "orchestrator/report/amount_json.hpp"
#include "orchestrator/report/clip_json.hpp"
#include "orchestrator/report/markdown_text.hpp"
#include "orchestrator/report/public_location.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::report {

namespace {

using nlohmann::json;

constexpr std::size_t words_most = 2600;  // a prompt, whole
constexpr std::string_view between_differences = "; ";

Credits billed_in(Dispute const& dispute) {
  Credits sum;
  for (TaskStory const& one : dispute.clips) sum += spend_of(one.clip).billed;
  return sum;
}

std::string time_or_dash(std::optional<TimePoint> const& at) {
  return at ? format_rfc3339(*at) : "–";
}

class Page {
 public:
  explicit Page(Dispute const& dispute) : dispute_{dispute} {}

  std::string write() && {
    head();
    int number = 0;
    for (TaskStory const& one : dispute_.clips) clip(++number, one);
    if (dispute_.left_out > 0)
      add("\n{} more clips of this run came other than ordered: `callsheet dispute {} TASK` writes one down.\n",
          dispute_.left_out, dispute_.head.run.str());
    return std::move(text_);
  }

 private:
  template <class... Values>
  void add(fmt::format_string<Values...> text, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), text, std::forward<Values>(values)...);
  }

  void head() {
    RunHead const& head = dispute_.head;
    std::size_t const n = dispute_.clips.size();
    bool const as_complaint =
        std::all_of(dispute_.clips.begin(), dispute_.clips.end(),
                    [](TaskStory const& one) { return one.clip.status == ClipStatus::mismatched; });
    if (as_complaint)
      add("# Complaint: {} clip{} not delivered as ordered\n\n", n, n == 1 ? "" : "s");
    else
      add("# What is known of {} clip{}\n\n", n, n == 1 ? "" : "s");
    add("- gateway: {}{}\n", markdown_words(head.gateway), is_rehearsal(head) ? " (no real money)" : "");
    add("- billed for {}: {} credits ({})\n", n == 1 ? "it" : "them", to_string(billed_in(dispute_)),
        markdown_words(approximate_usd(billed_in(dispute_), head.usd_rate)));
    add("- campaign {}, run {}, begun {}, prices {}\n", markdown_words(head.campaign),
        markdown_code(head.run.str()), format_rfc3339(head.started), markdown_words(head.catalog_name));
    add("- written by callsheet {} from its ledger; times are UTC\n", markdown_words(head.program_version));
  }

  void clip(int number, TaskStory const& story) {
    ClipLine const& clip = story.clip;
    add("\n## {}. {} · take {}\n\n", number, markdown_words(clip.task), clip.take);
    for (std::string const& complaint : complaints_of(clip)) add("- **{}**\n", markdown_words(complaint));
    add("\n| | ordered | came |\n| --- | --- | --- |\n");
    facts(clip);
    attempts(story);
    request(clip.request);
    entries(story.entries);
  }

  void facts(ClipLine const& clip) {
    Request const& ordered = clip.request;
    bool const there = clip.file.has_value();
    ClipFile const file = clip.file.value_or(ClipFile{});
    auto const row = [&](char const* name, std::string const& asked, std::string const& came) {
      add("| {} | {} | {} |\n", name, asked, there ? came : "nothing");
    };
    row("length", fmt::format("{} s", ordered.duration.count()),
        fmt::format("{}.{:03} s", file.length.count() / 1000, file.length.count() % 1000));
    row("quality", std::string{to_string(clip.quality)}, fmt::format("{} × {}", file.width, file.height));
    row("ratio",
        ordered.aspect_ratio ? to_string(*ordered.aspect_ratio) : "as the first frame, or the model's own",
        fmt::format("{} × {}", file.width, file.height));
    row("sound", std::string{to_string(ordered.sound)}, file.has_sound ? "a sound track" : "no sound track");
    if (!there) return;
    add("\nThe file: {}, {} bytes", markdown_code(file.path), file.size_bytes);
    if (!file.sha256.empty()) add(", SHA-256 {}", markdown_code(file.sha256.str()));
    add("\n");
  }

  void attempts(TaskStory const& story) {
    add("\n| task id | model | submitted | taken | ended | outcome | price | billed |\n"
        "| --- | --- | --- | --- | --- | --- | ---: | ---: |\n");
    for (AttemptLine const& one : story.clip.attempts) {
      std::string outcome{in_words(one.state)};
      if (one.failure)
        outcome += fmt::format(": {} {} {}", in_words(one.failure->kind), one.failure->code,
                               one.failure->request_id);
      add("| {} | {} {} | {} | {} | {} | {} | {} | {}{} |\n",
          one.task_id.empty() ? "–" : markdown_code(one.task_id.str()), markdown_code(one.model.str()),
          to_string(one.quality), format_rfc3339(one.submitted), time_or_dash(one.accepted),
          time_or_dash(one.ended), markdown_words(outcome), price_of(story, one), to_string(one.billed),
          one.billed_by ? fmt::format(" ({})", how_known(*one.billed_by)) : "");
    }
    if (story.route && !story.route->candidates.empty())
      add("\nPlanned: {} at {} for {} credits.\n", markdown_code(story.route->candidates.front().model.str()),
          to_string(story.route->candidates.front().quality),
          to_string(story.route->candidates.front().expected));
  }

  /// By the price list, for that request at that model.
  static std::string price_of(TaskStory const& story, AttemptLine const& attempt) {
    if (story.route)
      for (plan::Candidate const& one : story.route->candidates)
        if (one.model == attempt.model && one.quality == attempt.quality) return to_string(one.expected);
    return "–";
  }

  static std::string_view how_known(BilledBy by) {
    switch (by) {
      case BilledBy::told:
        return "as the gateway said";
      case BilledBy::request:
        return "by the price list";
      case BilledBy::length:
        return "by the clip's length";
      case BilledBy::hand:
        return "by hand";
    }
    return "";
  }

  void request(Request const& request) {
    add("\nThe request: {}, {} s, {}, sound {}{}\n\n", to_string(request.mode), request.duration.count(),
        to_string(request.quality), to_string(request.sound),
        request.aspect_ratio ? ", " + to_string(*request.aspect_ratio) : "");
    auto const line = [&](char const* name, std::string const& value) {
      if (!value.empty()) add("- {}: {}\n", name, markdown_words(value, words_most));
    };
    line("prompt", request.prompt);
    for (Shot const& shot : request.shots)
      line("shot", fmt::format("{} s: {}", shot.duration.count(), shot.prompt));
    line("negative prompt", request.negative_prompt);
    for (MediaInput const& input : inputs_of(request))
      add("- made from: {}{}\n", markdown_code(public_location(input)),
          input.digest.empty() ? "" : fmt::format(", SHA-256 {}", markdown_code(input.digest.str())));
    for (Element const& element : request.elements) line("element", element.id);
  }

  void entries(std::vector<ledger::Entry> const& entries) {
    if (entries.empty()) return;
    add("\n| when | attempt | from | to | credits | why |\n| --- | --- | --- | --- | ---: | --- |\n");
    for (ledger::Entry const& one : entries)
      add("| {} | {} | {} | {} | {} | {} |\n", format_rfc3339(one.at), to_string(one.attempt),
          markdown_words(ledger::to_string(one.from)), markdown_words(ledger::to_string(one.to)),
          to_string(one.amount), markdown_words(one.reason));
  }

  Dispute const& dispute_;
  std::string text_;
};

json clip_of(TaskStory const& story) {
  std::string text;
  JsonWriter writer{text};
  write_json(story.clip, writer);
  json entries = json::array();
  for (ledger::Entry const& entry : story.entries) entries.push_back(entry_json(entry));
  return {{"clip", json::parse(text)},
          {"complaints", complaints_of(story.clip)},
          {"entries", std::move(entries)}};
}

}  // namespace

std::vector<std::string> complaints_of(ClipLine const& clip) {
  if (clip.status != ClipStatus::mismatched)
    return {clip.why.empty() ? std::string{in_words(clip.status)} : clip.why};
  std::vector<std::string> complaints;
  std::string_view rest = clip.why;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = rest.find(between_differences);
    complaints.emplace_back(rest.substr(0, end));
    if (end != std::string_view::npos) rest.remove_prefix(end + between_differences.size());
  }
  return complaints;
}

std::string dispute_markdown(Dispute const& dispute) {
  return Page{dispute}.write();
}

json dispute_json(Dispute const& dispute) {
  json clips = json::array();
  for (TaskStory const& one : dispute.clips) clips.push_back(clip_of(one));
  RunHead const& head = dispute.head;
  return {{"billed", amount_json(billed_in(dispute))},
          {"campaign", head.campaign},
          {"catalog", head.catalog_name},
          {"clips", std::move(clips)},
          {"gateway", head.gateway},
          {"left_out", dispute.left_out},
          {"program_version", head.program_version},
          {"real_money", !is_rehearsal(head)},
          {"run", head.run.str()},
          {"schema", 1},
          {"started", format_rfc3339(head.started)}};
}

}  // namespace callsheet::report
