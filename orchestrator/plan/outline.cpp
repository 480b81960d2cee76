#include "orchestrator/plan/outline.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::plan {

namespace {

using nlohmann::json;
using Key = std::pair<std::string_view, int>;

constexpr std::size_t piece_bytes = 60;

std::string text_of(json const& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// `at`, or a little before it: not in the middle of a character.
std::size_t character_at(std::string const& text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

/// Of a long text a piece, from shortly before `at`.
std::string piece_of(std::string const& text, std::size_t at) {
  constexpr std::size_t before = 20;
  std::size_t const begin = text.size() <= piece_bytes || at <= before ? 0 : character_at(text, at - before);
  std::size_t const end =
      text.size() - begin <= piece_bytes ? text.size() : character_at(text, begin + piece_bytes);
  return fmt::format("{}{}{}", begin > 0 ? "…" : "", text.substr(begin, end - begin),
                     end < text.size() ? "…" : "");
}

/// Both values, where they begin to differ.
std::string change_of(json const& before, json const& after) {
  std::string const a = text_of(before);
  std::string const b = text_of(after);
  auto const same =
      static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  return fmt::format("{} -> {}", piece_of(a, same), piece_of(b, same));
}

std::string_view or_none(std::string_view text) {
  return text.empty() ? "none" : text;
}

json object_in(std::string const& text) {
  json parsed = json::parse(text, nullptr, false);
  return parsed.is_object() ? std::move(parsed) : json::object();
}

/// "duration 5 -> 8" for each member that differs; "limits.in_flight 5 -> 8" for those of a member.
void differences(json const& before, json const& after, std::string const& place,
                 std::vector<std::string>& found) {
  std::set<std::string> keys;
  for (json const* const side : {&before, &after})
    for (auto const& [key, value] : side->items()) keys.insert(key);
  for (std::string const& key : keys) {
    json const old_value = before.value(key, json(nullptr));
    json const new_value = after.value(key, json(nullptr));
    if (old_value == new_value) continue;
    if (old_value.is_object() && new_value.is_object())
      differences(old_value, new_value, place + key + ".", found);
    else
      found.push_back(fmt::format("{}{} {}", place, key, change_of(old_value, new_value)));
  }
}

using Clips = std::map<std::string_view, OutlinedTask const*>;  ///< by identity

/// Elements by the names of the tasks that make them; an id of the gateway's stands for itself.
std::string elements_in_words(json const& request, Clips const& clips) {
  std::string text;
  for (json const& element : request.value("elements", json::array())) {
    std::string word = text_of(element);
    if (element.is_object() && element.contains("element")) {
      word = text_of(element.at("element"));
      if (auto const own = clips.find(word); own != clips.end()) word = own->second->name;
    }
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

std::vector<std::string> request_differences(OutlinedTask const& before, OutlinedTask const& after,
                                             Clips const& old_clips, Clips const& new_clips) {
  json a = object_in(before.request);
  json b = object_in(after.request);
  std::vector<std::string> found;
  if (a.value("elements", json()) != b.value("elements", json())) {
    std::string const was = elements_in_words(a, old_clips);
    std::string const is = elements_in_words(b, new_clips);
    found.push_back(was == is ? fmt::format("elements made anew: {}", is)
                              : fmt::format("elements {} -> {}", or_none(was), or_none(is)));
    a.erase("elements");
    b.erase("elements");
  }
  differences(a, b, "", found);
  return found;
}

/// Amounts as people write them.
void spell_out(json& budget) {
  for (auto& [key, value] : budget.items())
    if (value.is_number_integer())
      value = to_string(Credits::from_units(value.get<std::int64_t>())) + " credits";
}

std::vector<std::string> term_differences(std::string const& before, std::string const& after) {
  std::vector<std::string> found;
  json a = object_in(before);
  json b = object_in(after);
  for (json* const side : {&a, &b}) {
    // Where the files go may differ from machine to machine, and tasks are compared one by one.
    side->erase("output_dir");
    side->erase("tasks_digest");
    if (auto budget = side->find("budget"); budget != side->end()) spell_out(*budget);
  }
  differences(a, b, "", found);
  return found;
}

std::string price_text(OutlinedPrice const& price) {
  return fmt::format("{} at {} for {} credits", price.model.str(), to_string(price.quality),
                     to_string(price.expected));
}

std::string price_change(OutlinedTask const& before, OutlinedTask const& after) {
  if (before.prices.front() == after.prices.front()) return "other fallbacks, or at other prices";
  return fmt::format("{} -> {}", price_text(before.prices.front()), price_text(after.prices.front()));
}

std::vector<std::string> changes(OutlinedTask const& before, OutlinedTask const& after,
                                 Clips const& old_clips, Clips const& new_clips) {
  std::vector<std::string> what = request_differences(before, after, old_clips, new_clips);
  if (what.empty()) what.emplace_back("other qualities to fall back to");
  return what;
}

std::map<Key, OutlinedTask const*> by_name(Outline const& outline) {
  std::map<Key, OutlinedTask const*> tasks;
  for (OutlinedTask const& task : outline.tasks) tasks.emplace(Key{task.name, task.take}, &task);
  return tasks;
}

Clips by_identity(Outline const& outline) {
  Clips tasks;
  for (OutlinedTask const& task : outline.tasks) tasks.emplace(task.identity.str(), &task);
  return tasks;
}

std::string title(OutlinedTask const& task) {
  return task.take == 1 ? task.name : fmt::format("{} (take {})", task.name, task.take);
}

}  // namespace

void OutlinedTask::take_as(std::string_view known_as) {
  known = known_as;
  to_buy = known == known_new || known == known_file_gone;
}

OutlineDifference compare(Outline const& before, Outline const& after) {
  OutlineDifference difference;
  auto const old_names = by_name(before);
  auto const old_clips = by_identity(before);
  auto const new_clips = by_identity(after);
  bool const old_clips_count = !after.fresh && before.gateway == after.gateway;
  std::set<std::string_view> replaced;  // clips of the old plan that another took the place of
  for (OutlinedTask const& task : after.tasks) {
    Credits const price = task.prices.front().expected;
    difference.cost_after += price;
    auto const same_clip = old_clips.find(task.identity.str());
    if (task.to_buy && (same_clip == old_clips.end() || !old_clips_count)) {
      ++difference.to_buy;
      difference.new_spend += price;
    }
    auto const same_name = old_names.find({task.name, task.take});
    if (same_name != old_names.end() && same_name->second->identity == task.identity) {
      OutlinedTask const& old = *same_name->second;
      if (old.prices == task.prices)
        ++difference.same;
      else
        difference.repriced.push_back({old, task, {price_change(old, task)}});
    } else if (same_clip != old_clips.end()) {
      difference.renamed.push_back({*same_clip->second, task, {}});
    } else if (same_name != old_names.end() && !new_clips.contains(same_name->second->identity.str())) {
      difference.changed.push_back(
          {*same_name->second, task, changes(*same_name->second, task, old_clips, new_clips)});
      replaced.insert(same_name->second->identity.str());
    } else {
      difference.added.push_back(task);
    }
  }
  for (OutlinedTask const& task : before.tasks) {
    difference.cost_before += task.prices.front().expected;
    if (!new_clips.contains(task.identity.str()) && !replaced.contains(task.identity.str()))
      difference.removed.push_back(task);
  }
  return difference;
}

std::vector<std::string> moved(Outline const& pinned, Outline const& now) {
  std::vector<std::string> found;
  if (pinned.gateway != now.gateway)
    found.push_back(fmt::format("gateway {} -> {}", pinned.gateway, now.gateway));
  for (std::string& change : term_differences(pinned.terms, now.terms)) found.push_back(std::move(change));
  OutlineDifference const tasks = compare(pinned, now);
  for (OutlinedTask const& task : tasks.added) found.push_back(fmt::format("{}: added", title(task)));
  for (OutlinedTask const& task : tasks.removed) found.push_back(fmt::format("{}: gone", title(task)));
  for (OutlineChange const& change : tasks.renamed)
    found.push_back(fmt::format("{}: now {}", title(change.before), title(change.after)));
  for (auto const* const changes : {&tasks.changed, &tasks.repriced})
    for (OutlineChange const& change : *changes)
      found.push_back(fmt::format("{}: {}", title(change.after), fmt::join(change.what, "; ")));
  auto const before = by_name(pinned);
  for (OutlinedTask const& task : now.tasks) {
    auto const old = before.find({task.name, task.take});
    if (old == before.end()) continue;
    // Brought home since: nothing is bought for it, now as then.
    bool const came_home = old->second->known == "outstanding" && task.known == "made";
    if (old->second->known != task.known && !came_home)
      found.push_back(fmt::format("{}: was {}, is {}", title(task), old->second->known, task.known));
    if (old->second->output != task.output)
      found.push_back(fmt::format("{}: file {} -> {}", title(task), old->second->output, task.output));
    if (old->second->deadline != task.deadline)
      found.push_back(fmt::format("{}: deadline {} -> {}", title(task), or_none(old->second->deadline),
                                  or_none(task.deadline)));
  }
  return found;
}

bool is_carried_out(Outline const& pinned, Outline const& now) {
  if (now.tasks.empty()) return false;
  Outline as_it_was = pinned;
  for (OutlinedTask& task : as_it_was.tasks) task.known = "made";
  return std::all_of(now.tasks.begin(), now.tasks.end(),
                     [](OutlinedTask const& task) { return task.known == "made"; }) &&
         moved(as_it_was, now).empty();
}

std::vector<std::string> moved(std::vector<PinnedInput> const& pinned, std::vector<PinnedInput> const& now) {
  std::map<std::string_view, ContentDigest const*> before;
  for (PinnedInput const& input : pinned) before.emplace(input.url, &input.content);
  std::vector<std::string> found;
  for (PinnedInput const& input : now)
    if (auto const old = before.find(input.url); old != before.end() && *old->second != input.content)
      found.push_back(fmt::format("{}: other content", input.url));
  return found;
}

}  // namespace callsheet::plan
