#include "orchestrator/core/time.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace std::chrono_literals;

TEST_CASE("time: RFC 3339 reads back, with offsets and fractions") {
  TimePoint const time = std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + 20h + 15min + 7s;
  CHECK(format_rfc3339(time) == "2026-11-23T20:15:07Z");
  CHECK(parse_rfc3339("2026-11-23T20:15:07Z") == time);
  CHECK(parse_rfc3339("2026-11-24T04:15:07+08:00") == time);
  CHECK(parse_rfc3339("2026-11-23T20:15:07.250Z") == time + 250ms);
  for (char const* bad :
       {"", "2026-11-23", "2026-13-01T00:00:00Z", "2026-11-23T20:15:07", "2026-02-30T00:00:00Z",
        "2026-11-23T20:15:07.Z", "2026-11-23T20:15:07Zx", "2026-11-23T25:15:07Z", "2026-11-23T20:15:07+24:00",
        "2026-11-23T20:15:07-99:00", "2026-11-23T20:15:07+01:60"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_rfc3339(bad).has_value());
  }
}

TEST_CASE("time: dates of HTTP headers have two-digit days, English names and GMT") {
  using std::chrono::sys_days;
  using std::chrono::year;
  CHECK(format_http_date(sys_days{year{2026} / 11 / 23} + 20h + 15min + 7s) ==
        "Mon, 23 Nov 2026 20:15:07 GMT");
  CHECK(format_http_date(sys_days{year{2028} / 2 / 29} + 999ms) == "Tue, 29 Feb 2028 00:00:00 GMT");
  CHECK(format_http_date(sys_days{year{2027} / 1 / 3} + 23h + 59min + 59s) ==
        "Sun, 03 Jan 2027 23:59:59 GMT");
}

TEST_CASE("time: durations are shown in the unit a person would use") {
  CHECK(format_duration(850ms) == "850 ms");
  CHECK(format_duration(4'250ms) == "4.2 s");
  CHECK(format_duration(185s) == "3 min 05 s");
  CHECK(format_duration(130min) == "2 h 10 min");
}
