#pragma once

#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/core/result.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace callsheet::cli {

/// Lines for a reader who may be slow, stand still or go away: none of that holds up who writes them. What
/// the reader does not take waits, up to a limit; beyond it, or when writing fails, the stream ends after the
/// last whole line that it took, and one warning says so. One thread at a time.
class LineStream {
 public:
  /// Most that waits for the reader, in bytes.
  static constexpr std::size_t waits_most = 8 * 1024 * 1024;
  /// How long finish() waits for the reader.
  static constexpr std::chrono::seconds patience{2};

  /// Appends to the file; "-" is stdout. `what` is written, for errors and warnings ("events"). A pipe
  /// without a reader is an error, not waited for. Fails with Code::file_system.
  [[nodiscard]] static Result<std::shared_ptr<LineStream>> open(std::filesystem::path const& file,
                                                                std::string what);

  LineStream(Descriptor own, int number, std::string what);

  /// `line` ends with a line feed. Never blocks.
  void write(std::string_view line);
  /// Hands on what waits, as far as the reader takes it. Never blocks.
  void hand_on();
  /// Waits for the reader to take the rest, at most `patience`; a reader who does not ends the stream.
  void finish();

 private:
  [[nodiscard]] bool is_ready(int wait_ms) const;
  [[nodiscard]] std::size_t next_piece() const;
  void end(std::string_view why);

  Descriptor own_;  ///< none where stdout is written to, which is not ours to close
  int number_;
  std::string what_;
  std::string waiting_;
  std::size_t taken_ = 0;  ///< of `waiting_`, from its beginning
  bool takes_more_ = true;
};

}  // namespace callsheet::cli
