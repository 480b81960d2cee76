#include "orchestrator/cli/line_stream.hpp"

#include "orchestrator/cli/terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace callsheet::cli {

namespace {

/// What a pipe that is ready takes without waiting, and undivided.
constexpr std::size_t piece_most = PIPE_BUF;

}  // namespace

Result<std::shared_ptr<LineStream>> LineStream::open(std::filesystem::path const& file, std::string what) {
  // Stdout is shared with whoever started us: it is not made non-blocking, but asked before each write.
  if (file == "-") return std::make_shared<LineStream>(Descriptor{}, STDOUT_FILENO, std::move(what));
  constexpr int flags = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  int number = ::open(file.c_str(), flags, 0666);
  while (number < 0 && errno == EINTR) number = ::open(file.c_str(), flags, 0666);
  if (number >= 0) return std::make_shared<LineStream>(Descriptor{number}, number, std::move(what));
  bool const unread = errno == ENXIO;
  return fail(
      Code::file_system,
      fmt::format("cannot write the {} '{}': {}", what, file.string(),
                  unread ? "nobody reads this pipe" : std::strerror(errno)),
      unread ? "start its reader first" : "name a file in a folder that is there and may be written to");
}

LineStream::LineStream(Descriptor own, int number, std::string what)
    : own_{std::move(own)}, number_{number}, what_{std::move(what)} {}

void LineStream::write(std::string_view line) {
  hand_on();
  if (!takes_more_) return;
  if (waiting_.size() - taken_ + line.size() > waits_most) {
    // What waits is whole lines and may still be read; what follows would leave a gap.
    takes_more_ = false;
    say(fmt::format("warning: no more is written of the {}: its reader is too slow\n", what_));
    return;
  }
  if (taken_ > waits_most / 2) waiting_.erase(0, std::exchange(taken_, 0));
  waiting_ += line;
  hand_on();
}

void LineStream::hand_on() {
  while (taken_ < waiting_.size() && is_ready(0)) {
    ssize_t const count = ::write(number_, waiting_.data() + taken_, next_piece());
    if (count >= 0) {
      taken_ += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      return end(std::strerror(errno));
    }
  }
  if (taken_ < waiting_.size()) return;
  waiting_.clear();
  taken_ = 0;
}

void LineStream::finish() {
  auto const until = std::chrono::steady_clock::now() + patience;
  for (hand_on(); taken_ < waiting_.size(); hand_on()) {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return end("its reader does not take it");
    static_cast<void>(is_ready(static_cast<int>(left.count())));
  }
}

/// Also when the reader is gone: writing then tells why.
bool LineStream::is_ready(int wait_ms) const {
  pollfd one{.fd = number_, .events = POLLOUT, .revents = 0};
  int count = ::poll(&one, 1, wait_ms);
  while (count < 0 && errno == EINTR && wait_ms == 0) count = ::poll(&one, 1, wait_ms);
  return count > 0;
}

/// As many whole lines as fit, so that a pipe's reader never sees half of one that is not longer than that.
std::size_t LineStream::next_piece() const {
  std::string_view const left = std::string_view{waiting_}.substr(taken_);
  if (left.size() <= piece_most) return left.size();
  std::size_t const end = left.substr(0, piece_most).rfind('\n');
  return end == std::string_view::npos ? piece_most : end + 1;
}

void LineStream::end(std::string_view why) {
  waiting_.clear();
  taken_ = 0;
  if (std::exchange(takes_more_, false))
    say(fmt::format("warning: no more is written of the {}: {}\n", what_, why));
}

}  // namespace callsheet::cli
