#include "orchestrator/cli/still_files.hpp"

#include "orchestrator/cli/whole_file.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/core/still_names.hpp"
#include "orchestrator/media/clip_stills.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

namespace {

using media::StillState;

constexpr std::chrono::seconds drawing_most{60};
constexpr std::size_t remembered_most = 1000;
constexpr std::uintmax_t kept_free_bytes = std::uintmax_t{64} << 20U;  // some clips

bool is_wanting(StillState state) {
  return state == StillState::missing || state == StillState::outdated;
}

bool stands(fs::path const& still, std::string const& sha256) {
  return media::state_of_still(still, sha256) == StillState::of_the_clip;
}

Error left_alone(fs::path const& still) {
  return {.code = Code::file_system,
          .what = fmt::format("'{}' is no still of ours, and is left alone", still.string()),
          .mend = "move it away; `callsheet report` then makes the clip's"};
}

}  // namespace

bool may_hold(fs::path const& path, report::ClipFile const& clip) {
  std::error_code error;
  return fs::is_regular_file(path, error) && fs::file_size(path, error) == clip.size_bytes;
}

void StillFiles::keep(fs::path const& output_dir, report::ClipFile& clip) {
  if (clip.sha256.empty()) return;
  std::string const& sha256 = clip.sha256.str();
  fs::path const place = output_dir / clip.path;
  Places const places{.clip = place, .poster = poster_of(place), .filmstrip = filmstrip_of(place)};
  StillState const poster = media::state_of_still(places.poster, sha256);
  StillState const filmstrip = media::state_of_still(places.filmstrip, sha256);
  bool const wanting = is_wanting(poster) || is_wanting(filmstrip);
  if (wanting && wish_ != StillWish::none) make(places, clip);
  auto const name = [&](StillState before, fs::path const& still, fs::path const& relative) {
    if (before == StillState::foreign && wish_ != StillWish::none) note(left_alone(still));
    bool const there = before == StillState::of_the_clip || (wanting && stands(still, sha256));
    return there ? relative.generic_string() : std::string{};
  };
  clip.poster = name(poster, places.poster, poster_of(clip.path));
  clip.filmstrip = name(filmstrip, places.filmstrip, filmstrip_of(clip.path));
}

void StillFiles::make(Places const& places, report::ClipFile const& clip) {
  std::string const& sha256 = clip.sha256.str();
  if (!may_hold(places.clip, clip) || link_from_another(places, sha256)) return;
  auto stills = media::take_drawn_stills(sha256);
  if (!stills) {
    if (wish_ == StillWish::some && drawn_for_ >= drawing_most) {
      ++left_out_;
      return;
    }
    auto const begun = std::chrono::steady_clock::now();
    // Another run may have put a clip of its own there since: its stills are its own.
    auto const digest = sha256_of_file(places.clip);
    if (digest && *digest == sha256)
      stills = media::take_stills(
          {.file = places.clip, .length = clip.length, .height = clip.height, .sha256 = sha256});
    drawn_for_ += std::chrono::steady_clock::now() - begun;
  }
  if (!stills) return;
  put(places.poster, stills->poster, sha256);
  put(places.filmstrip, stills->filmstrip, sha256);
  if (made_.size() < remembered_most) made_.emplace(sha256, places);
}

/// Where the same clip stands in several places: a link costs neither drawing nor space.
bool StillFiles::link_from_another(Places const& places, std::string const& sha256) {
  auto const other = made_.find(sha256);
  if (other == made_.end()) return false;
  bool linked = true;
  for (auto const& [from, to] : {std::pair{&other->second.poster, &places.poster},
                                 std::pair{&other->second.filmstrip, &places.filmstrip}}) {
    std::error_code error;
    fs::create_hard_link(*from, *to, error);
    linked = linked && (!error || stands(*to, sha256));
  }
  return linked;
}

void StillFiles::put(fs::path const& still, std::string const& jpeg, std::string const& sha256) {
  if (jpeg.empty() || !is_wanting(media::state_of_still(still, sha256))) return;
  std::error_code error;
  fs::space_info const space = fs::space(still.parent_path(), error);
  if (!error && space.available < kept_free_bytes)
    return note({.code = Code::file_system,
                 .what = fmt::format(
                     "no stills are made in '{}': less than {} MiB are free there, and clips go first",
                     still.parent_path().string(), kept_free_bytes >> 20U),
                 .mend = "free some space; `callsheet report` makes them then"});
  WholeFile file{still};
  file.sink()(jpeg);
  if (auto const done = file.publish(); !done) note(done.error());
}

void StillFiles::note(Error error) {
  if (!trouble_) trouble_ = std::move(error);
}

}  // namespace callsheet::cli
