#include "tools/local_gateway/journal.hpp"

#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace callsheet::local_gateway {

namespace {

tl::unexpected<Error> fault(std::string_view doing, std::filesystem::path const& path) {
  return fail(Code::file_system,
              fmt::format("{} {}: {}", doing, path.string(), std::generic_category().message(errno)));
}

/// The whole file; empty optional on a fault (errno tells).
std::optional<std::string> content(int fd) {
  std::string text;
  char piece[65536];
  while (true) {
    ssize_t const got = ::pread(fd, piece, sizeof piece, static_cast<off_t>(text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return text;
    text.append(piece, static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<Journal> Journal::open(std::filesystem::path const& path) {
  int const fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return fault("cannot open", path);
  Journal journal{fd, path};
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    return fail(Code::busy, fmt::format("another local gateway uses {}", path.parent_path().string()),
                "stop it, or give this one another state folder");
  std::optional<std::string> const text = content(fd);
  if (!text) return fault("cannot read", path);
  std::size_t at = 0;
  for (std::size_t end = 0; (end = text->find('\n', at)) != std::string::npos; at = end + 1)
    journal.lines_.push_back(text->substr(at, end - at));
  if (at != text->size() && ::ftruncate(fd, static_cast<off_t>(at)) != 0) return fault("cannot mend", path);
  journal.size_ = static_cast<std::int64_t>(at);
  return journal;
}

Journal::Journal(Journal&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)},
      path_{std::move(other.path_)},
      size_{other.size_},
      lines_{std::move(other.lines_)} {}

Journal::~Journal() {
  if (fd_ >= 0) ::close(fd_);
}

std::vector<std::string> Journal::take_lines() {
  return std::exchange(lines_, {});
}

Result<void> Journal::append(std::string_view line) {
  std::string const bytes = fmt::format("{}\n", line);
  ssize_t const written = ::write(fd_, bytes.data(), bytes.size());
  if (written == static_cast<ssize_t>(bytes.size())) {
    size_ += written;
    return {};
  }
  auto failure = fault("cannot write", path_);
  if (written > 0 && ::ftruncate(fd_, size_) != 0) failure = fault("cannot mend", path_);
  return failure;
}

}  // namespace callsheet::local_gateway
