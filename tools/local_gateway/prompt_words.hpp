#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace callsheet::local_gateway {

/// The same number for the same text, on every machine: what is drawn for a prompt does not change between
/// runs.
[[nodiscard]] std::uint32_t seed_of(std::string_view text);

/// Whether one of `words` stands in the text, in any case, from the beginning of a word on ("sunset" is in
/// "at sunsets", not in "unsunset").
[[nodiscard]] bool mentions(std::string_view text, std::initializer_list<std::string_view> words);

}  // namespace callsheet::local_gateway
