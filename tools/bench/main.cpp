#include "tools/bench/benches.hpp"

#include <cstdio>
#include <cstring>

int main(int argc, char** argv) {
  struct Bench {
    char const* name;
    void (*run)();
  };
  using namespace callsheet::bench;
  bool any = false;
  for (Bench const& bench :
       {Bench{"engine", engine_bench}, Bench{"polling", polling_bench}, Bench{"makespan", makespan_bench}})
    if (argc < 2 || std::strcmp(argv[1], bench.name) == 0) {
      bench.run();
      any = true;
    }
  if (any) return 0;
  std::fputs("usage: engine_bench [engine|polling|makespan]\n", stderr);
  return 2;
}
