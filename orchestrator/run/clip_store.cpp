#include "orchestrator/run/clip_store.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace callsheet::run {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> file_error(char const* doing, fs::path const& path, std::error_code error) {
  return fail(Code::file_system, fmt::format("{} '{}' failed: {}", doing, path.string(), error.message()),
              "free some space or mend the folder's rights; `callsheet resume` fetches the clip");
}

Result<void> sync(fs::path const& path, int flags) {
  int const descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) return file_error("opening", path, {errno, std::generic_category()});
  int const status = ::fsync(descriptor);
  std::error_code const error{errno, std::generic_category()};
  ::close(descriptor);
  // Some file systems have no way to flush a folder, and say so.
  if (status != 0 && error.value() != EINVAL) return file_error("flushing", path, error);
  return {};
}

}  // namespace

Result<fs::path> partial_path(fs::path const& final_path) {
  std::error_code error;
  fs::create_directories(final_path.parent_path(), error);
  if (error) return file_error("making the folder", final_path.parent_path(), error);
  return final_path.parent_path() / fmt::format(".{}.part", final_path.filename().string());
}

Result<ledger::ClipRecord> check_download(fs::path const& partial) {
  Result<media::ClipFacts> facts = media::probe_clip(partial);
  if (!facts) return fail(facts.error());
  if (Result<void> synced = sync(partial, O_RDONLY); !synced) return fail(synced.error());
  return ledger::ClipRecord{.path = {},
                            .size_bytes = facts->size_bytes,
                            .width = facts->width,
                            .height = facts->height,
                            .length = facts->length,
                            .has_sound = facts->has_sound};
}

fs::path free_path(fs::path const& wanted) {
  fs::path path = wanted;
  std::error_code ignored;
  for (int n = 2; fs::exists(fs::symlink_status(path, ignored)); ++n)
    path =
        wanted.parent_path() / fmt::format("{}~{}{}", wanted.stem().string(), n, wanted.extension().string());
  return path;
}

Result<void> publish(fs::path const& partial, fs::path const& final_path) {
  std::error_code error;
  fs::rename(partial, final_path, error);
  if (error) return file_error("renaming to", final_path, error);
  return sync(final_path.parent_path(), O_RDONLY | O_DIRECTORY);
}

bool in_place(ledger::ClipRecord const& clip) {
  std::error_code error;
  auto const size = fs::file_size(clip.path, error);
  return !error && size == clip.size_bytes;
}

Result<ledger::ClipRecord> link_clip(ledger::ClipRecord clip, fs::path const& wanted) {
  std::error_code error;
  if (fs::exists(wanted, error) && fs::equivalent(clip.path, wanted, error)) {
    clip.path = wanted.string();
    return clip;
  }
  fs::create_directories(wanted.parent_path(), error);
  if (error) return file_error("making the folder", wanted.parent_path(), error);
  fs::path const target = free_path(wanted);
  fs::create_hard_link(clip.path, target, error);
  if (error) {
    Result<fs::path> const partial = partial_path(target);
    if (!partial) return fail(partial.error());
    fs::copy_file(clip.path, *partial, error);
    if (error) return file_error("copying to", *partial, error);
    if (Result<void> published = publish(*partial, target); !published) return fail(published.error());
  }
  clip.path = target.string();
  return clip;
}

}  // namespace callsheet::run
