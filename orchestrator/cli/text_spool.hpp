#pragma once

#include "orchestrator/core/result.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace callsheet::cli {

/// A text that is shown whole or not at all, however long it gets: what is beyond some megabytes waits in a
/// file without a name.
class TextSpool {
 public:
  /// A failure is kept for print().
  void add(std::string_view text);
  /// To stdout. Fails with Code::file_system when the file could not hold the text.
  [[nodiscard]] Result<void> print();

 private:
  struct Closed {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void spill();

  std::string memory_;
  std::unique_ptr<std::FILE, Closed> file_;
  bool good_ = true;
};

}  // namespace callsheet::cli
