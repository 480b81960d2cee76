#include "orchestrator/cli/child_run.hpp"

#include "orchestrator/core/descriptor.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/syscall.h>
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

class StartActions {
 public:
  StartActions(Pipe const& out, Pipe const& err) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, out.to.number(), 1);
    posix_spawn_file_actions_adddup2(&actions_, err.to.number(), 2);
    posix_spawn_file_actions_addclosefrom_np(&actions_, 3);  // neither ledger nor socket
  }
  ~StartActions() { posix_spawn_file_actions_destroy(&actions_); }
  StartActions(StartActions const&) = delete;
  StartActions& operator=(StartActions const&) = delete;
  [[nodiscard]] posix_spawn_file_actions_t const* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class StartAttributes {
 public:
  StartAttributes() {
    posix_spawnattr_init(&attributes_);
    // What this process ignores or blocks, its child would inherit.
    sigset_t defaults;
    sigset_t none;
    sigemptyset(&defaults);
    sigemptyset(&none);
    for (int const signal : {SIGCHLD, SIGPIPE, SIGINT, SIGTERM, SIGHUP}) sigaddset(&defaults, signal);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes_, 0);
  }
  ~StartAttributes() { posix_spawnattr_destroy(&attributes_); }
  StartAttributes(StartAttributes const&) = delete;
  StartAttributes& operator=(StartAttributes const&) = delete;
  [[nodiscard]] posix_spawnattr_t const* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

/// As ours, but that what it says is for us, and not for the runner of a build server.
std::vector<char*> child_environment() {
  std::vector<char*> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view{*variable}.starts_with("GITHUB_")) variables.push_back(*variable);
  variables.push_back(nullptr);
  return variables;
}

/// Empty: it did not start, and errno tells why.
std::optional<pid_t> spawn(std::vector<std::string> arguments, Pipe const& out, Pipe const& err) {
  StartActions const actions{out, err};
  StartAttributes const attributes;
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  std::vector<char*> environment = child_environment();
  pid_t pid = 0;
  // The file itself, whatever has been put under its name meanwhile.
  int const error = ::posix_spawn(&pid, "/proc/self/exe", actions.get(), attributes.get(), pointers.data(),
                                  environment.data());
  errno = error;
  return error == 0 ? std::optional{pid} : std::nullopt;
}

/// Readable once the process has ended. False: errno tells why.
bool watch(pid_t pid, net::posix::stream_descriptor& ended) {
  int const number = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (number < 0) return false;
  boost::system::error_code error;
  ended.assign(number, error);
  if (!error) return true;
  ::close(number);
  errno = error.value();
  return false;
}

/// Nobody would see it: it may not go on.
void end_at_once(pid_t pid) {
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
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
    int status = 0;
    while (::waitpid(self->pid_, &status, 0) < 0 && errno == EINTR) {
    }
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
  auto const pid = spawn(std::move(arguments), out, err);
  if (!pid) return failed();
  net::posix::stream_descriptor ended{io};
  if (!watch(*pid, ended)) {
    auto const error = failed();
    end_at_once(*pid);
    return error;
  }
  auto process = std::make_shared<Process>(
      *pid, Process::Streams{std::move(out.from), std::move(err.from), std::move(ended)},
      std::move(listener));
  process->begin(io);
  return std::unique_ptr<ChildRun>{new ChildRun{std::move(process)}};
}

}  // namespace callsheet::cli
