#include "orchestrator/plan/clips_once.hpp"

#include <fmt/format.h>

namespace callsheet::plan {

void ClipsOnce::look_for_twin(manifest::ExpandedTask const& task, TaskIdentity const& identity,
                              Retake const* anew) {
  if (!twins_.suspects(identity.str())) return;
  auto const [found, fresh] =
      askers_.emplace(identity.str(), Asker{task.source, task.name, anew, in_words(task)});
  if (fresh) return;
  Asker const& earlier = found->second;
  if (is_asked_elsewhere(anew)) return tell_of_twin(*anew, in_words(task), earlier.words);
  if (is_asked_elsewhere(earlier.anew)) return tell_of_twin(*earlier.anew, earlier.words, in_words(task));
  if (earlier.source == task.source)
    return complaints_.tell(
        task.source->place,
        {.what = fmt::format("tasks `{}` and `{}` ask for the very same clip", earlier.name, task.name),
         .mend =
             "use what tells them apart in the prompt or picture, or keep it out of the name; for several "
             "versions of one clip use `takes`"});
  complaints_.tell(
      task.source->place,
      {.what = fmt::format("task `{}` asks for the very same clip as task `{}` in {}", task.name,
                           earlier.name, document_.line_in_words(earlier.source->place, task.source->place)),
       .mend = "keep one of them; for several versions of one clip use `takes`"});
}

/// It would stand in the place of both.
void ClipsOnce::tell_of_twin(Retake const& anew, std::string const& task, std::string const& other) {
  complaints_.tell(anew, {.what = fmt::format("made anew from this, `{}` asks for the very same clip as `{}`",
                                              task, other),
                          .mend = "give it a prompt of its own"});
}

}  // namespace callsheet::plan
