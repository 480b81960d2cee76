#include "orchestrator/plan/task_choice.hpp"

#include "orchestrator/plan/router.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace callsheet::plan {

namespace {

bool share_one(std::vector<std::string> const& some, std::vector<std::string> const& others) {
  return std::any_of(some.begin(), some.end(), [&](std::string const& one) {
    return std::find(others.begin(), others.end(), one) != others.end();
  });
}

std::vector<std::string> sorted(std::set<std::string> const& words) {
  return {words.begin(), words.end()};
}

/// As it can be pasted into a shell.
std::string quoted(std::string const& word) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.,:/@%+=";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (char const c : word) text += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return text + "'";
}

}  // namespace

std::string to_flags(ChoiceWords const& words) {
  std::string text;
  for (std::string const& tag : words.tags) text += fmt::format(" --tag {}", quoted(tag));
  for (std::string const& name : words.names) text += fmt::format(" --only {}", quoted(name));
  if (words.sample > 0) text += fmt::format(" --sample {}", words.sample);
  return text.empty() ? text : text.substr(1);
}

Result<TaskChoice> TaskChoice::parse(ChoiceWords const& words) {
  std::set<std::string> any_tag_of;
  std::set<std::string> no_tag_of;
  for (std::string const& one : words.tags) {
    bool const leaves_out = one.starts_with('!');
    std::string tag = leaves_out ? one.substr(1) : one;
    if (tag.empty())
      return fail(Code::usage, fmt::format("--tag: there is no tag in '{}'", one),
                  "name one: `--tag hero`, or `--tag '!draft'` to leave it out");
    (leaves_out ? no_tag_of : any_tag_of).insert(std::move(tag));
  }
  if (std::find(words.names.begin(), words.names.end(), "") != words.names.end())
    return fail(Code::usage, "--only: there is no name in ''",
                "name a task, or several with `*`: `--only 'hero-*'`");
  TaskChoice choice;
  choice.any_tag_of_ = sorted(any_tag_of);
  choice.no_tag_of_ = sorted(no_tag_of);
  choice.names_ = sorted({words.names.begin(), words.names.end()});
  choice.sample_ = words.sample;
  return choice;
}

bool TaskChoice::takes(std::string_view name, std::vector<std::string> const& tags) const {
  bool const named =
      names_.empty() ||
      std::any_of(names_.begin(), names_.end(), [&](std::string const& glob) { return matches(glob, name); });
  return named && (any_tag_of_.empty() || share_one(any_tag_of_, tags)) && !share_one(no_tag_of_, tags);
}

ChoiceWords TaskChoice::words() const {
  ChoiceWords words{.tags = any_tag_of_, .names = names_, .sample = sample_};
  for (std::string const& tag : no_tag_of_) words.tags.push_back('!' + tag);
  return words;
}

}  // namespace callsheet::plan
