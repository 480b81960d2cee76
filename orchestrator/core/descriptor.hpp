#pragma once

#include <utility>

#include <unistd.h>

namespace callsheet {

/// An open file of the system, closed with it. Holds none when opening failed; errno tells why.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_{number} {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }

  [[nodiscard]] int number() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

  /// Whoever takes the number closes it.
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

  /// False: what was written may not have reached the file; errno tells why.
  bool close() { return number_ < 0 || ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_ = -1;
};

}  // namespace callsheet
