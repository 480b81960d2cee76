#pragma once

#include "orchestrator/core/descriptor.hpp"

#include <chrono>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

// Private to media/. FFmpeg's program and not its libraries: linked in, they and the 130 libraries they bring
// would make every command start in 50 ms instead of 13, and a fault in a decoder would take the run with it.
namespace callsheet::media {

/// One call of FFmpeg: a process of its own, which gets no environment (it holds the key), no file of ours
/// and no terminal. Decoders are large, and the bytes are foreign: what it may use and give is bounded.
class FfmpegCall {
 public:
  /// Reads that file and nothing else, as MP4: a hostile one cannot choose its own reader. Frames are at most
  /// as large as those of 8K. `before_input`: what is said of how it is read.
  FfmpegCall(std::filesystem::path const& clip, std::initializer_list<std::string> before_input);

  void add(std::initializer_list<std::string> words) {
    arguments_.insert(arguments_.end(), words.begin(), words.end());
  }
  /// A place to write to: what to call it in the arguments, "pipe:3".
  [[nodiscard]] std::string add_output();

  /// The exit status. Empty: it did not start, or was ended: by a signal, such as for what it used, or since
  /// it took longer than `patience`. Blocking.
  [[nodiscard]] std::optional<int> run(std::chrono::milliseconds patience);
  /// Whether it took too long.
  [[nodiscard]] bool timed_out() const { return timed_out_; }
  /// What came at the n-th output, in the order they were added.
  [[nodiscard]] std::string output(std::size_t number) const;
  /// What FFmpeg said of mistakes.
  [[nodiscard]] std::string words() const;

 private:
  std::vector<std::string> arguments_;
  Descriptor words_;
  std::vector<Descriptor> outputs_;
  bool timed_out_ = false;
};

}  // namespace callsheet::media
