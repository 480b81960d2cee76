#pragma once

#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include <sys/types.h>

namespace callsheet::local_gateway {

struct Command {
  std::vector<std::string> arguments;  ///< the program first, looked up in PATH; no shell is involved
  std::filesystem::path directory;     ///< where it runs; its stderr goes to "stderr.txt" there
};

/// Programs started here, and only these, die at stop(). Any thread.
class ChildProcesses {
 public:
  /// Waits for the end. Fails with Code::not_found when there is no such program, else, with the last line of
  /// its stderr, Code::file_system (it exited with an error) or Code::timed_out (stop() killed it).
  [[nodiscard]] Result<void> run(Command const& command);
  /// Kills what runs; run() then refuses.
  void stop();

 private:
  [[nodiscard]] Result<pid_t> start(Command const& command);
  [[nodiscard]] int wait_for(pid_t pid);
  std::mutex mutex_;
  std::vector<pid_t> running_;  ///< started and not yet reaped: their pids cannot have been reused
  bool stopped_ = false;
};

}  // namespace callsheet::local_gateway
