#pragma once

#include "orchestrator/manifest/document.hpp"
#include "orchestrator/manifest/error_list.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace callsheet::manifest {

/// The manifest's `presets`: what the name in a `use` stands for. Refers to all its arguments.
class Presets {
 public:
  /// `presets`: of the shape the schema lets through; null: there are none.
  Presets(Node const* presets, Document const& document, ErrorList& errors);

  /// What `taker` (a task, or the defaults) builds on: the presets it uses and those they use, lowest first,
  /// so that later ones win. A name nobody knows, and presets that use one another in a circle, are errors.
  [[nodiscard]] std::vector<Node const*> below(Node const& taker) const;

  static constexpr std::size_t layers_max = 100;

 private:
  void add(Node const& taker, std::vector<std::string>& path, std::vector<Node const*>& layers) const;

  Node const* presets_;
  Document const& document_;
  ErrorList& errors_;
};

/// Where a preset begins and ends.
struct PresetSpan {
  Place first;
  Place last;
};
[[nodiscard]] std::vector<PresetSpan> spans_of(Node const* presets);

/// What an error at `place` has to add to its message: `combination`, " (locale: de)", and where it stands in
/// one of the presets, which many use, the task it is an error for: " (task hero, locale: de)".
[[nodiscard]] std::string context_at(Place place, std::vector<PresetSpan> const& presets,
                                     std::string_view task, std::string const& combination);

}  // namespace callsheet::manifest
