#include "orchestrator/cli/verification.hpp"

#include "orchestrator/cli/small_file.hpp"
#include "orchestrator/cli/version.hpp"
#include "orchestrator/core/digest.hpp"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

namespace {

struct Judgement {
  FileState state = FileState::whole;
  std::string detail = {};
};

/// The clip itself: its size says most at once, its digest the rest.
Judgement judge(fs::path const& clip, std::uint64_t size_bytes, ContentDigest const& recorded) {
  std::error_code error;
  fs::file_status const status = fs::status(clip, error);
  if (status.type() == fs::file_type::not_found) return {FileState::missing, "the clip is not there"};
  if (error) return {FileState::unreadable, error.message()};
  if (!fs::is_regular_file(status)) return {FileState::changed, "it is not a regular file"};
  auto const size = fs::file_size(clip, error);
  if (error) return {FileState::unreadable, error.message()};
  if (size != size_bytes)
    return {FileState::changed, fmt::format("it has {} bytes, {} were recorded", size, size_bytes)};
  if (recorded.empty())
    return {FileState::unhashed, "an older version recorded no digest: only its size is known"};
  auto const digest = sha256_of_file(clip);
  if (!digest) return {FileState::unreadable, digest.error().what};
  if (*digest != recorded.str())
    return {FileState::changed, fmt::format("its SHA-256 is {}, {} was recorded", *digest, recorded.str())};
  return {};
}

std::string differing(std::string_view sidecar, std::string_view expected) {
  std::vector<std::string> where = report::differences(sidecar, expected);
  if (where.empty())
    return "its sidecar is written otherwise than callsheet does: a member may stand there twice";
  constexpr std::size_t shown = 3;
  std::size_t const more = where.size() - std::min(where.size(), shown);
  where.resize(where.size() - more);
  return fmt::format("its sidecar and the ledger differ in {}{}", fmt::join(where, ", "),
                     more > 0 ? fmt::format(" and {} more", more) : "");
}

/// The sidecar of a clip that is as it was, held against what the ledger would have it say.
Judgement judge_sidecar(fs::path const& clip, std::string_view expected) {
  auto const text = read_small_file(report::sidecar_of(clip));
  if (!text) return {FileState::unreadable, text.error().what};
  if (!*text) return {FileState::sidecar_missing, "it has no sidecar"};
  if (!report::read_sidecar(**text))
    return {FileState::sidecar_changed, "its sidecar is not what was written"};
  if (!report::same_facts(**text, expected)) return {FileState::sidecar_changed, differing(**text, expected)};
  return {};
}

bool is_as_it_was(FileState state) {
  return state == FileState::whole || state == FileState::unhashed;
}

struct Listing {
  std::vector<fs::path> files;
  std::vector<std::pair<fs::path, std::string>> unreadable;
};

void list_below(fs::path const& folder, Listing& listing) {
  std::error_code error;
  fs::directory_iterator at{folder, error};
  for (fs::directory_iterator const end; !error && at != end; at.increment(error)) {
    if (at->path().filename().native().starts_with('.')) continue;
    std::error_code ignored;
    bool const is_link = at->is_symlink(ignored);
    if (!is_link && at->is_directory(ignored))
      list_below(at->path(), listing);
    else
      listing.files.push_back(at->path());
  }
  if (error) listing.unreadable.emplace_back(folder, error.message());
}

}  // namespace

std::string_view to_string(FileState state) {
  switch (state) {
    case FileState::whole:
      return "whole";
    case FileState::unhashed:
      return "unhashed";
    case FileState::changed:
      return "changed";
    case FileState::missing:
      return "missing";
    case FileState::sidecar_missing:
      return "sidecar_missing";
    case FileState::sidecar_changed:
      return "sidecar_changed";
    case FileState::unreadable:
      return "unreadable";
    case FileState::foreign:
      return "foreign";
  }
  return "";
}

std::string_view to_string(Witness witness) {
  switch (witness) {
    case Witness::ledger:
      return "ledger";
    case Witness::sidecar:
      return "sidecar";
    case Witness::none:
      return "none";
  }
  return "";
}

Verification::Verification(ledger::Ledger* ledger, std::function<void(FileFinding const&)> tell)
    : tell_{std::move(tell)} {
  if (ledger != nullptr) texts_.emplace(*ledger, version);
}

Result<void> Verification::check_run(report::RunReader& run) {
  Result<void> outcome;
  auto read = run.each([&](report::ClipLine const& clip) {
    if (outcome && clip.file) outcome = check_clip(run, clip);
  });
  if (!read) return read;
  if (!outcome) return outcome;
  std::error_code ignored;
  return fs::exists(run.output_dir(), ignored) ? check_folder(run.output_dir()) : Result<void>{};
}

Result<void> Verification::check_clip(report::RunReader& run, report::ClipLine const& clip) {
  fs::path const path = (run.output_dir() / clip.file->path).lexically_normal();
  seen_.insert(path);
  Judgement judged = judge(path, clip.file->size_bytes, clip.file->sha256);
  if (is_as_it_was(judged.state)) {
    auto const expected = texts_->of(run.head(), clip);
    if (!expected) return fail(expected.error());
    if (Judgement beside = judge_sidecar(path, *expected); beside.state != FileState::whole)
      judged = std::move(beside);
  }
  tell_(
      {.state = judged.state, .against = Witness::ledger, .file = path, .detail = std::move(judged.detail)});
  return {};
}

Result<void> Verification::check_folder(fs::path const& folder) {
  Listing listing;
  list_below(fs::absolute(folder).lexically_normal(), listing);
  for (auto& [path, why] : listing.unreadable)
    tell_({.state = FileState::unreadable, .file = std::move(path), .detail = std::move(why)});
  std::sort(listing.files.begin(), listing.files.end());
  for (fs::path const& file : listing.files) {
    if (file.extension() == ".mp4" && !seen_.contains(file)) {
      if (Result<void> checked = check_by_sidecar(file); !checked) return checked;
    } else if (file.native().ends_with(".mp4.json")) {
      check_orphan(file);
    }
  }
  return {};
}

Result<void> Verification::check_by_sidecar(fs::path const& clip) {
  auto const told = [&](FileState state, std::string detail, Witness against = Witness::none) {
    tell_({.state = state, .against = against, .file = clip, .detail = std::move(detail)});
    return Result<void>{};
  };
  auto const text = read_small_file(report::sidecar_of(clip));
  if (!text) return told(FileState::unreadable, text.error().what);
  if (!*text || !report::is_sidecar(**text)) return told(FileState::foreign, "no sidecar tells of it");
  auto const facts = report::read_sidecar(**text);
  if (!facts)
    return told(FileState::sidecar_changed, "its sidecar is not what was written, so nothing is known of it");
  if (facts->file != clip.filename())
    return told(FileState::sidecar_changed, fmt::format("its sidecar tells of '{}'", facts->file));
  RunId const run{facts->run};
  if (!texts_ || !texts_->knows(run)) {
    Judgement judged = judge(clip, facts->size_bytes, facts->sha256);
    return told(judged.state, std::move(judged.detail), Witness::sidecar);
  }
  auto const expected = texts_->of(run, facts->identity, facts->file);
  if (!expected) return fail(expected.error());
  // The ledger's word for the clip, which may be another than the sidecar's.
  auto const known = *expected ? report::read_sidecar(**expected) : std::nullopt;
  if (!known)
    return told(FileState::sidecar_changed,
                fmt::format("its sidecar tells of run {}, which made no such clip", run.str()),
                Witness::ledger);
  Judgement judged = judge(clip, known->size_bytes, known->sha256);
  if (is_as_it_was(judged.state))
    if (Judgement beside = judge_sidecar(clip, **expected); beside.state != FileState::whole)
      judged = std::move(beside);
  return told(judged.state, std::move(judged.detail), Witness::ledger);
}

/// A sidecar whose clip is gone; those of the run's own clips have been told of.
void Verification::check_orphan(fs::path const& sidecar) {
  fs::path const clip = sidecar.parent_path() / sidecar.stem();
  std::error_code ignored;
  if (seen_.contains(clip) || fs::exists(clip, ignored)) return;
  auto const text = read_small_file(sidecar);
  // What cannot be read and stands beside no clip may be anything.
  if (text && *text && report::is_sidecar(**text))
    tell_({.state = FileState::missing, .file = clip, .detail = "its sidecar stands alone"});
}

}  // namespace callsheet::cli
