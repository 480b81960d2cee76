#include "orchestrator/run/clip_files.hpp"

#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/core/still_names.hpp"
#include "orchestrator/media/clip_check.hpp"
#include "orchestrator/media/clip_order.hpp"
#include "orchestrator/media/clip_stills.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace callsheet::run {

namespace fs = std::filesystem;

namespace {

tl::unexpected<Error> file_error(char const* doing, fs::path const& path, std::error_code error) {
  return fail(Code::file_system, fmt::format("{} '{}' failed: {}", doing, path.string(), error.message()),
              "free some space or mend the folder's rights; `callsheet collect` fetches the clip");
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

Result<Descriptor> open_to_read(fs::path const& path, int flags = 0) {
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags)};
  if (!file) return file_error("opening", path, last_error());
  return file;
}

Result<void> flush(Descriptor const& file, fs::path const& path) {
  // Some file systems have no way to flush a folder, and say so.
  if (::fsync(file.number()) != 0 && errno != EINVAL) return file_error("flushing", path, last_error());
  return {};
}

Result<void> flush(fs::path const& path, int flags = 0) {
  Result<Descriptor> const file = open_to_read(path, flags);
  return file ? flush(*file, path) : fail(file.error());
}

/// Renames unless something stands at `to`, in one step where the file system can.
std::error_code rename_to_free(fs::path const& from, fs::path const& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return last_error();
  if (::link(from.c_str(), to.c_str()) != 0) return last_error();
  ::unlink(from.c_str());
  return {};
}

Result<void> rename_to(fs::path const& partial, fs::path const& place) {
  std::error_code const error = rename_to_free(partial, place);
  if (error == std::errc::file_exists)
    return fail(Code::busy, fmt::format("something else stands at '{}'", place.string()));
  return error ? file_error("renaming to", place, error) : Result<void>{};
}

ledger::ClipRecord record_of(media::ClipFacts const& facts) {
  return {.path = {},
          .size_bytes = facts.size_bytes,
          .width = facts.width,
          .height = facts.height,
          .length = facts.length,
          .has_sound = facts.has_sound,
          .sha256 = {}};
}

class DiskInput final : public InputReader {
 public:
  DiskInput(fs::path path, Descriptor file, std::uint64_t size_bytes)
      : path_{std::move(path)}, file_{std::move(file)}, size_bytes_{size_bytes} {}

  [[nodiscard]] std::uint64_t size_bytes() const override { return size_bytes_; }

  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    std::size_t filled = 0;
    while (filled < into.size()) {
      ssize_t const got = ::pread(file_.number(), into.data() + filled, into.size() - filled,
                                  static_cast<off_t>(offset + filled));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0)
        return fail(Code::file_system,
                    fmt::format("reading '{}' failed: {}", path_.string(), last_error().message()));
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    return filled;
  }

 private:
  fs::path path_;
  Descriptor file_;
  std::uint64_t size_bytes_;
};

class DiskFiles final : public ClipFiles {
 public:
  explicit DiskFiles(media::Drawing drawing) : drawing_{drawing} {}

  Result<void> make_folder(fs::path const& folder) override {
    std::error_code error;
    fs::create_directories(folder, error);
    return error ? file_error("making the folder", folder, error) : Result<void>{};
  }

  Result<ledger::ClipRecord> check(fs::path const& partial) override {
    Result<Descriptor> const file = open_to_read(partial);
    if (!file) return fail(file.error());
    Result<media::ClipFacts> const facts = media::probe_clip(*file, partial);
    if (!facts) return fail(facts.error());
    Result<std::string> digest = sha256_of_file(partial);
    if (!digest) return fail(digest.error());
    if (Result<void> flushed = flush(*file, partial); !flushed) return fail(flushed.error());
    ledger::ClipRecord clip = record_of(*facts);
    clip.sha256 = ContentDigest{*std::move(digest)};
    return clip;
  }

  std::vector<Result<void>> publish(std::vector<Placing> const& placings) override {
    std::vector<Result<void>> outcomes;
    std::map<fs::path, Result<void>> folders;
    for (Placing const& placing : placings) {
      outcomes.push_back(rename_to(placing.partial, placing.place));
      if (outcomes.back()) folders.try_emplace(placing.place.parent_path());
    }
    for (auto& [folder, flushed] : folders) flushed = flush(folder, O_DIRECTORY);
    for (std::size_t i = 0; i < placings.size(); ++i)
      if (outcomes[i]) outcomes[i] = folders.at(placings[i].place.parent_path());
    return outcomes;
  }

  bool stands(ledger::ClipRecord const& clip) override {
    if (clip.size_bytes == 0 || !in_place(clip)) return false;
    Result<Descriptor> const file = open_to_read(clip.path);
    if (!file) return false;
    Result<media::ClipFacts> const facts = media::probe_clip(*file, clip.path);
    if (!facts) return false;
    ledger::ClipRecord found = record_of(*facts);
    found.path = clip.path;
    if (!clip.sha256.empty()) {
      Result<std::string> digest = sha256_of_file(clip.path);
      if (!digest) return false;
      found.sha256 = ContentDigest{*std::move(digest)};
    }
    return found == clip;
  }

  std::vector<std::string> differences(ledger::ClipRecord const& clip, Request const& request,
                                       Quality bought) override {
    media::StillSource const source{
        .file = clip.path, .length = clip.length, .height = clip.height, .sha256 = clip.sha256.str()};
    media::Measured const measured{.width = clip.width,
                                   .height = clip.height,
                                   .length = clip.length,
                                   .has_sound = clip.has_sound,
                                   .look = media::look_at_clip(source, clip.has_sound, drawing_)};
    return media::differences(measured, request, bought);
  }

  fs::path free_place(fs::path const& wanted) override {
    fs::path place = wanted;
    std::error_code ignored;
    for (int n = 2; fs::exists(fs::symlink_status(place, ignored)); ++n)
      place = wanted.parent_path() /
              fmt::format("{}~{}{}", wanted.stem().string(), n, wanted.extension().string());
    return place;
  }

  void discard(fs::path const& partial) override {
    std::error_code ignored;
    fs::remove(partial, ignored);
  }

  Result<std::unique_ptr<InputReader>> open_input(fs::path const& file) override {
    auto const refuse = [&file](std::error_code error) {
      return fail(Code::file_system, fmt::format("cannot read '{}': {}", file.string(), error.message()));
    };
    Descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat facts {};
    if (!opened || ::fstat(opened.number(), &facts) != 0) return refuse(last_error());
    return std::make_unique<DiskInput>(file, std::move(opened), static_cast<std::uint64_t>(facts.st_size));
  }

 private:
  media::Drawing drawing_;
};

/// What can be drawn again is not worth a word when it cannot be had.
void link_still(fs::path const& from, fs::path const& to, ContentDigest const& clip) {
  if (media::state_of_still(from, clip.str()) != media::StillState::of_the_clip) return;
  std::error_code ignored;
  fs::create_hard_link(from, to, ignored);
}

}  // namespace

fs::path partial_of(fs::path const& place) {
  return place.parent_path() / fmt::format(".{}.part", place.filename().string());
}

ClipFiles& disk_files(media::Drawing drawing) {
  static DiskFiles plain{media::Drawing::none};
  static DiskFiles drawn{media::Drawing::stills};
  return drawing == media::Drawing::stills ? drawn : plain;
}

Result<void> prepare_output(fs::path const& folder) {
  auto const refuse = [&folder](std::error_code error) {
    return fail(Code::file_system,
                fmt::format("clips cannot be kept in '{}': {}", folder.string(), error.message()),
                "make the folder writable and free some space, or name another with `outputs.dir` or --out");
  };
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return refuse(error);
  std::string probe = (folder / ".callsheet-XXXXXX").string();
  Descriptor const file{::mkstemp(probe.data())};
  if (!file) return refuse(last_error());
  constexpr char some[4096] = {};
  bool const written = ::write(file.number(), some, sizeof some) == static_cast<ssize_t>(sizeof some);
  if (!written) error = last_error();
  ::unlink(probe.c_str());
  if (!written) return refuse(error);
  return {};
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
  // A clip that was made anew beside an older one is in its place.
  bool const beside = fs::path{clip.path}.parent_path() == wanted.parent_path();
  if (beside && fs::exists(fs::symlink_status(wanted, error))) return clip;
  if (auto made = disk_files().make_folder(wanted.parent_path()); !made) return fail(made.error());
  fs::path const target = disk_files().free_place(wanted);
  fs::create_hard_link(clip.path, target, error);
  if (error) {
    fs::path const partial = partial_of(wanted);
    fs::copy_file(clip.path, partial, fs::copy_options::overwrite_existing, error);
    if (error) return file_error("copying to", partial, error);
    if (Result<void> flushed = flush(partial); !flushed) return fail(flushed.error());
    if (Result<void> renamed = rename_to(partial, target); !renamed) return fail(renamed.error());
  }
  link_still(poster_of(clip.path), poster_of(target), clip.sha256);
  link_still(filmstrip_of(clip.path), filmstrip_of(target), clip.sha256);
  clip.path = target.string();
  return clip;
}

}  // namespace callsheet::run
