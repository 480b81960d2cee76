#include "orchestrator/gateway/query_batches.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <string>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::gateway;
using namespace std::chrono_literals;
namespace net = boost::asio;

namespace {

/// A gateway that keeps what it was asked: "a" for one task, "a b" for several.
class Asked {
 public:
  explicit Asked(QueryBatches::Terms terms)
      : batches{terms,
                {.one = [this](AskedTask task) { return one(std::move(task)); },
                 .several = [this](std::vector<AskedTask> tasks) { return several(std::move(tasks)); }}} {}

  /// Each query begins in the same turn, and what came of it is kept by its name.
  void ask(std::vector<std::string> const& names) {
    for (std::string const& name : names)
      net::co_spawn(io, batches.query({GatewayTaskId{name}, Credits::whole(1)}),
                    [this, name](std::exception_ptr const& thrown, QueryBatches::Answer answer) {
                      CHECK_FALSE(thrown);
                      answers.insert_or_assign(name, std::move(answer));
                    });
    io.restart();
    io.run();
  }

  net::io_context io{1};
  QueryBatches batches;
  std::vector<std::string> requests;
  std::map<std::string, QueryBatches::Answer> answers;
  std::string left_out;                            ///< of batches
  std::optional<QueryBatches::Refusal> refuses{};  ///< batches

 private:
  net::awaitable<QueryBatches::Answer> one(AskedTask task) {
    requests.push_back(task.id.str());
    co_await net::post(net::use_awaitable);
    co_return view_of(task.id.str());
  }

  net::awaitable<QueryBatches::BatchAnswer> several(std::vector<AskedTask> tasks) {
    std::string names;
    std::vector<std::optional<TaskView>> views;
    for (AskedTask const& task : tasks) {
      names += (names.empty() ? "" : " ") + task.id.str();
      if (task.id.str() == left_out)
        views.emplace_back();
      else
        views.emplace_back(view_of(task.id.str()));
    }
    requests.push_back(names);
    co_await net::post(net::use_awaitable);
    if (refuses) co_return tl::unexpected<QueryBatches::Refusal>{*refuses};
    co_return views;
  }

  static TaskView view_of(std::string const& name) {
    TaskView view;
    view.links = {name};
    return view;
  }
};

bool told(QueryBatches::Answer const& answer, std::string const& name) {
  return answer && answer->links == std::vector<std::string>{name};
}

constexpr QueryBatches::Terms by_three{.most = 3, .moment = 1ms};
constexpr QueryBatches::Terms not_before_full{.most = 3, .moment = 1h};

}  // namespace

TEST_CASE("batches: what comes together is one request, and each is told of its own task") {
  Asked gateway{by_three};
  gateway.ask({"a", "b"});
  CHECK(gateway.requests == std::vector<std::string>{"a b"});
  CHECK(told(gateway.answers.at("a"), "a"));
  CHECK(told(gateway.answers.at("b"), "b"));
}

TEST_CASE("batches: one that is full leaves at once, and what comes next begins another") {
  Asked gateway{not_before_full};
  gateway.ask({"a", "b", "c", "d", "e", "f"});
  CHECK(gateway.requests == std::vector<std::string>{"a b c", "d e f"});
  CHECK(gateway.answers.size() == 6);
  CHECK(std::all_of(gateway.answers.begin(), gateway.answers.end(),
                    [](auto const& one) { return told(one.second, one.first); }));
}

TEST_CASE("batches: a query that stays alone is a plain one, and so are all where none are offered") {
  Asked gateway{by_three};
  gateway.ask({"a"});
  CHECK(gateway.requests == std::vector<std::string>{"a"});
  Asked plain{{}};
  plain.ask({"a", "b"});
  CHECK(plain.requests == std::vector<std::string>{"a", "b"});
  CHECK(told(plain.answers.at("b"), "b"));
}

TEST_CASE(
    "batches: a task that is left out is told as a failure, then asked for by itself: no request more") {
  Asked gateway{by_three};
  gateway.left_out = "b";
  gateway.ask({"a", "b", "c"});
  CHECK(told(gateway.answers.at("a"), "a"));
  REQUIRE_FALSE(gateway.answers.at("b"));
  CHECK(gateway.answers.at("b").error().kind == FailureKind::temporary);
  gateway.ask({"a", "b", "c"});
  CHECK(told(gateway.answers.at("b"), "b"));
  CHECK(gateway.requests.size() == 3);
  CHECK(std::count(gateway.requests.begin(), gateway.requests.end(), "b") == 1);
}

TEST_CASE("batches: a gateway that takes none is asked one by one from then on, a fault is each task's own") {
  Asked gateway{by_three};
  gateway.refuses = QueryBatches::Refusal{
      .offered = QueryBatches::Offered::yes,
      .failure = {.kind = FailureKind::rate_limited, .message = "slow down", .retry_after = 3s}};
  gateway.ask({"a", "b"});
  for (char const* name : {"a", "b"}) {
    REQUIRE_FALSE(gateway.answers.at(name));
    CHECK(gateway.answers.at(name).error().kind == FailureKind::rate_limited);
    CHECK(gateway.answers.at(name).error().retry_after == 3s);
  }
  gateway.refuses->offered = QueryBatches::Offered::no;
  gateway.ask({"a", "b"});
  CHECK(gateway.requests == std::vector<std::string>{"a b", "a b"});
  gateway.ask({"a", "b"});
  CHECK(gateway.requests == std::vector<std::string>{"a b", "a b", "a", "b"});
  CHECK(told(gateway.answers.at("a"), "a"));
}

TEST_CASE("batches: nobody waits for ever when the first of them is cancelled") {
  Asked gateway{not_before_full};
  net::cancellation_signal stop;
  bool cancelled = false;
  net::co_spawn(gateway.io, gateway.batches.query({GatewayTaskId{"a"}, Credits::whole(1)}),
                net::bind_cancellation_slot(
                    stop.slot(), [&](std::exception_ptr const& thrown, QueryBatches::Answer const&) {
                      cancelled = thrown != nullptr;
                    }));
  net::post(gateway.io, [&] { stop.emit(net::cancellation_type::terminal); });
  gateway.ask({"b"});
  CHECK(cancelled);
  REQUIRE_FALSE(gateway.answers.at("b"));
  CHECK(gateway.answers.at("b").error().kind == FailureKind::temporary);
  CHECK(gateway.requests.empty());
  gateway.ask({"c", "d", "e"});
  CHECK(gateway.requests == std::vector<std::string>{"c d e"});
}
