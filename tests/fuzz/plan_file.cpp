// A plan file as anybody may have changed it since it was written, read back and compared: `run plan.json`
// and `diff` do no more with it before the manifest is planned again.

#include "orchestrator/plan/outline.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/plan/plan_document.hpp"
#include "tests/fuzz/check.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace callsheet;

namespace {

/// What no plan has that was made of manifests: two takes of one name, or a clip twice.
bool has_doubles(plan::Outline const& outline) {
  std::set<std::pair<std::string, int>> names;
  std::set<TaskIdentity> clips;
  for (plan::OutlinedTask const& task : outline.tasks)
    if (!names.emplace(task.name, task.take).second || !clips.insert(task.identity).second) return true;
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const read = plan::parse_outline({reinterpret_cast<char const*>(data), size}, "/nowhere");
  if (!read) return 0;
  FUZZ_CHECK(!read->manifests.empty() && plan::decode_terms(read->terms));
  for (plan::OutlinedTask const& task : read->tasks) {
    FUZZ_CHECK(task.take >= 1 && !task.prices.empty());
    for (plan::OutlinedPrice const& price : task.prices)
      FUZZ_CHECK(price.expected >= Credits{} && price.most >= Credits{});
  }
  plan::OutlineDifference const same = plan::compare(*read, *read);
  FUZZ_CHECK(same.cost_before == same.cost_after && same.added.empty() && same.removed.empty());
  std::vector<std::string> const moved = plan::moved(*read, *read);
  if (!has_doubles(*read)) FUZZ_CHECK(moved.empty() && same.same == read->tasks.size());

  // Beside a plan of nothing, all of it is new.
  plan::Outline nothing = *read;
  nothing.tasks.clear();
  plan::OutlineDifference const all = plan::compare(nothing, *read);
  FUZZ_CHECK(all.removed.empty() && all.added.size() + all.same <= read->tasks.size());
  return 0;
}
