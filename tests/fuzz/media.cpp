// The clip reader, with whatever a download may bring.

#include "orchestrator/media/clip_check.hpp"
#include "tests/fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

using namespace callsheet;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const facts = media::probe_clip(std::span{data, size});
  if (!facts) {
    FUZZ_CHECK(facts.error().code == Code::bad_clip);
    return 0;
  }
  FUZZ_CHECK(facts->size_bytes == size);
  FUZZ_CHECK(facts->width > 0 && facts->width <= 65'535 && facts->height > 0 && facts->height <= 65'535);
  FUZZ_CHECK(facts->length.count() >= 0);
  return 0;
}
