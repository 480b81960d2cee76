#include "orchestrator/core/ids.hpp"

#include <charconv>

namespace callsheet {

std::optional<AttemptKey> parse_attempt_key(std::string_view text) {
  std::uint32_t task = 0;
  AttemptKey key;
  char const* const end = text.data() + text.size();
  auto const [dot, task_error] = std::from_chars(text.data(), end, task);
  if (task_error != std::errc{} || dot == end || *dot != '.') return std::nullopt;
  auto const [last, ordinal_error] = std::from_chars(dot + 1, end, key.ordinal);
  if (ordinal_error != std::errc{} || last != end || key.ordinal == 0) return std::nullopt;
  key.task = TaskId{task};
  return key;
}

}  // namespace callsheet
