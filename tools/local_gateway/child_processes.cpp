#include "tools/local_gateway/child_processes.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

namespace callsheet::local_gateway {

namespace {

class SpawnActions {
 public:
  explicit SpawnActions(std::filesystem::path const& directory) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, 2, "stderr.txt", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addclosefrom_np(&actions_, 3);  // no socket, journal or lock of ours
  }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(SpawnActions const&) = delete;
  SpawnActions& operator=(SpawnActions const&) = delete;
  [[nodiscard]] posix_spawn_file_actions_t const* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// A group of its own: Ctrl-C at a terminal is for the program, which lets what is paid for come home.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes_, 0);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(SpawnAttributes const&) = delete;
  SpawnAttributes& operator=(SpawnAttributes const&) = delete;
  [[nodiscard]] posix_spawnattr_t const* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::string last_line(std::filesystem::path const& path) {
  std::ifstream file{path};
  std::string last;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) last = line;
  return last;
}

}  // namespace

Result<pid_t> ChildProcesses::start(Command const& command) {
  std::vector<char*> arguments;
  for (std::string const& argument : command.arguments)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  SpawnActions const actions{command.directory};
  SpawnAttributes const attributes;
  std::lock_guard const lock{mutex_};
  if (stopped_) return fail(Code::timed_out, "the local gateway is stopping");
  pid_t pid = 0;
  if (int const error =
          posix_spawnp(&pid, arguments[0], actions.get(), attributes.get(), arguments.data(), environ))
    return fail(
        error == ENOENT ? Code::not_found : Code::file_system,
        fmt::format("cannot start {}: {}", command.arguments[0], std::generic_category().message(error)));
  running_.push_back(pid);
  return pid;
}

int ChildProcesses::wait_for(pid_t pid) {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  std::lock_guard const lock{mutex_};  // stop() must not kill a pid that has been reaped
  running_.erase(std::remove(running_.begin(), running_.end(), pid), running_.end());
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

Result<void> ChildProcesses::run(Command const& command) {
  Result<pid_t> const pid = start(command);
  if (!pid) return fail(pid.error());
  int const status = wait_for(*pid);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  std::string const why = last_line(command.directory / "stderr.txt");
  return fail(WIFSIGNALED(status) ? Code::timed_out : Code::file_system,
              fmt::format("{} failed: {}", command.arguments[0], why.empty() ? "it was stopped" : why));
}

void ChildProcesses::stop() {
  std::lock_guard const lock{mutex_};
  stopped_ = true;
  for (pid_t const pid : running_) ::kill(pid, SIGKILL);
}

}  // namespace callsheet::local_gateway
