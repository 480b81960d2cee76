#pragma once

#include "orchestrator/core/result.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace callsheet::cli {

/// This very program in a process of its own, which tells events on its stdout. It is in a group of its own:
/// Ctrl-C is for us, and where we are killed it goes on, so that what it has paid for comes home.
class ChildRun {
 public:
  /// How it ended.
  struct End {
    int code = 0;         ///< its exit code; where it was killed, 128 and the signal
    std::string message;  ///< what it said last on stderr, from the beginning of a line
  };
  struct Listener {
    std::function<void(std::string_view line)> on_line;  ///< of stdout, without its end
    std::function<void(End)> on_end;                     ///< once, and the last of all
  };
  /// Calls back on `io`, which outlives it, for as long as the process runs, whatever becomes of this object.
  /// Fails with Code::file_system.
  [[nodiscard]] static Result<std::unique_ptr<ChildRun>> start(boost::asio::io_context& io,
                                                               std::vector<std::string> arguments,
                                                               Listener listener);
  ~ChildRun();
  void signal(int number) const;

 private:
  class Process;
  explicit ChildRun(std::shared_ptr<Process> process);
  std::shared_ptr<Process> process_;
};

}  // namespace callsheet::cli
