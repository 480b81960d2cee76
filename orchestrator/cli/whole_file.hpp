#pragma once

#include "orchestrator/core/output_file.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/report/text_sink.hpp"

#include <filesystem>
#include <string>

namespace callsheet::cli {

/// A file that appears whole under its name, in the place of an older one and with its rights, or not at all.
/// Until it is published it is written beside it as "<name>.<random>.part", which goes with this object.
/// Links are followed; what is there and not a regular file is never replaced.
class WholeFile {
 public:
  explicit WholeFile(std::filesystem::path path);
  ~WholeFile();
  WholeFile(WholeFile const&) = delete;
  WholeFile& operator=(WholeFile const&) = delete;

  /// Whether a file can appear there. Leaves nothing behind; fails with Code::file_system.
  [[nodiscard]] static Result<void> try_place(std::filesystem::path const& path);

  /// Lives no longer than this object.
  [[nodiscard]] report::TextSink sink();
  /// Fails with Code::file_system, also when something could not be written before.
  [[nodiscard]] Result<void> publish();

 private:
  std::filesystem::path path_;
  std::filesystem::path partial_;
  OutputFile out_;
  std::string why_;  ///< it could not be opened; empty: it was
  bool good_ = false;
  bool published_ = false;
};

}  // namespace callsheet::cli
