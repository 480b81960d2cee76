#include "orchestrator/cli/whole_file.hpp"

#include "orchestrator/core/digest.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

namespace {

/// Where a link leads, so that the file is replaced and not the link; a name that leads nowhere yet is fine.
fs::path behind_links(fs::path path) {
  constexpr int links_most = 40;
  std::error_code error;
  for (int i = 0; i < links_most && fs::is_symlink(path, error); ++i) {
    fs::path const target = fs::read_symlink(path, error);
    if (error) break;
    path = target.is_absolute() ? target : path.parent_path() / target;
  }
  return path;
}

/// Devices, pipes and folders are not ours to put a file in the place of. Empty: nothing speaks against it.
std::string why_not(fs::path const& path) {
  std::error_code ignored;
  fs::file_status const status = fs::status(path, ignored);
  if (fs::is_directory(status)) return "it is a folder";
  return fs::exists(status) && !fs::is_regular_file(status) ? "it is not a regular file" : "";
}

}  // namespace

WholeFile::WholeFile(fs::path path) : path_{std::move(path)}, why_{why_not(path_)} {
  if (!why_.empty()) return;
  path_ = behind_links(std::move(path_));
  partial_ = path_;
  // A name of its own: another file, or another writer's, may bear the plain one.
  partial_ += fmt::format(".{}.part", random_hex(4));
  good_ = out_.open(partial_);
  if (!good_) why_ = out_.why();
}

WholeFile::~WholeFile() {
  std::error_code ignored;
  if (!published_ && !partial_.empty()) fs::remove(partial_, ignored);
}

Result<void> WholeFile::try_place(fs::path const& path) {
  WholeFile const file{path};
  if (file.good_) return {};
  return fail(Code::file_system, fmt::format("cannot write '{}': {}", path.string(), file.why_),
              "name a file in a folder that is there and may be written to");
}

report::TextSink WholeFile::sink() {
  return [this](std::string_view piece) { good_ = good_ && out_.write(piece); };
}

Result<void> WholeFile::publish() {
  if (!good_ || !out_.close())
    return fail(Code::file_system,
                fmt::format("cannot write '{}': {}", path_.string(), why_.empty() ? out_.why() : why_),
                "free some space or mend the folder's rights");
  std::error_code error;
  if (fs::file_status const older = fs::status(path_, error); fs::exists(older))
    fs::permissions(partial_, older.permissions(), error);
  fs::rename(partial_, path_, error);
  if (error)
    return fail(Code::file_system, fmt::format("cannot write '{}': {}", path_.string(), error.message()));
  published_ = true;
  return {};
}

}  // namespace callsheet::cli
