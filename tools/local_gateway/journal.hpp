#pragma once

#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet::local_gateway {

/// An append-only file of lines, and the lock of the folder it stands in. Each line is handed to the system
/// whole before append() returns, so a killed process loses nothing it has answered for; a power cut may (no
/// fsync).
class Journal {
 public:
  /// Opens or makes the file and reads its lines; a last line without an end, torn by a kill, is cut off.
  /// Fails with Code::busy when another gateway holds the folder, else Code::file_system.
  [[nodiscard]] static Result<Journal> open(std::filesystem::path const& path);
  Journal(Journal&& other) noexcept;
  Journal& operator=(Journal&&) = delete;
  ~Journal();

  /// The lines that were there when it was opened, without line ends; empties it.
  [[nodiscard]] std::vector<std::string> take_lines();
  /// Code::file_system, and nothing appended, when the line could not be written whole.
  [[nodiscard]] Result<void> append(std::string_view line);

 private:
  Journal(int fd, std::filesystem::path path) : fd_{fd}, path_{std::move(path)} {}
  int fd_;
  std::filesystem::path path_;
  std::int64_t size_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace callsheet::local_gateway
