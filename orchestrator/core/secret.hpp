#pragma once

#include <string>
#include <utility>

namespace callsheet {

/// A key. It cannot be printed or compared by accident: whoever needs its text has to say so.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_{std::move(text)} {}
  [[nodiscard]] std::string const& reveal() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

}  // namespace callsheet
