#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet::manifest {

/// Edits (insert, drop, change, swap neighbours) that turn one text into the other; ASCII case does not
/// count. Pure.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The choice a person most likely meant by `typed`: near enough, or the one that begins with it. Pure.
[[nodiscard]] std::optional<std::string> suggest(std::string_view typed,
                                                 std::vector<std::string> const& choices);

/// "did you mean `x`?", or the choices themselves when none is near; empty when there are none. Pure.
[[nodiscard]] std::string mend_with_choices(std::string_view typed, std::vector<std::string> const& choices);

}  // namespace callsheet::manifest
