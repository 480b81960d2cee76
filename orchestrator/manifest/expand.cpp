#include "orchestrator/manifest/expand.hpp"

#include "orchestrator/manifest/make_task.hpp"
#include "orchestrator/manifest/twins.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

/// Indexes into Axis::values, one for each axis.
using Combination = std::vector<std::uint32_t>;

std::string const& value_for(Axis const& axis, std::uint32_t index, Condition const& condition) {
  AxisValue const& value = axis.values[index];
  return condition.column ? value.cells[*condition.column] : value.text;
}

bool holds(Conditions const& conditions, Matrix const& matrix, Combination const& combination) {
  return std::all_of(conditions.begin(), conditions.end(), [&](Condition const& condition) {
    return value_for(matrix.axes[condition.axis], combination[condition.axis], condition) == condition.value;
  });
}

/// Steps to the next combination, last axis fastest; false after the last.
bool advance(Combination& combination, std::vector<std::vector<std::uint32_t>> const& choices,
             std::vector<std::size_t>& at) {
  for (std::size_t axis = choices.size(); axis-- > 0;) {
    at[axis] = at[axis] + 1 < choices[axis].size() ? at[axis] + 1 : 0;
    combination[axis] = choices[axis][at[axis]];
    if (at[axis] > 0) return true;
  }
  return false;
}

/// Calls `visit` for every combination of one choice per axis, as long as it returns true.
template <class Visit>
void for_each_choice(std::vector<std::vector<std::uint32_t>> const& choices, Visit&& visit) {
  Combination combination;
  for (auto const& axis : choices) {
    if (axis.empty()) return;
    combination.push_back(axis.front());
  }
  std::vector<std::size_t> at(choices.size(), 0);
  do {
    if (!visit(combination)) return;
  } while (advance(combination, choices, at));
}

std::vector<std::vector<std::uint32_t>> product_choices(Matrix const& matrix) {
  std::vector<std::vector<std::uint32_t>> choices(matrix.axes.size());
  for (std::size_t axis = 0; axis < choices.size(); ++axis)
    for (std::uint32_t i = 0; i < matrix.axes[axis].in_product; ++i) choices[axis].push_back(i);
  return choices;
}

/// What an `include` entry adds: its own values where it names an axis, all of the matrix's elsewhere.
std::vector<std::vector<std::uint32_t>> included_choices(Matrix const& matrix, Conditions const& conditions) {
  auto choices = product_choices(matrix);
  for (std::uint32_t axis = 0; axis < choices.size(); ++axis) {
    bool const named =
        std::any_of(conditions.begin(), conditions.end(), [&](auto const& c) { return c.axis == axis; });
    if (!named) continue;
    choices[axis].clear();
    for (std::uint32_t i = 0; i < matrix.axes[axis].values.size(); ++i)
      if (std::all_of(conditions.begin(), conditions.end(), [&](Condition const& condition) {
            return condition.axis != axis || value_for(matrix.axes[axis], i, condition) == condition.value;
          }))
        choices[axis].push_back(i);
  }
  return choices;
}

bool in_product(Matrix const& matrix, Combination const& combination) {
  for (std::size_t axis = 0; axis < combination.size(); ++axis)
    if (combination[axis] >= matrix.axes[axis].in_product) return false;
  return std::none_of(matrix.exclude.begin(), matrix.exclude.end(),
                      [&](Conditions const& conditions) { return holds(conditions, matrix, combination); });
}

std::size_t product_size(std::vector<std::vector<std::uint32_t>> const& choices, std::size_t limit) {
  std::size_t size = 1;
  for (auto const& axis : choices) {
    size *= axis.size();
    if (size > limit) return limit + 1;
  }
  return size;
}

class Expander {
 public:
  Expander(Campaign const& campaign, TaskSink const& sink, ErrorList& errors, ExpandLimits limits)
      : campaign_{campaign}, sink_{sink}, errors_{errors}, limits_{limits} {}

  std::size_t run() {
    go_through();
    std::size_t const made = made_;
    bool const names_may_repeat = name_twins_.any();
    bool const outputs_may_repeat = output_twins_.any();
    if (stopped_ || (!names_may_repeat && !outputs_may_repeat)) return made;
    looking_for_twins_ = true;
    go_through();  // errors that were told are not told again
    return made;
  }

 private:
  void go_through() {
    made_ = 0;
    seen_.assign(campaign_.tasks.size(), {});
    Matrix const& matrix = campaign_.matrix;
    auto const choices = product_choices(matrix);
    if (product_size(choices, limits_.combinations_max) > limits_.combinations_max) {
      complain(matrix.axes.front().place,
               fmt::format("the matrix has more than {} combinations", limits_.combinations_max),
               "use fewer values, or split the campaign");
      return;
    }
    std::size_t combinations = 0;
    auto const take = [&](Combination const& combination) {
      if (++combinations > limits_.combinations_max)
        return complain(matrix.axes.front().place,
                        fmt::format("the matrix has more than {} combinations", limits_.combinations_max),
                        "use fewer values, or split the campaign");
      return make(combination);
    };
    for_each_choice(choices, [&](Combination const& c) { return !in_product(matrix, c) || take(c); });
    for (std::size_t i = 0; i < matrix.include.size() && !stopped_; ++i)
      for_each_choice(included_choices(matrix, matrix.include[i]), [&](Combination const& c) {
        bool const earlier =
            in_product(matrix, c) ||
            std::any_of(matrix.include.begin(), matrix.include.begin() + static_cast<std::ptrdiff_t>(i),
                        [&](Conditions const& other) { return holds(other, matrix, c); });
        return earlier || take(c);
      });
    if (combinations == 0 && !stopped_)
      complain(matrix.axes.front().place, "`exclude` leaves no combination of the matrix", "exclude fewer",
               Code::nothing_to_make);
  }

  bool complain(Place place, std::string what, std::string mend, Code code = Code::invalid_manifest) {
    errors_.add(campaign_.document->error(place, std::move(what), std::move(mend), code));
    stopped_ = true;
    return false;
  }

  bool make(Combination const& combination) {
    Bindings bindings;
    for (std::size_t axis = 0; axis < combination.size(); ++axis)
      bindings.axes.push_back(&campaign_.matrix.axes[axis].values[combination[axis]]);
    bindings.campaign = campaign_.name;
    for (std::size_t i = 0; i < campaign_.tasks.size() && !stopped_; ++i)
      if (first_of_its_kind(i, combination)) make_takes(campaign_.tasks[i], bindings);
    return !stopped_;
  }

  /// A task that leaves an axis out is made once for all its values.
  bool first_of_its_kind(std::size_t task, Combination const& combination) {
    auto const& axes = campaign_.tasks[task].axes;
    if (axes.size() == combination.size()) return true;
    std::string key;
    for (std::uint32_t const axis : axes)
      key.append(reinterpret_cast<char const*>(&combination[axis]), sizeof combination[axis]);
    return seen_[task].insert(std::move(key)).second;
  }

  void make_takes(TaskTemplate const& source, Bindings const& bindings) {
    TaskMaker maker{campaign_, source, bindings, errors_};
    std::optional<ExpandedTask> task = maker.make();
    if (!task || !name_is_free(*task)) {
      if (errors_.full()) stopped_ = true;
      return;
    }
    int const takes = maker.takes();
    for (int take = 1; take <= takes && !stopped_; ++take) {
      if (made_ == limits_.tasks_max) {
        complain(source.place, fmt::format("the campaign has more than {} tasks", limits_.tasks_max),
                 "use fewer combinations or takes, or split the campaign");
        return;
      }
      ExpandedTask one = *task;
      one.take = take;
      one.takes = takes;
      if (!maker.place_output(one) || !output_is_free(one)) return;
      ++made_;
      if (!looking_for_twins_) sink_(std::move(one));
    }
  }

  bool name_is_free(ExpandedTask const& task) {
    if (!looking_for_twins_) {
      name_twins_.note(task.name);
      return true;
    }
    if (!name_twins_.suspects(task.name)) return true;
    auto const [earlier, fresh] = names_.emplace(task.name, task.source);
    if (fresh) return true;
    Place const place = task.source->place_of(TaskKey::name);
    if (earlier->second == task.source) {
      errors_.add(campaign_.document->error(
          place, fmt::format("several tasks of this entry get the name `{}`{}", task.name, task.context),
          fmt::format("name what tells them apart: {}", axes_in_braces(*task.source))));
    } else {
      errors_.add(campaign_.document->error(
          place,
          fmt::format("the name `{}` is already taken by the task in {}", task.name,
                      campaign_.document->line_in_words(earlier->second->place, place)),
          "give one of them another name; for several versions of a clip use `takes`"));
    }
    return false;
  }

  std::string axes_in_braces(TaskTemplate const& source) const {
    std::string text;
    for (std::uint32_t const index : source.axes) {
      Axis const& axis = campaign_.matrix.axes[index];
      text += fmt::format("{}{{{{ {}{}{} }}}}", text.empty() ? "" : ", ", axis.name,
                          axis.columns.empty() ? "" : ".", axis.columns.empty() ? "" : axis.columns.front());
    }
    return text;
  }

  /// Some file systems do not tell "A.mp4" from "a.mp4": neither do we.
  bool output_is_free(ExpandedTask const& task) {
    std::string key = task.output.native();
    std::transform(key.begin(), key.end(), key.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (!looking_for_twins_) {
      output_twins_.note(key);
      return true;
    }
    if (!output_twins_.suspects(key) || outputs_.insert(std::move(key)).second) return true;
    Place const place = campaign_.output_file->place().line > 0 ? campaign_.output_file->place()
                                                                : task.source->place_of(TaskKey::name);
    errors_.add(campaign_.document->error(
        place,
        fmt::format("two clips would be written to `{}`, the second by task `{}` take {}",
                    task.output.string(), task.name, task.take),
        "make the file name unique: \"{{ task.name }}-{{ take }}.mp4\""));
    return false;
  }

  Campaign const& campaign_;
  TaskSink const& sink_;
  ErrorList& errors_;
  ExpandLimits limits_;
  std::vector<std::unordered_set<std::string>> seen_;
  Twins name_twins_;
  Twins output_twins_;
  bool looking_for_twins_ = false;
  std::unordered_map<std::string, TaskTemplate const*> names_;  ///< of suspects
  std::unordered_set<std::string> outputs_;                     ///< of suspects
  std::size_t made_ = 0;
  bool stopped_ = false;
};

}  // namespace

std::size_t expand(Campaign const& campaign, TaskSink const& sink, ErrorList& errors, ExpandLimits limits) {
  return Expander{campaign, sink, errors, limits}.run();
}

}  // namespace callsheet::manifest
