#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace callsheet {

/// A string that cannot be mixed up with another kind of string. `Tag` only names the kind.
template <class Tag>
class StrongString {
 public:
  StrongString() = default;
  explicit StrongString(std::string value) : value_{std::move(value)} {}
  [[nodiscard]] std::string const& str() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  friend auto operator<=>(StrongString const&, StrongString const&) = default;

 private:
  std::string value_;
};

/// "20261123-201500-7f3a": when the run began (UTC) and four random hex digits. Sorts by time.
using RunId = StrongString<struct RunIdTag>;
/// SHA-256 (hex) of a task's canonical request and its take: what makes two tasks "the same clip".
using TaskIdentity = StrongString<struct TaskIdentityTag>;
/// The gateway's name of a generation task, "task-unified-…" (gateway-api.md 5.1). Foreign text: never a
/// path.
using GatewayTaskId = StrongString<struct GatewayTaskIdTag>;
/// A model as the gateway names it, e.g. "kling-v3-image-to-video".
using ModelId = StrongString<struct ModelIdTag>;
/// SHA-256 (hex) of a file's bytes.
using ContentDigest = StrongString<struct ContentDigestTag>;

/// Position of a task in its run, from 0.
enum class TaskId : std::uint32_t {};
/// One paid try, within its run: the task and the number of the try, from 1.
struct AttemptKey {
  TaskId task{};
  std::uint32_t ordinal = 1;
  friend auto operator<=>(AttemptKey const&, AttemptKey const&) = default;
};

constexpr std::uint32_t index(TaskId id) {
  return static_cast<std::uint32_t>(id);
}

/// "12.1": the number of the task and of the try, as people name an attempt.
inline std::string to_string(AttemptKey attempt) {
  return std::to_string(index(attempt.task)) + "." + std::to_string(attempt.ordinal);
}
/// Empty when it is no such name.
std::optional<AttemptKey> parse_attempt_key(std::string_view text);

}  // namespace callsheet

template <class Tag>
struct std::hash<callsheet::StrongString<Tag>> {
  std::size_t operator()(callsheet::StrongString<Tag> const& id) const noexcept {
    return std::hash<std::string>{}(id.str());
  }
};
