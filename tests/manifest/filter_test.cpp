#include "orchestrator/manifest/filter.hpp"

#include <doctest/doctest.h>

using namespace callsheet::manifest;

namespace {

std::string through(std::vector<std::string> const& filters, std::string const& value) {
  std::vector<Filter> parsed;
  for (std::string const& text : filters) {
    auto filter = parse_filter(text);
    REQUIRE(filter.has_value());
    parsed.push_back(*std::move(filter));
  }
  return filtered(parsed, value);
}

}  // namespace

TEST_CASE("filter: values in, values out") {
  struct Row {
    std::vector<std::string> filters;
    std::string value;
    std::string result;
  };
  for (Row const& row : std::vector<Row>{
           {{"slug"}, "Zoë's Café  au lait!", "zoe-s-cafe-au-lait"},
           {{"slug"}, "--already-a-slug--", "already-a-slug"},
           {{"slug"}, "Straße 7", "strasse-7"},
           {{"slug"}, "Москва", "moskva"},
           {{"slug"}, "東京", "dong-jing"},
           {{"slug"}, "!!!", ""},
           {{"slug"}, "", ""},
           {{"upper"}, "müller straße", "MÜLLER STRASSE"},
           {{"lower"}, "ÉCOLE Ω", "école ω"},
           {{"default('none')"}, "", "none"},
           {{"default('none')"}, "x", "x"},
           {{"default(\"it's | (so)\")"}, "", "it's | (so)"},
           {{"default('')"}, "", ""},
           {{"truncate(5)"}, "Möwen im Wind", "Möwen"},
           {{"truncate(6)"}, "Möwen im Wind", "Möwen"},
           {{"truncate(5)"}, "short", "short"},
           {{"truncate(2)"},
            "e\u0301e\u0301e\u0301",
            "e\u0301e\u0301"},  // an accent of its own is no character
           {{"truncate(1)"}, "👩‍👩‍👧x", "👩‍👩‍👧"},
           {{"default('No Name')", "slug", "truncate(4)"}, "", "no-n"},
           {{" truncate( 3 ) "}, "abcdef", "abc"},
       })
    CHECK(through(row.filters, row.value) == row.result);
}

TEST_CASE("filter: what is wrong is told") {
  struct Row {
    std::string text;
    std::string what;
    std::string mend;
  };
  for (Row const& row : std::vector<Row>{
           {"uper", "there is no filter `uper`", "did you mean `upper`?"},
           {"", "no filter stands after `|`", "slug, upper, lower, default, truncate"},
           {"default", "`default` needs a text in quotes", "write `default('none')`"},
           {"default(none)", "`default` needs a text in quotes", "write `default('none')`"},
           {"truncate", "`truncate` needs a number of characters, 1 to 2500", "write `truncate(40)`"},
           {"truncate(0)", "`truncate` needs a number of characters, 1 to 2500", "write `truncate(40)`"},
           {"truncate(9999)", "`truncate` needs a number of characters, 1 to 2500", "write `truncate(40)`"},
           {"truncate(4", "`truncate(4` is not closed with `)`", "add the `)`"},
           {"slug('x')", "`slug` takes nothing in brackets", "write `slug`"},
       }) {
    auto const filter = parse_filter(row.text);
    REQUIRE_FALSE(filter.has_value());
    CHECK(filter.error().what == row.what);
    CHECK(filter.error().mend.find(row.mend) != std::string::npos);
  }
}
