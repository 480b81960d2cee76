#include "orchestrator/plan/refusals.hpp"

#include "orchestrator/plan/obstacle_place.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::plan {

using manifest::ExpandedTask;
using manifest::Place;
using manifest::TaskKey;

void Refusals::tell(ExpandedTask const& task, Refusal const& refusal, Unseen unseen, Retake const* anew) {
  switch (refusal.kind) {
    case Refusal::Kind::cannot:
      for (catalog::Obstacle const& obstacle : refusal.obstacles) tell_cannot(task, obstacle, unseen, anew);
      return;
    case Refusal::Kind::too_dear:
      return complaints_.tell(
          task.source->place,
          {.what = fmt::format("task `{}` costs at least {} credits, above budget.per_task ({})", task.name,
                               to_string(refusal.cheapest), to_string(*campaign_.budget.per_task)),
           .mend = "raise budget.per_task, shorten the clip, or choose a lower quality",
           .code = Code::no_candidate},
          task);
    case Refusal::Kind::not_allowed:
      return tell_not_allowed(task);
  }
}

void Refusals::tell_cannot(ExpandedTask const& task, catalog::Obstacle const& obstacle, Unseen unseen,
                           Retake const* anew) {
  Complaint complaint{.what = obstacle.why, .mend = obstacle.mend, .code = Code::no_candidate};
  bool const is_of_prompt = obstacle.field == catalog::Field::prompt && !obstacle.shot;
  if (is_of_prompt && is_asked_elsewhere(anew))
    return complaints_.tell(*anew, std::move(complaint), fmt::format(" ({})", in_words(task)));
  // What hangs on a picture or video nobody could look at is no news.
  bool const hangs_on_inputs =
      obstacle.field == catalog::Field::aspect_ratio || obstacle.field == catalog::Field::video;
  if (unseen == Unseen::inputs && hangs_on_inputs) return;
  complaints_.tell(place_of(*task.source, obstacle), std::move(complaint), task);
}

void Refusals::tell_not_allowed(ExpandedTask const& task) {
  bool const pinned = !task.models.empty();
  if (!pinned && models_.allow_is_wrong()) return;  // told already
  std::string const mend = fmt::format("see `callsheet models --mode {}`", to_string(task.request.mode));
  catalog::Model const* const only = pinned ? catalog_.find(task.models.front()) : nullptr;
  if (only != nullptr && std::none_of(only->modes.begin(), only->modes.end(), makes_clips))
    return complaints_.tell(
        task.source->place_of(TaskKey::model),
        {.what = fmt::format("`{}` cannot be asked for: it {}", only->id.str(),
                             only->modes.empty() ? only->does : "makes what `elements` names"),
         .mend = mend,
         .code = Code::no_candidate},
        task);
  Place const place = pinned                             ? task.source->place_of(TaskKey::model)
                      : campaign_.fallback.allow.empty() ? task.source->place
                                                         : campaign_.fallback.allow.front().place;
  complaints_.tell(place,
                   {.what = fmt::format("none of the allowed models makes {}", to_string(task.request.mode)),
                    .mend = mend,
                    .code = Code::no_candidate},
                   task);
}

void Refusals::tell(std::string const& name, manifest::ElementEntry const& entry, Refusal const& refusal) {
  switch (refusal.kind) {
    case Refusal::Kind::cannot:
      for (catalog::Obstacle const& obstacle : refusal.obstacles)
        complaints_.tell(place_of(entry, obstacle),
                         {.what = obstacle.why, .mend = obstacle.mend, .code = Code::no_candidate});
      return;
    case Refusal::Kind::too_dear:
      return complaints_.tell(
          entry.place,
          {.what = fmt::format("the element `{}` may cost {} credits, above budget.per_task ({})", name,
                               to_string(refusal.cheapest), to_string(*campaign_.budget.per_task)),
           .mend = "raise budget.per_task",
           .code = Code::no_candidate});
    case Refusal::Kind::not_allowed:
      return complaints_.tell(entry.place, {.what = "no model of the catalog makes elements",
                                            .mend = "give it the `id` of one that was made elsewhere",
                                            .code = Code::no_candidate});
  }
}

}  // namespace callsheet::plan
