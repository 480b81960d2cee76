#pragma once

#include "orchestrator/manifest/expand.hpp"
#include "orchestrator/manifest/media_input.hpp"

#include <optional>
#include <string>

namespace callsheet::manifest {

/// Makes one task from its template and one combination of the matrix. Values that came out wrong are told at
/// the place of their template.
class TaskMaker {
 public:
  /// Refers to all its arguments.
  TaskMaker(Campaign const& campaign, TaskTemplate const& source, Bindings const& bindings,
            ErrorList& errors);

  /// The task at take 1, without its output; empty when something was wrong.
  [[nodiscard]] std::optional<ExpandedTask> make();
  [[nodiscard]] int takes() const { return takes_; }
  /// Sets `task.output` for its take; false when there is no safe path.
  bool place_output(ExpandedTask& task);

 private:
  void complain(Place place, std::string what, std::string mend = {});
  [[nodiscard]] std::string text(TaskKey key);
  [[nodiscard]] int integer(TaskKey key, int fallback, int least, int most);
  [[nodiscard]] std::optional<std::chrono::seconds> seconds(Template const& text, std::string_view name);
  [[nodiscard]] std::optional<MediaInput> input(Template const& given, InputKind kind);
  [[nodiscard]] std::optional<MediaInput> input(TaskKey key, InputKind kind);
  void inputs(Request& request);
  void elements(Request& request);
  [[nodiscard]] std::int64_t value();
  void name(ExpandedTask& task);
  void mode(Request& request);
  void look(ExpandedTask& task);
  void sound(Request& request);
  void shots(Request& request);
  void tags(ExpandedTask& task);
  void deadline(ExpandedTask& task);
  void describe(ExpandedTask& task);

  Campaign const& campaign_;
  TaskTemplate const& source_;
  Bindings bindings_;
  ErrorList& errors_;
  std::string context_;
  std::string name_;
  int takes_ = 1;
  bool good_ = true;
};

}  // namespace callsheet::manifest
