#include "orchestrator/core/spawn.hpp"

#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace callsheet {

namespace {

class Actions {
 public:
  /// `outputs` lie beyond the numbers they are given as: none is overwritten before it is its turn.
  explicit Actions(std::vector<Descriptor> const& outputs) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    int at = 1;
    for (Descriptor const& output : outputs) {
      if (output)
        posix_spawn_file_actions_adddup2(&actions_, output.number(), at++);
      else
        posix_spawn_file_actions_addopen(&actions_, at++, "/dev/null", O_WRONLY, 0);
    }
    posix_spawn_file_actions_addclosefrom_np(&actions_, at);  // neither ledger nor socket
  }
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }
  Actions(Actions const&) = delete;
  Actions& operator=(Actions const&) = delete;
  [[nodiscard]] posix_spawn_file_actions_t const* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    // What this process ignores or blocks, its child would inherit.
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes_, 0);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(Attributes const&) = delete;
  Attributes& operator=(Attributes const&) = delete;
  [[nodiscard]] posix_spawnattr_t const* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

std::optional<Started> start(Program program) {
  std::vector<Descriptor> outputs;
  int const beyond = 1 + static_cast<int>(program.outputs.size());
  for (int const output : program.outputs) {
    outputs.emplace_back(output < 0 ? -1 : ::fcntl(output, F_DUPFD_CLOEXEC, beyond));
    if (output >= 0 && !outputs.back()) return std::nullopt;
  }
  Actions const actions{outputs};
  Attributes const attributes;
  pid_t pid = 0;
  int const error =
      ::posix_spawnp(&pid, program.file.c_str(), actions.get(), attributes.get(),
                     pointers_to(program.arguments).data(), pointers_to(program.environment).data());
  if (error != 0) {
    errno = error;
    return std::nullopt;
  }
  Descriptor ended{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  if (!ended) {
    // Nobody would see it end.
    int const why = errno;
    ::kill(-pid, SIGKILL);
    static_cast<void>(reap(pid));
    errno = why;
    return std::nullopt;
  }
  return Started{.pid = pid, .ended = std::move(ended)};
}

std::optional<int> reap(pid_t pid) {
  int status = 0;
  pid_t reaped = 0;
  while ((reaped = ::waitpid(pid, &status, 0)) < 0 && errno == EINTR) {
  }
  return reaped == pid ? std::optional{status} : std::nullopt;
}

}  // namespace callsheet
