#include "orchestrator/plan/input_look.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace callsheet::plan {

using manifest::ExpandedTask;
using manifest::Place;
using manifest::TaskKey;

SeenInputs InputLook::look_at(ExpandedTask& task) {
  Request& request = task.request;
  SeenInputs seen;
  auto const look_for = [&](TaskKey key, MediaInput& input, auto& facts) {
    auto const tell = [&](Complaint complaint) {
      complaints_.tell(task.source->place_of(key), std::move(complaint), task);
    };
    if (!look(input, facts, tell)) seen.all_good = false;
  };
  if (request.image_start) look_for(TaskKey::image_start, *request.image_start, seen.facts.start);
  if (request.image_end) look_for(TaskKey::image_end, *request.image_end, seen.facts.end);
  seen.facts.images.resize(request.images.size());
  for (std::size_t i = 0; i < request.images.size(); ++i)
    look_for(TaskKey::images, request.images[i], seen.facts.images[i]);
  if (request.video) look_for(TaskKey::video, *request.video, seen.facts.video);
  return seen;
}

SeenInputs InputLook::look_at(Request& request, manifest::ElementEntry const& entry) {
  SeenInputs seen;
  auto const look_for = [&](Place place, MediaInput& input, auto& facts) {
    auto const tell = [&](Complaint complaint) { complaints_.tell(place, std::move(complaint)); };
    if (!look(input, facts, tell)) seen.all_good = false;
  };
  seen.facts.images.resize(request.images.size());
  for (std::size_t i = 0; i < request.images.size(); ++i)
    look_for(entry.each_picture[i], request.images[i], seen.facts.images[i]);
  if (request.video) look_for(entry.video, *request.video, seen.facts.video);
  return seen;
}

/// What is wrong goes to `tell`.
template <class Facts, class Tell>
bool InputLook::look(MediaInput& input, std::optional<Facts>& facts, Tell const& tell) {
  if (input.kind == MediaInput::Kind::url) return true;
  Result<Facts> const& found = probe(input.location, facts);
  if (!found) {
    Error const& error = found.error();
    tell({.what = error.what, .mend = error.mend, .code = error.code});
    return false;
  }
  facts = *found;
  input.digest = facts->digest;
  std::uint64_t const most = catalog_.upload_bytes_max;
  if (most == 0 || facts->size_bytes <= most) return true;
  tell({.what = fmt::format("the file has {:.1f} MB, and none above {:.1f} MB can be uploaded",
                            static_cast<double>(facts->size_bytes) / 1e6, static_cast<double>(most) / 1e6),
        .mend = "make it smaller, or give a public URL",
        .code = Code::no_candidate});
  return false;
}

Result<ImageFacts> const& InputLook::probe(std::string const& path, std::optional<ImageFacts> const&) {
  auto found = images_.find(path);
  if (found == images_.end()) found = images_.emplace(path, probes_.image(path)).first;
  return found->second;
}
Result<VideoFacts> const& InputLook::probe(std::string const& path, std::optional<VideoFacts> const&) {
  auto found = videos_.find(path);
  if (found == videos_.end()) found = videos_.emplace(path, probes_.video(path)).first;
  return found->second;
}

void follow_video(ExpandedTask& task, catalog::InputFacts const& inputs, Complaints& complaints) {
  Mode const mode = task.request.mode;
  bool const follows = mode == Mode::video_edit || mode == Mode::motion_control;
  if (!follows || !task.request.video) return;
  if (inputs.video) {
    auto const seconds = std::chrono::round<std::chrono::seconds>(inputs.video->length);
    if (task.duration_is_own && task.request.duration != seconds)
      complaints.tell(task.source->place_of(TaskKey::duration),
                      {.what = fmt::format("the clip will be as long as its video, {} s, not {}",
                                           seconds.count(), task.request.duration.count()),
                       .mend = "leave `duration` out, or cut the video"},
                      task);
    task.request.duration = std::max(seconds, std::chrono::seconds{1});
  } else if (!task.duration_is_own) {
    complaints.tell(task.source->place_of(TaskKey::video),
                    {.what = "the clip will be as long as its video, and that of a URL is not known",
                     .mend = "say it: `duration: 8`, or give a file beside the manifest"},
                    task);
  }
}

}  // namespace callsheet::plan
