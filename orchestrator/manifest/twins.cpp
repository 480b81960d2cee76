#include "orchestrator/manifest/twins.hpp"

#include <algorithm>
#include <functional>

namespace callsheet::manifest {

namespace {

std::uint64_t mark_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

}  // namespace

void Twins::note(std::string_view text) {
  marks_.push_back(mark_of(text));
}

bool Twins::any() {
  std::sort(marks_.begin(), marks_.end());
  auto kept = marks_.begin();
  for (auto from = marks_.begin(); from != marks_.end();) {
    auto const to = std::upper_bound(from, marks_.end(), *from);
    if (to - from > 1) *kept++ = *from;
    from = to;
  }
  marks_.erase(kept, marks_.end());
  marks_.shrink_to_fit();
  return !marks_.empty();
}

bool Twins::suspects(std::string_view text) const {
  return std::binary_search(marks_.begin(), marks_.end(), mark_of(text));
}

}  // namespace callsheet::manifest
