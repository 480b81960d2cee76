#include "orchestrator/core/deadline.hpp"

#include <charconv>

#include <fmt/format.h>

namespace callsheet {

std::optional<Deadline> parse_deadline(std::string_view text) {
  if (auto const at = parse_rfc3339(text)) return Deadline{.at = at, .after = {}};
  constexpr std::int64_t count_most = 999'999;
  std::int64_t count = 0;
  auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  std::string_view const unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (failure != std::errc{} || count < 1 || count > count_most) return std::nullopt;
  if (unit == "s") return Deadline{.at = {}, .after = std::chrono::seconds{count}};
  if (unit == "m") return Deadline{.at = {}, .after = std::chrono::minutes{count}};
  if (unit == "h") return Deadline{.at = {}, .after = std::chrono::hours{count}};
  return std::nullopt;
}

std::string to_string(Deadline const& deadline) {
  if (deadline.at) return format_rfc3339(*deadline.at);
  auto const seconds = deadline.after.count();
  if (seconds % 3600 == 0) return fmt::format("{}h", seconds / 3600);
  return seconds % 60 == 0 ? fmt::format("{}m", seconds / 60) : fmt::format("{}s", seconds);
}

}  // namespace callsheet
