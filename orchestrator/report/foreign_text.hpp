#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace callsheet::report {

/// Reads foreign text character by character and hands each on as UTF-8: what is not UTF-8 (one byte at a
/// time) and what no document can hold (control characters but tab, LF and CR, U+FFFE, U+FFFF) comes as
/// U+FFFD. `use` returns false to stop.
void each_character(std::string_view text,
                    std::function<bool(char32_t point, std::string_view bytes)> const& use);

}  // namespace callsheet::report
