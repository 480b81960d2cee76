#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace callsheet::report {

// Foreign text for Markdown that GitHub or GitLab renders. Nothing in it ends a table's cell, becomes markup,
// HTML, a link, a reference or calls a person: what could is written as a character reference, of which
// Markdown makes nothing, and what the page would look for afterwards is broken up or stands in <code>. One
// line; at most `width` characters, "…" where it was cut.

/// A name or a file: set as code.
[[nodiscard]] std::string markdown_code(std::string_view text, std::size_t width = 120);
/// Words.
[[nodiscard]] std::string markdown_words(std::string_view text, std::size_t width = 300);

}  // namespace callsheet::report
