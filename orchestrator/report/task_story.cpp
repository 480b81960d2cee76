#include "orchestrator/report/task_story.hpp"

#include "orchestrator/ledger/book.hpp"
#include "orchestrator/report/amount_json.hpp"
#include "orchestrator/report/printable.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::report {

namespace {

using nlohmann::json;

std::string failure_text(Failure const& failure) {
  std::string text{in_words(failure.kind)};
  if (!failure.code.empty()) text += fmt::format(" ({})", failure.code);
  if (!failure.message.empty()) text += ": " + failure.message;
  if (!failure.request_id.empty()) text += fmt::format(" [request {}]", failure.request_id);
  return text;
}

std::string_view bill_source(BilledBy by) {
  switch (by) {
    case BilledBy::told:
      return "as the gateway said";
    case BilledBy::request:
      return "by the price list, which is final for this model";
    case BilledBy::length:
      return "by the price list and the length of the clip";
    case BilledBy::hand:
      return "as a person said";
  }
  return "";
}

class Story {
 public:
  explicit Story(TaskStory const& from) : from_{from} {}

  std::vector<Happening> tell() && {
    for (AttemptLine const& attempt : from_.clip.attempts) tell(attempt);
    for (ledger::Entry const& entry : from_.entries)
      add(entry.at, entry.attempt,
          fmt::format("{} credits from {} to {}: {}", to_string(entry.amount), in_words(entry.from),
                      in_words(entry.to), entry.reason));
    // The store keeps whole milliseconds: at the same one, first what was decided, then what moved.
    std::stable_sort(told_.begin(), told_.end(),
                     [](Happening const& a, Happening const& b) { return a.at < b.at; });
    return std::move(told_);
  }

 private:
  void tell(AttemptLine const& attempt) {
    std::string sent = fmt::format("submitted to {} at {}, with at most {} credits held before",
                                   attempt.model.str(), to_string(attempt.quality), to_string(attempt.most));
    if (!attempt.why.empty()) sent += fmt::format("; this model because {}", attempt.why);
    if (!attempt.waited.empty()) sent += fmt::format("; it had waited for {}", attempt.waited);
    add(attempt.submitted, attempt.key, std::move(sent));
    if (attempt.accepted)
      add(*attempt.accepted, attempt.key, fmt::format("taken by the gateway as {}", attempt.task_id.str()));
    std::string outcome{in_words(attempt.state)};
    if (attempt.failure) outcome += ": " + failure_text(*attempt.failure);
    if (attempt.billed_by) outcome += fmt::format("; billed {}", bill_source(*attempt.billed_by));
    if (!attempt.then.empty()) outcome += "; then: " + attempt.then;
    TimePoint const latest = std::max(attempt.submitted, attempt.accepted.value_or(attempt.submitted));
    if (attempt.ended || attempt.state == AttemptState::in_doubt)
      add(attempt.ended.value_or(latest), attempt.key, std::move(outcome));
  }

  static std::string_view in_words(ledger::Account account) {
    return account == ledger::Account::refund_expected ? "refund expected" : ledger::to_string(account);
  }
  static std::string_view in_words(AttemptState state) { return report::in_words(state); }

  void add(TimePoint at, AttemptKey attempt, std::string what) {
    told_.push_back({.at = at, .attempt = attempt, .what = std::move(what)});
  }

  TaskStory const& from_;
  std::vector<Happening> told_;
};

std::string asked_for(ClipLine const& clip) {
  Request const& request = clip.request;
  if (is_element(clip))
    return fmt::format("an element of {}: {}",
                       request.video ? "a video" : fmt::format("{} pictures", request.images.size()),
                       printable(request.prompt));
  std::string text =
      fmt::format("{}, {} s at {}, sound {}", to_string(request.mode), request.duration.count(),
                  to_string(request.quality), to_string(request.sound));
  if (request.aspect_ratio) text += fmt::format(", {}", to_string(*request.aspect_ratio));
  if (!request.shots.empty()) text += fmt::format(", {} shots", request.shots.size());
  return text;
}

std::string came_to(ClipLine const& clip) {
  std::string text{in_words(clip.status)};
  if (!clip.element.empty()) text += fmt::format(": {}", clip.element);
  if (clip.file)
    text += fmt::format(": {} ({}x{}, {})", clip.file->path, clip.file->width, clip.file->height,
                        format_duration(clip.file->length));
  if (!clip.made_by.empty()) text += fmt::format(", bought by run {}", clip.made_by.str());
  if (!clip.why.empty()) text += fmt::format(": {}", clip.why);
  return text;
}

std::string money(ClipLine const& clip) {
  Spend const spend = spend_of(clip);
  return fmt::format("{} credits billed, {} held, {} expected back", to_string(spend.billed),
                     to_string(spend.held), to_string(spend.refund_expected));
}

std::string route_text(plan::Route const& route) {
  std::string text;
  int place = 0;
  for (plan::Candidate const& one : route.candidates) {
    text += fmt::format("  {:<11} {}. {} at {}: {} credits", place == 0 ? "may go to" : "", place + 1,
                        one.model.str(), to_string(one.quality), to_string(one.expected));
    if (one.most != one.expected) text += fmt::format(", at most {}", to_string(one.most));
    text += '\n';
    ++place;
  }
  for (plan::LeftOut const& one : route.left_out)
    text += fmt::format("  {:<11} {}: {}\n", "not to", one.model.str(), printable(one.why));
  return text;
}

json route_json(plan::Route const& route) {
  json candidates = json::array();
  for (plan::Candidate const& one : route.candidates)
    candidates.push_back({{"model", one.model.str()},
                          {"quality", to_string(one.quality)},
                          {"expected", amount_json(one.expected)},
                          {"most", amount_json(one.most)}});
  json left_out = json::array();
  for (plan::LeftOut const& one : route.left_out)
    left_out.push_back({{"model", one.model.str()}, {"why", one.why}});
  return {{"candidates", std::move(candidates)}, {"left_out", std::move(left_out)}};
}

}  // namespace

std::vector<Happening> happenings(TaskStory const& story) {
  return Story{story}.tell();
}

std::string story_text(RunHead const& head, TaskStory const& story) {
  ClipLine const& clip = story.clip;
  std::string text = fmt::format("{} · take {} · run {} of {}\n", printable(clip.task), clip.take,
                                 head.run.str(), printable(head.campaign));
  auto const line = [&text](std::string_view what, std::string const& value) {
    text += fmt::format("  {:<11} {}\n", what, printable(value));
  };
  line("asked for", asked_for(clip));
  if (story.route) text += route_text(*story.route);
  line("came to", came_to(clip));
  if (!clip.mend.empty()) line("to do", clip.mend);
  line("money", money(clip));
  std::vector<Happening> const told = happenings(story);
  if (told.empty()) return text + "  nothing was submitted\n";
  text += '\n';
  for (Happening const& one : told)
    text += fmt::format("  {}  attempt {:<6} {}\n", format_rfc3339(one.at), to_string(one.attempt),
                        printable(one.what));
  return text;
}

json entry_json(ledger::Entry const& entry) {
  return {{"at", format_rfc3339(entry.at)},      {"attempt", to_string(entry.attempt)},
          {"from", to_string(entry.from)},       {"to", to_string(entry.to)},
          {"amount", amount_json(entry.amount)}, {"reason", entry.reason}};
}

json story_json(RunHead const& head, TaskStory const& story) {
  ClipLine const& clip = story.clip;
  Spend const spend = spend_of(clip);
  json happened = json::array();
  for (Happening const& one : happenings(story))
    happened.push_back(
        {{"at", format_rfc3339(one.at)}, {"attempt", to_string(one.attempt)}, {"what", one.what}});
  json entries = json::array();
  for (ledger::Entry const& entry : story.entries) entries.push_back(entry_json(entry));
  return {{"run", head.run.str()},
          {"task", clip.task},
          {"take", clip.take},
          {"identity", clip.identity.str()},
          {"status", to_string(clip.status)},
          {"why", clip.why},
          {"mend", clip.mend},
          {"billed", amount_json(spend.billed)},
          {"held", amount_json(spend.held)},
          {"refund_expected", amount_json(spend.refund_expected)},
          {"route", story.route ? route_json(*story.route) : json(nullptr)},
          {"happened", std::move(happened)},
          {"entries", std::move(entries)}};
}

}  // namespace callsheet::report
