#include "orchestrator/cli/still_files.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/whole_file.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/core/still_names.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

namespace {

using media::StillState;

constexpr std::chrono::seconds drawing_most{60};
constexpr std::chrono::seconds unnoticed{2};
constexpr std::size_t remembered_most = 1000;
constexpr std::uintmax_t kept_free_bytes = std::uintmax_t{64} << 20U;  // some clips

bool is_wanting(StillState state) {
  return state == StillState::missing || state == StillState::outdated;
}

/// Why a still is not made that is not the clip's. Empty: nothing speaks against it.
std::optional<Error> why_left_alone(StillState state, fs::path const& still) {
  if (state == StillState::unreadable)
    return Error{.code = Code::file_system,
                 .what = fmt::format("'{}' is left alone, since nobody can tell what it is: {}",
                                     still.string(), std::generic_category().message(errno)),
                 .mend = "mend that; `callsheet report` then makes the clip's"};
  if (state != StillState::foreign) return std::nullopt;
  return Error{.code = Code::file_system,
               .what = fmt::format("'{}' is no still of ours, and is left alone", still.string()),
               .mend = "move it away; `callsheet report` then makes the clip's"};
}

}  // namespace

bool may_hold(fs::path const& path, report::ClipFile const& clip) {
  std::error_code error;
  return fs::file_size(path, error) == clip.size_bytes && !error;
}

void StillFiles::keep(fs::path const& output_dir, report::ClipFile& clip) {
  if (clip.sha256.empty()) return;
  std::string const& sha256 = clip.sha256.str();
  fs::path const place = output_dir / clip.path;
  Places const places{.clip = place, .poster = poster_of(place), .filmstrip = filmstrip_of(place)};
  StillState const poster = look_at(places.poster, sha256);
  StillState const filmstrip = look_at(places.filmstrip, sha256);
  Standing standing{.poster = poster == StillState::of_the_clip,
                    .filmstrip = filmstrip == StillState::of_the_clip};
  if (wish_ != StillWish::none && (is_wanting(poster) || is_wanting(filmstrip))) make(places, clip, standing);
  if (standing.poster) clip.poster = poster_of(clip.path).generic_string();
  if (standing.filmstrip) clip.filmstrip = filmstrip_of(clip.path).generic_string();
}

StillState StillFiles::look_at(fs::path const& still, std::string const& sha256) {
  StillState const state = media::state_of_still(still, sha256);
  if (wish_ != StillWish::none)
    if (auto why = why_left_alone(state, still)) note(*std::move(why));
  return state;
}

void StillFiles::make(Places const& places, report::ClipFile const& clip, Standing& standing) {
  std::string const& sha256 = clip.sha256.str();
  if (!may_hold(places.clip, clip) || link_from_another(places, sha256, standing)) return;
  auto stills = media::take_drawn_stills(sha256);
  if (!stills && wish_ != StillWish::drawn) stills = draw(places.clip, clip);
  if (!stills) return;
  standing.poster = standing.poster || put(places.poster, stills->poster, sha256);
  standing.filmstrip = standing.filmstrip || put(places.filmstrip, stills->filmstrip, sha256);
  if (made_.size() < remembered_most) made_.emplace(sha256, places);
}

std::optional<media::Stills> StillFiles::draw(fs::path const& place, report::ClipFile const& clip) {
  auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(drawing_most - drawn_for_);
  if (wish_ == StillWish::some && left <= left.zero()) {
    ++left_out_;
    return std::nullopt;
  }
  if (drawn_for_ > unnoticed && !std::exchange(told_, true))
    say(fmt::format("drawing posters and filmstrips of clips that have none{}\n",
                    wish_ == StillWish::some ? ", for a minute at most" : ""));
  media::StillSource source{
      .file = place, .length = clip.length, .height = clip.height, .sha256 = clip.sha256.str()};
  if (wish_ == StillWish::some) source.patience = std::min(source.patience, left);
  auto const begun = std::chrono::steady_clock::now();
  std::optional<media::Stills> stills;
  // Another run may have put a clip of its own there since: its stills are its own.
  auto const digest = sha256_of_file(place);
  if (digest && *digest == source.sha256) stills = media::take_stills(source);
  drawn_for_ += std::chrono::steady_clock::now() - begun;
  if (!stills && wish_ == StillWish::some && drawn_for_ >= drawing_most) ++left_out_;
  return stills;
}

/// Where the same clip stands in several places: a link costs neither drawing nor space.
bool StillFiles::link_from_another(Places const& places, std::string const& sha256, Standing& standing) {
  auto const other = made_.find(sha256);
  if (other == made_.end()) return false;
  auto const link = [](fs::path const& from, fs::path const& to) {
    std::error_code error;
    fs::create_hard_link(from, to, error);
    return !error;
  };
  standing.poster = standing.poster || link(other->second.poster, places.poster);
  standing.filmstrip = standing.filmstrip || link(other->second.filmstrip, places.filmstrip);
  return standing.poster && standing.filmstrip;
}

bool StillFiles::put(fs::path const& still, std::string const& jpeg, std::string const& sha256) {
  if (jpeg.empty() || !is_wanting(media::state_of_still(still, sha256))) return false;
  std::error_code error;
  fs::space_info const space = fs::space(still.parent_path(), error);
  if (!error && space.available < kept_free_bytes) {
    note({.code = Code::file_system,
          .what =
              fmt::format("no stills are made in '{}': less than {} MiB are free there, and clips go first",
                          still.parent_path().string(), kept_free_bytes >> 20U),
          .mend = "free some space; `callsheet report` makes them then"});
    return false;
  }
  WholeFile file{still};
  file.sink()(jpeg);
  auto const done = file.publish();
  if (!done) note(done.error());
  return done.has_value();
}

void StillFiles::note(Error error) {
  if (!trouble_) trouble_ = std::move(error);
}

}  // namespace callsheet::cli
