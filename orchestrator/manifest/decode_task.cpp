#include "orchestrator/manifest/decode_task.hpp"

#include "orchestrator/manifest/presets.hpp"

#include <set>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

struct KeyName {
  TaskKey key;
  std::string_view name;
};
constexpr std::array<KeyName, task_key_count> key_names{{{TaskKey::name, "name"},
                                                         {TaskKey::mode, "mode"},
                                                         {TaskKey::prompt, "prompt"},
                                                         {TaskKey::negative_prompt, "negative_prompt"},
                                                         {TaskKey::image_start, "image_start"},
                                                         {TaskKey::image_end, "image_end"},
                                                         {TaskKey::images, "images"},
                                                         {TaskKey::elements, "elements"},
                                                         {TaskKey::video, "video"},
                                                         {TaskKey::keep_sound, "keep_sound"},
                                                         {TaskKey::orientation, "orientation"},
                                                         {TaskKey::duration, "duration"},
                                                         {TaskKey::quality, "quality"},
                                                         {TaskKey::sound, "sound"},
                                                         {TaskKey::aspect_ratio, "aspect_ratio"},
                                                         {TaskKey::shots, "shots"},
                                                         {TaskKey::watermark, "watermark"},
                                                         {TaskKey::takes, "takes"},
                                                         {TaskKey::priority, "priority"},
                                                         {TaskKey::value, "value"},
                                                         {TaskKey::model, "model"},
                                                         {TaskKey::tags, "tags"},
                                                         {TaskKey::deadline, "deadline"}}};

class TaskDecoder {
 public:
  TaskDecoder(Document const& document, Presets const& presets, Scope const& scope, ErrorList& errors)
      : document_{document}, presets_{presets}, name_scope_{scope}, scope_{scope}, errors_{errors} {
    scope_.task_name = true;
  }

  TaskTemplate decode(Node const& node, TaskTemplate const& defaults) {
    TaskTemplate task = defaults;
    task.place = node.place;
    task.duration_is_own = false;
    for (Node const* const preset : presets_.below(node)) put(*preset, task);
    put(node, task);
    return task;
  }

 private:
  /// What `node` says, over what `task` has.
  void put(Node const& node, TaskTemplate& task) {
    for (auto const& [key, name] : key_names) {
      Node const* value = node.find(name);
      if (value == nullptr) continue;
      task.places[static_cast<std::size_t>(key)] = value->place;
      take(key, *value, task);
    }
    if (node.find("duration") != nullptr) {
      task.duration_is_own = true;
    } else if (node.find("shots") != nullptr && !task.shots.empty()) {
      // Shots say how long the clip is: an inherited duration would only get in their way.
      task.duration_is_own = false;
      task.texts[static_cast<std::size_t>(TaskKey::duration)].reset();
      task.places[static_cast<std::size_t>(TaskKey::duration)] = {};
    }
  }

  void take(TaskKey key, Node const& value, TaskTemplate& task) {
    switch (key) {
      case TaskKey::quality:
        list(value, task.qualities);
        return;
      case TaskKey::model:
        list(value, task.models);
        return;
      case TaskKey::images:
        list(value, task.images);
        return;
      case TaskKey::elements:
        list(value, task.elements);
        return;
      case TaskKey::tags:
        list(value, task.tags);
        return;
      case TaskKey::shots:
        shots(value, task);
        return;
      case TaskKey::name:
        task.texts[static_cast<std::size_t>(key)] = Template::compile(document_, value, name_scope_, errors_);
        return;
      case TaskKey::mode:
      case TaskKey::prompt:
      case TaskKey::negative_prompt:
      case TaskKey::image_start:
      case TaskKey::image_end:
      case TaskKey::video:
      case TaskKey::keep_sound:
      case TaskKey::orientation:
      case TaskKey::duration:
      case TaskKey::sound:
      case TaskKey::aspect_ratio:
      case TaskKey::watermark:
      case TaskKey::takes:
      case TaskKey::priority:
      case TaskKey::value:
      case TaskKey::deadline:
        task.texts[static_cast<std::size_t>(key)] = Template::compile(document_, value, scope_, errors_);
        return;
    }
  }

  void list(Node const& value, std::vector<Template>& out) {
    out.clear();
    auto const one = [&](Node const& item) {
      if (auto text = Template::compile(document_, item, scope_, errors_)) out.push_back(*std::move(text));
    };
    if (value.kind != NodeKind::list) return one(value);
    for (Node const& item : value.items) one(item);
  }

  void shots(Node const& value, TaskTemplate& task) {
    task.shots.clear();
    task.automatic_shots = value.kind != NodeKind::list;
    for (Node const& item : value.items) {
      auto prompt = Template::compile(document_, *item.find("prompt"), scope_, errors_);
      auto duration = Template::compile(document_, *item.find("duration"), scope_, errors_);
      if (prompt && duration) task.shots.push_back({*std::move(prompt), *std::move(duration)});
    }
  }

  Document const& document_;
  Presets const& presets_;
  Scope const& name_scope_;
  Scope scope_;
  ErrorList& errors_;
};

std::vector<std::uint32_t> axes_of(TaskTemplate const& task) {
  std::set<std::uint32_t> axes;
  for (auto const& text : task.texts)
    if (text) text->collect_axes(axes);
  for (auto const* list : {&task.qualities, &task.models, &task.images, &task.elements, &task.tags})
    for (Template const& text : *list) text.collect_axes(axes);
  for (ShotTemplate const& shot : task.shots) {
    shot.prompt.collect_axes(axes);
    shot.duration.collect_axes(axes);
  }
  return {axes.begin(), axes.end()};
}

}  // namespace

Place TaskTemplate::place_of(TaskKey key) const {
  Place const found = places[static_cast<std::size_t>(key)];
  return found.line > 0 ? found : place;
}

void decode_tasks(Node const& manifest, Scope const& scope, Campaign& campaign, ErrorList& errors) {
  campaign.presets = spans_of(manifest.find("presets"));
  Presets const presets{manifest.find("presets"), *campaign.document, errors};
  TaskDecoder decoder{*campaign.document, presets, scope, errors};
  Node const* const defaults = manifest.find("defaults");
  TaskTemplate const base = defaults == nullptr ? TaskTemplate{} : decoder.decode(*defaults, {});
  for (Node const& node : manifest.find("tasks")->items) {
    TaskTemplate task = decoder.decode(node, base);
    if (!task.text(TaskKey::name) && task.place_of(TaskKey::name) == task.place)
      errors.add(campaign.document->error(
          task.place, "this task has no `name`",
          "name it, with the matrix's variables if it has some: `name: \"hero-{{ locale }}\"`"));
    task.axes = axes_of(task);
    campaign.tasks.push_back(std::move(task));
  }
}

}  // namespace callsheet::manifest
