#pragma once

#include <cstdio>
#include <cstdlib>

/// What must hold whatever comes in: a fuzzer counts an abort as found. Not assert(), which builds may leave
/// out.
#define FUZZ_CHECK(condition) \
  ((condition)                \
       ? static_cast<void>(0) \
       : (std::fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition), std::abort()))
