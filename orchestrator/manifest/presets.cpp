#include "orchestrator/manifest/presets.hpp"

#include "orchestrator/manifest/suggest.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

bool later(Place const& a, Place const& b) {
  return std::tie(a.file, a.line, a.column) > std::tie(b.file, b.line, b.column);
}

void stretch(PresetSpan& span, Node const& node) {
  if (later(node.place, span.last)) span.last = node.place;
  for (Node const& item : node.items) stretch(span, item);
  for (Entry const& entry : node.entries) {
    if (later(entry.place, span.last)) span.last = entry.place;
    stretch(span, entry.value);
  }
}

}  // namespace

Presets::Presets(Node const* presets, Document const& document, ErrorList& errors)
    : presets_{presets}, document_{document}, errors_{errors} {}

std::vector<Node const*> Presets::below(Node const& taker) const {
  std::vector<std::string> path;
  std::vector<Node const*> layers;
  add(taker, path, layers);
  return layers;
}

void Presets::add(Node const& taker, std::vector<std::string>& path, std::vector<Node const*>& layers) const {
  Node const* const use = taker.find("use");
  if (use == nullptr) return;
  bool full = false;
  auto const one = [&](Node const& name) {
    Node const* const preset = presets_ == nullptr ? nullptr : presets_->find(name.text);
    if (preset == nullptr) {
      std::vector<std::string> known;
      if (presets_ != nullptr)
        for (Entry const& entry : presets_->entries) known.push_back(entry.key);
      return errors_.add(document_.error(
          name.place, fmt::format("there is no preset `{}`", name.text),
          known.empty() ? fmt::format("say what it is at the left margin: `presets: {{{}: {{duration: 5}}}}`",
                                      name.text)
                        : mend_with_choices(name.text, known)));
    }
    if (std::find(path.begin(), path.end(), name.text) != path.end())
      return errors_.add(document_.error(
          name.place,
          fmt::format("preset `{}` uses itself: {}, {}", name.text, fmt::join(path, ", "), name.text),
          "leave one of these `use` out"));
    if (layers.size() + path.size() >= layers_max) {
      full = true;
      return errors_.add(document_.error(name.place,
                                         fmt::format("more than {} presets come together here", layers_max),
                                         "let presets use fewer others"));
    }
    path.push_back(name.text);
    add(*preset, path, layers);
    path.pop_back();
    layers.push_back(preset);
  };
  if (use->kind != NodeKind::list) return one(*use);
  for (Node const& name : use->items) {
    one(name);
    if (full) return;
  }
}

std::vector<PresetSpan> spans_of(Node const* presets) {
  std::vector<PresetSpan> spans;
  if (presets == nullptr) return spans;
  for (Entry const& entry : presets->entries) {
    PresetSpan span{.first = entry.place, .last = entry.place};
    stretch(span, entry.value);
    spans.push_back(span);
  }
  return spans;
}

std::string context_at(Place place, std::vector<PresetSpan> const& presets, std::string_view task,
                       std::string const& combination) {
  bool const shared = std::any_of(presets.begin(), presets.end(), [&](PresetSpan const& span) {
    return !later(span.first, place) && !later(place, span.last);
  });
  if (!shared) return combination;
  if (combination.empty()) return fmt::format(" (task {})", task);
  return fmt::format(" (task {}, {}", task, combination.substr(combination.find('(') + 1));
}

}  // namespace callsheet::manifest
