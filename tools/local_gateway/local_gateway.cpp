#include "tools/local_gateway/local_gateway.hpp"

#include "orchestrator/core/digest.hpp"
#include "tools/local_gateway/callbacks.hpp"
#include "tools/local_gateway/fetcher.hpp"
#include "tools/local_gateway/routes.hpp"

#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_set>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>

namespace callsheet::local_gateway {

namespace net = boost::asio;

namespace {

constexpr std::uint64_t body_bytes_max = 140 * 1024 * 1024;  // 100 MB of file in base64, and some

/// The state folder with its parts; a temporary one is removed at the end.
class StateFolder {
 public:
  explicit StateFolder(std::filesystem::path const& wanted)
      : temporary_{wanted.empty()},
        path_{temporary_ ? std::filesystem::temp_directory_path() / ("callsheet-gateway-" + random_hex(8))
                         : std::filesystem::absolute(wanted)} {}
  ~StateFolder() {
    std::error_code ignored;
    if (temporary_) std::filesystem::remove_all(path_, ignored);
  }
  StateFolder(StateFolder const&) = delete;
  StateFolder& operator=(StateFolder const&) = delete;

  [[nodiscard]] Result<void> make() const {
    std::error_code error;
    for (char const* const part : {"uploads", "results", "fast", "tmp"})
      if (!error) std::filesystem::create_directories(path_ / part, error);
    if (error)
      return fail(Code::file_system, fmt::format("cannot make {}: {}", path_.string(), error.message()));
    return {};
  }
  /// Throws away what a killed gateway was rendering. Only once the journal's lock is ours.
  [[nodiscard]] Result<void> clear_scratch() const {
    std::error_code error;
    std::filesystem::remove_all(path_ / "tmp", error);
    if (!error) std::filesystem::create_directories(path_ / "tmp", error);
    if (error)
      return fail(Code::file_system, fmt::format("cannot clear {}: {}", path_.string(), error.message()));
    return {};
  }
  [[nodiscard]] std::filesystem::path const& path() const { return path_; }

 private:
  bool temporary_;
  std::filesystem::path path_;
};

}  // namespace

class LocalGateway::Machinery {
 public:
  explicit Machinery(Options options) : options_{std::move(options)}, folder_{options_.state_dir} {}
  ~Machinery() { stop(); }
  Machinery(Machinery const&) = delete;
  Machinery& operator=(Machinery const&) = delete;

  [[nodiscard]] Result<void> start() {
    if (Result<void> made = folder_.make(); !made) return made;
    Result<Journal> journal = Journal::open(folder_.path() / "journal.jsonl");
    if (!journal) return fail(journal.error());
    if (Result<void> cleared = folder_.clear_scratch(); !cleared) return cleared;
    Clock const& clock = options_.clock != nullptr ? *options_.clock : system_clock_;
    service_.emplace(io_.get_executor(), options_, clock, *std::move(journal), folder_.path());
    auto const outside = std::make_shared<Outside>(options_.reach);
    fetcher_.emplace(io_.get_executor(), outside, Routes::upload_bytes_max);
    Callbacks::Settings calls{.first_wait = options_.callback_first_wait, .on_fault = options_.on_fault};
    callbacks_.emplace(io_.get_executor(), outside, std::move(calls));
    service_->tell_ends_to([this](Task const& task) { call_back(task); });
    if (Result<void> restored = service_->restore(); !restored) return restored;
    routes_.emplace(options_, *service_);
    if (Result<void> listening = listen(); !listening) return listening;
    thread_ = std::thread{[this] {
      auto const keep_running = net::make_work_guard(io_);
      io_.run();
    }};
    return {};
  }

  void stop() {
    std::lock_guard const lock{mutex_};
    if (thread_.joinable()) {
      net::co_spawn(io_, close(), net::use_future).get();
      io_.stop();
      thread_.join();
    }
    if (service_) service_->stop();
  }

  [[nodiscard]] Bill bill() {
    std::lock_guard const lock{mutex_};
    if (!service_) return {};
    if (!thread_.joinable()) return service_->bill();
    return net::post(io_, net::use_future([this] { return service_->bill(); })).get();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  [[nodiscard]] Result<void> listen() {
    http::ServerOptions options;
    options.port = options_.port;
    options.body_bytes_max = body_bytes_max;
    options.refuse = [this](int status) { return routes_->refusal(status); };
    options.on_failure = options_.on_fault;
    auto server = http::Server::listen(
        io_, std::move(options), [this](http::ServerRequest request) { return answer(std::move(request)); });
    if (!server) return fail(server.error());
    server_ = *std::move(server);
    port_ = server_->port();
    routes_->set_base_url(fmt::format("http://127.0.0.1:{}", port_));
    return {};
  }

  void call_back(Task const& task) {
    if (task.order.callback.empty()) return;
    // Some end while the gateway starts, when there are no links yet.
    net::post(io_, [this, &task] {
      std::optional<Fault> const fault = service_->faults().next_callback();
      if (fault) service_->blame(task.id, *fault);
      if (fault == Fault::callbacks_lose) return;
      callbacks_->call(task.order.callback, routes_->told_of(task), fault == Fault::callbacks_twice ? 2 : 1);
    });
  }

  net::awaitable<http::ServerResponse> answer(http::ServerRequest request) {
    Routes::Reply reply = routes_->answer(request);
    if (reply.fetch) {
      Result<std::string> const bytes = co_await fetcher_->get(reply.fetch->url);
      reply.response = routes_->fetched(*reply.fetch, bytes);
    }
    if (reply.delay > Duration{0}) co_await hold_back(reply.delay);
    co_return std::move(reply.response);
  }

  /// Ends early when the gateway is stopped.
  net::awaitable<void> hold_back(Duration delay) {
    net::steady_timer timer{io_, delay};
    held_back_.insert(&timer);
    co_await timer.async_wait(net::as_tuple(net::use_awaitable));
    held_back_.erase(&timer);
  }

  net::awaitable<void> close() {
    server_->stop();
    callbacks_->stop();
    fetcher_->stop();
    for (net::steady_timer* const timer : held_back_) timer->cancel();
    co_await server_->join();
  }

  Options options_;
  SystemClock system_clock_;
  StateFolder folder_;
  std::mutex mutex_;
  net::io_context io_{1};
  std::optional<Service> service_;
  std::optional<Routes> routes_;
  std::optional<Callbacks> callbacks_;
  std::optional<Fetcher> fetcher_;
  std::unique_ptr<http::Server> server_;
  std::unordered_set<net::steady_timer*> held_back_;  ///< of answers that are delayed
  std::uint16_t port_ = 0;
  std::thread thread_;
};

Result<std::unique_ptr<LocalGateway>> LocalGateway::start(Options options) {
  auto machinery = std::make_unique<Machinery>(std::move(options));
  if (Result<void> const started = machinery->start(); !started) return fail(started.error());
  return std::unique_ptr<LocalGateway>{new LocalGateway{std::move(machinery)}};
}

LocalGateway::LocalGateway(std::unique_ptr<Machinery> machinery) : machinery_{std::move(machinery)} {}
LocalGateway::~LocalGateway() = default;

std::uint16_t LocalGateway::port() const {
  return machinery_->port();
}
std::string LocalGateway::base_url() const {
  return fmt::format("http://127.0.0.1:{}", port());
}
void LocalGateway::stop() {
  machinery_->stop();
}
Bill LocalGateway::bill() const {
  return machinery_->bill();
}

}  // namespace callsheet::local_gateway
