#pragma once

#include "orchestrator/plan/outline.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace callsheet::plan {

/// What a plan file calls itself, so that it is told from other JSON.
inline constexpr std::string_view document_format = "callsheet plan 1";

/// A plan file's text, which anybody may have changed since it was written: amounts are in a range in which a
/// million of them can be added up, and nothing in it is deep. The paths of its manifests are told from
/// `folder`. Empty: it is no plan of this format.
[[nodiscard]] std::optional<Outline> parse_outline(std::string const& text,
                                                   std::filesystem::path const& folder);

}  // namespace callsheet::plan
