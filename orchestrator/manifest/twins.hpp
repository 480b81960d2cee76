#pragma once

#include <cstdint>
#include <deque>
#include <string_view>

namespace callsheet::manifest {

/// Finds what comes twice among more texts than one wants to keep. The first time they go by, eight bytes of
/// each are kept. Where these agree the texts have to go by once more, and only the suspects need be kept
/// whole.
class Twins {
 public:
  /// The first time.
  void note(std::string_view text);
  /// Between the two: whether there are suspects at all.
  [[nodiscard]] bool any();
  /// The second time.
  [[nodiscard]] bool suspects(std::string_view text) const;

 private:
  std::deque<std::uint64_t> marks_;  ///< after any(): of suspects only, sorted
};

}  // namespace callsheet::manifest
