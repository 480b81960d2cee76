#include "orchestrator/engine/slot_heap.hpp"

#include "orchestrator/engine/random.hpp"

#include <set>
#include <utility>

#include <doctest/doctest.h>

using namespace callsheet::engine;

TEST_CASE("slot heap: always the smallest first, whatever is taken out in between") {
  Random random{5};
  for (int round = 0; round < 50; ++round) {
    constexpr std::uint32_t slots = 200;
    HeapPositions positions(slots, in_no_heap);
    SlotHeap<std::pair<std::int64_t, std::uint32_t>> heap{positions};
    std::set<std::pair<std::int64_t, std::uint32_t>> expected;
    std::vector<std::int64_t> key_of(slots);
    for (int step = 0; step < 1000; ++step) {
      auto const slot = static_cast<std::uint32_t>(random.between(0, slots - 1));
      if (positions[slot] == in_no_heap) {
        key_of[slot] = random.between(0, 50);
        heap.push(slot, {key_of[slot], slot});
        expected.emplace(key_of[slot], slot);
      } else if (random.between(0, 1) == 0) {
        heap.erase(slot);
        expected.erase({key_of[slot], slot});
      } else {
        std::uint32_t const top = heap.pop();
        REQUIRE(top == expected.begin()->second);
        expected.erase(expected.begin());
      }
      REQUIRE(heap.size() == expected.size());
      if (!heap.empty()) REQUIRE(heap.top() == expected.begin()->second);
    }
  }
}
