#pragma once

#include "orchestrator/core/descriptor.hpp"

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace callsheet {

/// A program, to be started as a process of its own: in a group of its own, since Ctrl-C is for us, with
/// every signal as the system has it, nothing to read at 0, and no file of ours but those named here.
struct Program {
  std::string file;                           ///< with a slash: that one; else as it is found on the PATH
  std::vector<std::string> arguments = {};    ///< with its name, which comes first
  std::vector<std::string> environment = {};  ///< "NAME=value", and nothing else
  std::vector<int> outputs = {};              ///< what it has at 1, 2, 3 and so on; below 0: /dev/null
};

/// A process that was started, until reap() has taken its status.
struct Started {
  pid_t pid = 0;     ///< of its group as well
  Descriptor ended;  ///< readable once it has
};

/// Empty: nothing runs, and errno tells why. Any thread.
[[nodiscard]] std::optional<Started> start(Program program);

/// Takes the status of a process of ours, as waitpid() gives it; blocks until it has ended. Empty: another
/// has taken it.
[[nodiscard]] std::optional<int> reap(pid_t pid);

}  // namespace callsheet
