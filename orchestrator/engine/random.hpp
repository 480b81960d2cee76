#pragma once

#include <cstdint>

namespace callsheet::engine {

/// SplitMix64: the engine's only source of chance, seeded from outside, the same on every machine and library
/// (std::uniform_real_distribution is not).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed} {}

  /// Uniform in [least, most].
  std::int64_t between(std::int64_t least, std::int64_t most) {
    if (most <= least) return least;
    auto const span = static_cast<std::uint64_t>(most - least) + 1;
    return least + static_cast<std::int64_t>(bits() % span);
  }

 private:
  std::uint64_t bits() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

}  // namespace callsheet::engine
