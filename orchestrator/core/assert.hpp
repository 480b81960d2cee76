#pragma once

namespace callsheet {
/// Prints the broken invariant and its place, then aborts. Any thread.
[[noreturn]] void assertion_failed(char const* condition, char const* file, int line);
}  // namespace callsheet

/// Invariants stay checked in release builds: a stopped program is better than wrong money.
#define CALLSHEET_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::callsheet::assertion_failed(#condition, __FILE__, __LINE__))
