#include "orchestrator/manifest/twins.hpp"

#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <rapidcheck.h>

using callsheet::manifest::Twins;

TEST_CASE("twins: whatever comes twice is suspected, and what comes once is not") {
  CHECK(rc::check([] {
    auto const texts = *rc::gen::container<std::vector<std::string>>(
        rc::gen::map(rc::gen::inRange(0, 50), [](int n) { return std::to_string(n); }));
    Twins twins;
    std::map<std::string, int> times;
    for (std::string const& text : texts) {
      twins.note(text);
      ++times[text];
    }
    bool any = false;
    for (auto const& [text, count] : times) any = any || count > 1;
    RC_ASSERT(twins.any() == any);
    for (auto const& [text, count] : times) RC_ASSERT(twins.suspects(text) == (count > 1));
    RC_ASSERT(!twins.suspects("never there"));
  }));
}
