#include "orchestrator/plan/obstacle_place.hpp"

namespace callsheet::plan {

namespace {

using manifest::Place;
using manifest::TaskKey;

TaskKey key_of(catalog::Field field) {
  switch (field) {
    case catalog::Field::mode:
      return TaskKey::mode;
    case catalog::Field::prompt:
      return TaskKey::prompt;
    case catalog::Field::negative_prompt:
      return TaskKey::negative_prompt;
    case catalog::Field::image_start:
      return TaskKey::image_start;
    case catalog::Field::image_end:
      return TaskKey::image_end;
    case catalog::Field::images:
      return TaskKey::images;
    case catalog::Field::elements:
      return TaskKey::elements;
    case catalog::Field::video:
      return TaskKey::video;
    case catalog::Field::keep_sound:
      return TaskKey::keep_sound;
    case catalog::Field::orientation:
      return TaskKey::orientation;
    case catalog::Field::duration:
      return TaskKey::duration;
    case catalog::Field::quality:
      return TaskKey::quality;
    case catalog::Field::sound:
      return TaskKey::sound;
    case catalog::Field::aspect_ratio:
      return TaskKey::aspect_ratio;
    case catalog::Field::shots:
      return TaskKey::shots;
    case catalog::Field::watermark:
      return TaskKey::watermark;
  }
  return TaskKey::name;
}

}  // namespace

Place place_of(manifest::TaskTemplate const& source, catalog::Obstacle const& obstacle) {
  if (obstacle.shot && *obstacle.shot < source.shots.size())
    return source.shots[*obstacle.shot].prompt.place();
  TaskKey const key = key_of(obstacle.field);
  // A duration nobody wrote is the sum of the shots.
  if (key == TaskKey::duration && !source.text(key)) return source.place_of(TaskKey::shots);
  if (key == TaskKey::quality && !source.qualities.empty()) return source.qualities.front().place();
  return source.place_of(key);
}

Place place_of(manifest::ElementEntry const& entry, catalog::Obstacle const& obstacle) {
  if (obstacle.field == catalog::Field::prompt) return entry.description;
  if (obstacle.field == catalog::Field::images) return entry.pictures;
  if (obstacle.field == catalog::Field::video) return entry.video;
  return entry.place;
}

}  // namespace callsheet::plan
