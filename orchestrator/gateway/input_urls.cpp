#include "orchestrator/gateway/input_urls.hpp"

#include "orchestrator/core/output_file.hpp"
#include "orchestrator/gateway/follow.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace callsheet::gateway {

namespace net = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t at_a_time = 4;
constexpr http::Timeouts input_time_outs{
    .connect = std::chrono::seconds{10}, .idle = std::chrono::seconds{30}, .total = std::chrono::minutes{10}};

class InputSink final : public http::BodySink {
 public:
  InputSink(fs::path path, std::uint64_t most) : path_{std::move(path)}, most_{most} {}

  Result<void> begin(http::Response const& head, std::optional<std::uint64_t> length) override {
    taken_ = head.status == 200;
    size_ = 0;
    promised_ = length;
    if (!taken_) return {};
    if (length && *length > most_) return too_large();
    return file_.open(path_) ? Result<void>{} : unwritten();
  }

  Result<void> write(std::string_view piece) override {
    if (!taken_) return {};
    size_ += piece.size();
    if (size_ > most_) return too_large();
    return file_.write(piece) ? Result<void>{} : unwritten();
  }

  Result<void> finish() {
    if (!taken_) return fail(Code::bad_answer, "it is empty");  // an empty answer never begins
    if (!file_.close()) return unwritten();
    if (promised_ && *promised_ != size_)
      return fail(Code::bad_answer, fmt::format("{} bytes came of {} promised", size_, *promised_));
    return {};
  }

 private:
  [[nodiscard]] tl::unexpected<Error> too_large() const {
    return fail(Code::too_large, fmt::format("it is larger than {} MB", most_ / 1'000'000));
  }
  [[nodiscard]] tl::unexpected<Error> unwritten() const {
    return fail(Code::file_system, fmt::format("cannot write '{}': {}", path_.string(), file_.why()));
  }

  fs::path path_;
  std::uint64_t most_;
  OutputFile file_;
  std::optional<std::uint64_t> promised_;
  std::uint64_t size_ = 0;
  bool taken_ = false;
};

net::awaitable<Result<void>> fetch_input(http::Client& client, InputUrl input, InputReach reach,
                                         fs::path to) {
  RequestFor asking = [&input, reach](http::Url const& url) -> Result<http::Request> {
    if (url.scheme == http::Scheme::http && reach == InputReach::https_public)
      return fail(Code::refused_address,
                  fmt::format("{} is plain http, where others can change what comes", http::origin_of(url)));
    http::Request request;
    request.url = url;
    request.headers.push_back({"User-Agent", "callsheet"});
    request.headers.push_back({"Accept", "*/*"});
    request.timeouts = input_time_outs;
    request.body_most = input.bytes_most;
    request.addresses =
        reach == InputReach::https_public ? http::Addresses::public_only : http::Addresses::any;
    return request;
  };
  InputSink sink{to, input.bytes_most};
  std::string link = input.url;
  Followed const followed = co_await follow(client, std::move(link), std::move(asking), sink);
  if (!followed.answer) co_return fail(followed.answer.error().error);
  int const status = followed.answer->status;
  if (status == 200) co_return sink.finish();
  co_return fail(Code::not_found, fmt::format("{} answered {}", http::origin_of(followed.at), status));
}

/// What the fetchers share; lives until the last of them has ended.
struct Fetching {
  std::vector<InputUrl> inputs;
  InputReach reach;
  fs::path folder;
  InputTaker take;
  net::steady_timer ended;
  std::size_t next = 0;
  std::size_t working = 0;
  std::exception_ptr failure = nullptr;
};

net::awaitable<void> fetch_one_after_the_other(http::Client& client, Fetching& all) {
  while (all.next < all.inputs.size()) {
    std::size_t const number = all.next++;
    fs::path const file = all.folder / fmt::format("input-{}", number);
    InputUrl input = all.inputs[number];
    fs::path to = file;
    Result<void> const fetched = co_await fetch_input(client, std::move(input), all.reach, std::move(to));
    Result<fs::path> const got = fetched ? Result<fs::path>{file} : fail(fetched.error());
    all.take(number, got);
    std::error_code ignored;
    fs::remove(file, ignored);
  }
}

}  // namespace

net::awaitable<void> fetch_inputs(http::Client& client, std::vector<InputUrl> inputs, InputReach reach,
                                  fs::path folder, InputTaker take) {
  auto const executor = co_await net::this_coro::executor;
  Fetching all{.inputs = std::move(inputs),
               .reach = reach,
               .folder = std::move(folder),
               .take = std::move(take),
               .ended = net::steady_timer{executor, net::steady_timer::time_point::max()}};
  all.working = std::min(at_a_time, all.inputs.size());
  auto const one_ended = [&all](std::exception_ptr const& thrown) {
    if (thrown) all.failure = thrown;
    if (--all.working == 0) all.ended.cancel();
  };
  for (std::size_t i = 0, count = all.working; i < count; ++i)
    net::co_spawn(executor, fetch_one_after_the_other(client, all), one_ended);
  while (all.working > 0) co_await all.ended.async_wait(net::as_tuple(net::use_awaitable));
  if (all.failure) std::rethrow_exception(all.failure);
}

}  // namespace callsheet::gateway
