#include "orchestrator/cli/whole_file.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

WholeFile::WholeFile(fs::path path) : path_{std::move(path)}, partial_{path_} {
  partial_ += ".part";
  good_ = out_.open(partial_);
}

WholeFile::~WholeFile() {
  std::error_code ignored;
  if (!published_) fs::remove(partial_, ignored);
}

Result<void> WholeFile::try_place(fs::path const& path) {
  WholeFile const file{path};
  std::error_code ignored;
  if (file.good_ && !fs::is_directory(path, ignored)) return {};
  return fail(
      Code::file_system,
      fmt::format("cannot write '{}': {}", path.string(), file.good_ ? "it is a folder" : file.out_.why()),
      "name a file in a folder that is there and may be written to");
}

report::TextSink WholeFile::sink() {
  return [this](std::string_view piece) { good_ = good_ && out_.write(piece); };
}

Result<void> WholeFile::publish() {
  if (!good_ || !out_.close())
    return fail(Code::file_system, fmt::format("cannot write '{}': {}", partial_.string(), out_.why()),
                "free some space or mend the folder's rights; `callsheet report` writes it again");
  std::error_code error;
  fs::rename(partial_, path_, error);
  if (error)
    return fail(Code::file_system, fmt::format("cannot write '{}': {}", path_.string(), error.message()));
  published_ = true;
  return {};
}

}  // namespace callsheet::cli
