#include "orchestrator/plan/chosen_tasks.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/manifest/suggest.hpp"
#include "orchestrator/plan/router.hpp"

#include <iterator>
#include <vector>

#include <fmt/format.h>

namespace callsheet::plan {

bool ChosenTasks::takes(manifest::ExpandedTask const& task) {
  if (choice_.is_all()) return true;
  tags_.insert(task.tags.begin(), task.tags.end());
  for (std::string const& glob : choice_.names())
    if (matches(glob, task.name)) named_by_.insert(glob);
  return choice_.takes(task.name, task.tags);
}

/// The names with the smallest digests are the sample: as good as drawn by lot, the same whatever becomes of
/// the prompts, and a larger sample holds every smaller one, so that what was made for that is not made for
/// nothing.
void ChosenTasks::draw(manifest::ExpandedTask const& task) {
  sample_.insert(sha256_hex(task.name));
  if (sample_.size() > choice_.sample()) sample_.erase(std::prev(sample_.end()));
}

bool ChosenTasks::is_in_sample(manifest::ExpandedTask const& task) const {
  return choice_.sample() == 0 || sample_.contains(sha256_hex(task.name));
}

void ChosenTasks::check(Left left, Complaints& complaints) const {
  if (choice_.is_all()) return;
  std::vector<std::string> const known{tags_.begin(), tags_.end()};
  for (std::string const& tag : choice_.any_tag_of())
    if (!tags_.contains(tag))
      complaints.tell(Error{.code = Code::usage,
                            .what = fmt::format("--tag: no task has the tag `{}`", tag),
                            .mend = known.empty() ? "give tasks tags first: `tags: [hero]`"
                                                  : manifest::mend_with_choices(tag, known)});
  for (std::string const& glob : choice_.names())
    if (!named_by_.contains(glob))
      complaints.tell(Error{.code = Code::usage,
                            .what = fmt::format("--only: no task's name matches `{}`", glob),
                            .mend = "`callsheet plan MANIFEST` lists the names; `*` stands for any text"});
  if (complaints.empty() && left == Left::none)
    complaints.tell(Error{.code = Code::nothing_to_make,
                          .what = fmt::format("{} leaves no task to make", to_flags(choice_.words()))});
}

}  // namespace callsheet::plan
