#include "orchestrator/core/output_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace callsheet {

namespace {

constexpr std::size_t piece_bytes = 64 * 1024;

}  // namespace

bool OutputFile::open(std::filesystem::path const& path) {
  unwritten_.clear();
  error_.clear();
  file_ = Descriptor{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
  return file_ || failed();
}

bool OutputFile::write(std::string_view text) {
  if (error_) return false;
  unwritten_ += text;
  return unwritten_.size() < piece_bytes || write_out();
}

bool OutputFile::close() {
  return !error_ && write_out() && (file_.close() || failed());
}

bool OutputFile::write_out() {
  for (std::string_view left = unwritten_; !left.empty();) {
    ssize_t const count = ::write(file_.number(), left.data(), left.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return failed();
    left.remove_prefix(static_cast<std::size_t>(count));
  }
  unwritten_.clear();
  return true;
}

bool OutputFile::failed() {
  error_ = {errno, std::generic_category()};
  return false;
}

}  // namespace callsheet
