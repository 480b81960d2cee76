#include "orchestrator/cli/scratch_folder.hpp"

#include "orchestrator/core/digest.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

ScratchFolder::ScratchFolder(std::string_view purpose) {
  std::error_code none;
  path_ = fs::temp_directory_path(none) / fmt::format("callsheet-{}-{}", purpose, random_hex(8));
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Result<void> ScratchFolder::make() const {
  char const* const mend = "set TMPDIR to a folder that can be written";
  if (!path_.is_absolute()) return fail(Code::file_system, "TMPDIR names no folder", mend);
  if (::mkdir(path_.c_str(), S_IRWXU) == 0) return {};
  return fail(Code::file_system,
              fmt::format("cannot make '{}': {}", path_.string(), std::generic_category().message(errno)),
              mend);
}

}  // namespace callsheet::cli
