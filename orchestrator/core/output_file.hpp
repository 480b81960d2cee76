#pragma once

#include "orchestrator/core/descriptor.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace callsheet {

/// A file written from its beginning, in large pieces: a call of the system costs more than what most pieces
/// hold. Each operation is false when it failed, and so are all that follow.
class OutputFile {
 public:
  /// Creates the file, or empties it.
  [[nodiscard]] bool open(std::filesystem::path const& path);
  [[nodiscard]] bool write(std::string_view text);
  /// True: the system has taken all of it.
  [[nodiscard]] bool close();
  /// What failed first, in the system's words.
  [[nodiscard]] std::string why() const { return error_.message(); }

 private:
  bool write_out();
  bool failed();

  Descriptor file_;
  std::string unwritten_;
  std::error_code error_;
};

}  // namespace callsheet
