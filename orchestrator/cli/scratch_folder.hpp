#pragma once

#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <string_view>

namespace callsheet::cli {

/// A folder under TMPDIR that only this user can look into, gone with the object.
class ScratchFolder {
 public:
  /// Its name says what for.
  explicit ScratchFolder(std::string_view purpose);
  ~ScratchFolder();
  ScratchFolder(ScratchFolder const&) = delete;
  ScratchFolder& operator=(ScratchFolder const&) = delete;

  /// Fails with Code::file_system.
  [[nodiscard]] Result<void> make() const;
  [[nodiscard]] std::filesystem::path const& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace callsheet::cli
