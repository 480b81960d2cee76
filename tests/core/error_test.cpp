#include "orchestrator/core/error.hpp"

#include <doctest/doctest.h>

using namespace callsheet;

TEST_CASE("error: shows where, what, the source line with a caret, and how to mend it") {
  Error const error{.code = Code::invalid_manifest,
                    .what = "duration 16 is outside what kling-v3-image-to-video can do (3 to 15 s)",
                    .mend = "use 3..15",
                    .where = {"spring.yaml", 14, 15},
                    .source_line = "    duration: 16",
                    .width = 2};
  CHECK(render(error) ==
        "spring.yaml:14:15: error: duration 16 is outside what kling-v3-image-to-video can do (3 to 15 s)\n"
        "   14 |     duration: 16\n"
        "      |               ^~\n"
        "  mend: use 3..15\n");
}

TEST_CASE("error: the caret counts characters, not bytes") {
  Error const error{.what = "x", .where = {"a.yaml", 1, 8}, .source_line = "café: y"};
  CHECK(render(error).find("\n      |       ^\n") != std::string::npos);
}

TEST_CASE("error: without a file it is one line") {
  CHECK(render(Error{.what = "no key"}) == "error: no key\n");
}
