#pragma once

#include "orchestrator/core/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace callsheet::engine {

/// Where a task stands in the heap that holds it, by the task's slot. A task is in one heap at a time, so all
/// heaps of an engine share one.
using HeapPositions = std::vector<std::uint32_t>;
inline constexpr std::uint32_t in_no_heap = UINT32_MAX;

/// A priority queue of slots, smallest key first, from which any one can be taken out: a 4-ary heap in one
/// array, so that a million waiting tasks cost 16 bytes each and few cache misses. `positions` outlives it.
template <class Key>
class SlotHeap {
 public:
  explicit SlotHeap(HeapPositions& positions) : positions_{&positions} {}

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] Key const& top_key() const { return entries_.front().key; }
  [[nodiscard]] std::uint32_t top() const { return entries_.front().slot; }

  void push(std::uint32_t slot, Key key) {
    CALLSHEET_ASSERT((*positions_)[slot] == in_no_heap);
    entries_.push_back({key, slot});
    rise(entries_.size() - 1);
  }

  std::uint32_t pop() {
    std::uint32_t const slot = top();
    erase(slot);
    return slot;
  }

  /// The slot must be in this heap.
  void erase(std::uint32_t slot) {
    std::uint32_t const at = std::exchange((*positions_)[slot], in_no_heap);
    Entry const last = entries_.back();
    entries_.pop_back();
    if (at == entries_.size()) return;
    entries_[at] = last;
    (*positions_)[last.slot] = at;
    rise(at);
    sink((*positions_)[last.slot]);
  }

 private:
  struct Entry {
    [[no_unique_address]] Key key;  // its tail padding holds the slot: four children are one cache line
    std::uint32_t slot;
  };
  static constexpr std::size_t arity = 4;

  void place(std::size_t at, Entry const& entry) {
    entries_[at] = entry;
    (*positions_)[entry.slot] = static_cast<std::uint32_t>(at);
  }

  void rise(std::size_t at) {
    Entry const moving = entries_[at];
    while (at > 0) {
      std::size_t const parent = (at - 1) / arity;
      if (!(moving.key < entries_[parent].key)) break;
      place(at, entries_[parent]);
      at = parent;
    }
    place(at, moving);
  }

  void sink(std::size_t at) {
    Entry const moving = entries_[at];
    for (;;) {
      std::size_t const first = at * arity + 1;
      if (first >= entries_.size()) break;
      std::size_t least = first;
      for (std::size_t child = first + 1; child < first + arity && child < entries_.size(); ++child)
        if (entries_[child].key < entries_[least].key) least = child;
      if (!(entries_[least].key < moving.key)) break;
      place(at, entries_[least]);
      at = least;
    }
    place(at, moving);
  }

  std::vector<Entry> entries_;
  HeapPositions* positions_;
};

}  // namespace callsheet::engine
