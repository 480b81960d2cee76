// Everything the gateway can answer, as every kind of answer: no text may crash a decoder, and none may pass
// a price for valid that is negative or absurd.

#include "orchestrator/gateway/codec.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>

using namespace callsheet;
using namespace std::chrono_literals;

namespace {

bool is_safe(GatewayTaskId const& id) {
  std::string const& text = id.str();
  return !text.empty() && text.size() <= 128 && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c == '-' || c == '_' || c == '.' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                  (c >= 'a' && c <= 'z');
         });
}

/// Times that can be computed with, and written down.
bool is_sane(TimePoint time) {
  return time >= TimePoint{} - 1'000'000 * 24h && time <= TimePoint{} + 20'000'000 * 24h;
}

/// Between `least` and `most` percent of the expected price; half a unit is rounded.
bool is_near(Credits amount, Credits expected, std::int64_t least, std::int64_t most) {
  return (amount.units() + 1) * 100 >= expected.units() * least &&
         (amount.units() - 1) * 100 <= expected.units() * most;
}

void check_created(std::string_view body, Credits expected) {
  auto const created = gateway::decode_created(body, expected);
  if (!created) return;
  FUZZ_CHECK(is_safe(created->id));
  if (auto const* told = std::get_if<Told>(&created->reserved)) {
    FUZZ_CHECK(told->amount >= Credits{});
    FUZZ_CHECK(is_near(told->amount, expected, 80, 120));
  }
  if (auto const* absurd = std::get_if<Absurd>(&created->reserved)) FUZZ_CHECK(absurd->raw.size() <= 40);
  if (created->estimated_time)
    FUZZ_CHECK(*created->estimated_time >= 0s && *created->estimated_time <= 86'400s);
}

void check_view(std::optional<gateway::TaskView> const& view, Credits expected) {
  if (!view) return;
  FUZZ_CHECK(view->percent >= 0 && view->percent <= 100);
  if (view->created) FUZZ_CHECK(is_sane(*view->created));
  if (view->charged) {
    FUZZ_CHECK(view->status == gateway::TaskStatus::completed);
    FUZZ_CHECK(*view->charged >= Credits{});
    FUZZ_CHECK(is_near(*view->charged, expected, 10, 1'000));
  }
  if (view->refund_seen) FUZZ_CHECK(view->status == gateway::TaskStatus::failed);
  if (view->status == gateway::TaskStatus::failed) FUZZ_CHECK(!view->failure.message.empty());
}

void check_batch(std::string_view body, Credits expected) {
  std::vector<gateway::AskedTask> const asked{{GatewayTaskId{"task-unified-1757169743-7cvnl5zw"}, expected},
                                              {GatewayTaskId{"a"}, expected}};
  auto const views = gateway::decode_batch(body, asked);
  if (!views) return;
  FUZZ_CHECK(views->size() == asked.size());
  for (auto const& view : *views) check_view(view, expected);
}

void check_page(std::string_view body) {
  auto const page = gateway::decode_task_page(body);
  if (!page) return;
  for (gateway::ListedTask const& task : page->tasks) {
    FUZZ_CHECK(is_safe(task.id));
    FUZZ_CHECK(task.created >= TimePoint{} && is_sane(task.created));
    if (task.duration) FUZZ_CHECK(*task.duration >= 0s && *task.duration <= 86'400s);
  }
}

void check_headers(std::string_view text) {
  for (TimePoint const now : {TimePoint{}, TimePoint{1'764'000'000s}}) {
    auto const wait = gateway::parse_retry_after(text, now);
    if (wait) FUZZ_CHECK(*wait >= 0ms && *wait <= 1h);
  }
  auto const date = gateway::parse_http_date(text);
  if (date) FUZZ_CHECK(is_sane(*date));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text{reinterpret_cast<char const*>(data), size};
  // One price an input, so that there is time for more inputs.
  constexpr std::array prices{Credits::whole(27), Credits{}, Credits::from_units(1), Credits::whole(100'000)};
  Credits const expected = prices[size % prices.size()];
  check_created(text, expected);
  check_view(gateway::decode_task(text, expected), expected);
  check_batch(text, expected);
  check_page(text);
  check_headers(text);
  gateway::ErrorBody const error = gateway::decode_error(text);
  FUZZ_CHECK(error.message.size() <= 500 && error.code.size() <= 500);
  if (auto const balance = gateway::decode_balance(text))
    FUZZ_CHECK(balance->account <= Credits::whole(1'000'000'000'000));
  if (auto const file = gateway::decode_upload(text)) FUZZ_CHECK(is_sane(file->expires));
  GatewayTaskId const id = gateway::decode_callback(text);
  FUZZ_CHECK(id.empty() || is_safe(id));
  return 0;
}
