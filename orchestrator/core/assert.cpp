#include "orchestrator/core/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace callsheet {

void assertion_failed(char const* condition, char const* file, int line) {
  std::fprintf(stderr, "callsheet: a bug in callsheet: %s:%d: %s does not hold; what was recorded is safe\n",
               file, line, condition);
  std::abort();
}

}  // namespace callsheet
