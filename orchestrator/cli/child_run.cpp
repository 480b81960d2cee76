#include "orchestrator/cli/child_run.hpp"

#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/core/spawn.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace callsheet::cli {

namespace {

namespace net = boost::asio;

/// Events are short; a child that writes something else is not kept in memory.
constexpr std::size_t line_most = std::size_t{1} << 20;
constexpr std::size_t message_most = std::size_t{16} << 10;

/// What the child writes into, and what we read.
struct Pipe {
  explicit Pipe(net::io_context& io) : from{io} {}
  /// False: errno tells why.
  [[nodiscard]] bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    from.assign(ends[0]);
    to = Descriptor{ends[1]};
    return true;
  }
  net::posix::stream_descriptor from;
  Descriptor to;
};

/// As ours, but that what it says is for us, and not for the runner of a build server.
std::vector<std::string> child_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view{*variable}.starts_with("GITHUB_")) variables.emplace_back(*variable);
  return variables;
}

}  // namespace

class ChildRun::Process : public std::enable_shared_from_this<Process> {
 public:
  struct Streams {
    net::posix::stream_descriptor out;
    net::posix::stream_descriptor err;
    net::posix::stream_descriptor ended;  ///< readable once the process has
  };
  Process(pid_t pid, Streams streams, Listener listener)
      : pid_{pid},
        listener_{std::move(listener)},
        out_{std::move(streams.out)},
        err_{std::move(streams.err)},
        ended_{std::move(streams.ended)} {}

  void begin(net::io_context& io) {
    auto const rise = [](std::exception_ptr const& thrown) {
      if (thrown) std::rethrow_exception(thrown);
    };
    net::co_spawn(io, follow(shared_from_this()), rise);
    net::co_spawn(io, hear(shared_from_this()), rise);
  }

  void signal(int number) const {
    if (!reaped_) ::kill(pid_, number);
  }

 private:
  /// Its lines, and then its end.
  static net::awaitable<void> follow(std::shared_ptr<Process> self) {
    std::string text;
    std::array<char, 16384> piece{};
    while (true) {
      auto const [error, count] =
          co_await self->out_.async_read_some(net::buffer(piece), net::as_tuple(net::use_awaitable));
      if (error) break;
      text.append(piece.data(), count);
      for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
        self->listener_.on_line(std::string_view{text}.substr(0, end));
      if (text.size() > line_most) text.clear();
    }
    co_await self->ended_.async_wait(net::posix::stream_descriptor::wait_read,
                                     net::as_tuple(net::use_awaitable));
    int const status = reap(self->pid_).value_or(0);
    self->reaped_ = true;
    self->code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    self->end_if_all_is_told();
  }

  static net::awaitable<void> hear(std::shared_ptr<Process> self) {
    std::array<char, 4096> piece{};
    while (true) {
      auto const [error, count] =
          co_await self->err_.async_read_some(net::buffer(piece), net::as_tuple(net::use_awaitable));
      if (error) break;
      self->message_.append(piece.data(), count);
      if (self->message_.size() > message_most) {
        self->message_.erase(0, self->message_.size() - message_most);
        self->message_.erase(0, self->message_.find('\n') + 1);
      }
    }
    self->heard_ = true;
    self->end_if_all_is_told();
  }

  void end_if_all_is_told() {
    if (!reaped_ || !heard_) return;
    listener_.on_end({.code = code_, .message = std::move(message_)});
  }

  pid_t pid_;
  Listener listener_;
  net::posix::stream_descriptor out_;
  net::posix::stream_descriptor err_;
  net::posix::stream_descriptor ended_;
  std::string message_;
  int code_ = 0;
  bool reaped_ = false;
  bool heard_ = false;
};

ChildRun::ChildRun(std::shared_ptr<Process> process) : process_{std::move(process)} {}
ChildRun::~ChildRun() = default;

void ChildRun::signal(int number) const {
  process_->signal(number);
}

Result<std::unique_ptr<ChildRun>> ChildRun::start(net::io_context& io, std::vector<std::string> arguments,
                                                  Listener listener) {
  auto const failed = [] {
    return fail(Code::file_system, fmt::format("cannot start a process: {}", std::strerror(errno)));
  };
  Pipe out{io};
  Pipe err{io};
  if (!out.open() || !err.open()) return failed();
  // The file itself, whatever has been put under its name meanwhile.
  auto started = callsheet::start({.file = "/proc/self/exe",
                                   .arguments = std::move(arguments),
                                   .environment = child_environment(),
                                   .outputs = {out.to.number(), err.to.number()}});
  if (!started) return failed();
  net::posix::stream_descriptor ended{io, started->ended.release()};
  auto process = std::make_shared<Process>(
      started->pid, Process::Streams{std::move(out.from), std::move(err.from), std::move(ended)},
      std::move(listener));
  process->begin(io);
  return std::unique_ptr<ChildRun>{new ChildRun{std::move(process)}};
}

}  // namespace callsheet::cli
