#pragma once

namespace callsheet::cli {

/// What the process's exit status says; listed in the README and in `callsheet --help`.
enum class ExitCode {
  done = 0,
  internal = 1,  ///< a bug in callsheet, or all done but for an output that could not be written
  usage = 2,     ///< a command line or manifest that cannot be carried out, or a file, key or gateway missing
  budget_bound = 3,         ///< tasks were skipped because of a cap, or of a deadline
  nothing_to_run = 4,       ///< the manifest expands to no task
  outstanding = 5,          ///< interrupted or unfinished, or waiting for another run: `resume` goes on
  in_doubt = 6,             ///< money may have been spent and nothing tells
  threshold = 99,           ///< a threshold of the manifest was not kept
  failed = 100,             ///< some tasks failed, or their clips are not what was ordered
  interrupted_twice = 130,  ///< left without waiting; what is durable stays
};

}  // namespace callsheet::cli
