#include "orchestrator/core/ids.hpp"

#include <doctest/doctest.h>

using namespace callsheet;

TEST_CASE("attempts are named by task and try, and nothing else is such a name") {
  CHECK(to_string(AttemptKey{TaskId{12}, 3}) == "12.3");
  CHECK(parse_attempt_key("12.3") == AttemptKey{TaskId{12}, 3});
  for (char const* text :
       {"", "12", "12.", ".3", "12.0", "12.3x", "-1.2", "a.b", "12.3.4", "99999999999.1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_attempt_key(text));
  }
}
