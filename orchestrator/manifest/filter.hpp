#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace callsheet::manifest {

/// What `{{ name | filter }}` does to a value.
struct Filter {
  enum class Kind {
    slug,      ///< letters, digits and single `-`: "Zoë's Café" becomes "zoe-s-cafe"
    upper,     ///< in capitals, of any script
    lower,     ///< in small letters, of any script
    fallback,  ///< `default('text')`: that text where the value is empty
    truncate,  ///< `truncate(40)`: at most so many characters, as people count them
  };
  Kind kind = Kind::slug;
  std::string text;         ///< of default
  std::uint32_t count = 0;  ///< of truncate
};

/// What is wrong with a filter, and how to mend it.
struct BadFilter {
  std::string what;
  std::string mend;
};

/// One filter as it is written: "slug", "default('none')". Pure.
[[nodiscard]] tl::expected<Filter, BadFilter> parse_filter(std::string_view text);

/// One after the other. Values are UTF-8. Pure.
[[nodiscard]] std::string filtered(std::vector<Filter> const& filters, std::string_view value);

}  // namespace callsheet::manifest
