#include "orchestrator/cli/session.hpp"

#include "orchestrator/cli/network.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/gateway/callback_receiver.hpp"

#include <csignal>
#include <exception>
#include <optional>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace callsheet::cli {

namespace net = boost::asio;

namespace {

/// The signals by which whoever started us asks for an end.
net::signal_set& listen_for_stops(std::optional<net::signal_set>& signals, net::io_context& io) {
  return signals.emplace(io, SIGINT, SIGTERM, SIGHUP);
}

constexpr int file_threads = 2;
constexpr std::size_t token_bytes = 16;

/// What runs beside a driver and must end with it.
struct Surroundings {
  Surroundings(net::io_context& io, net::signal_set& stops)
      : signals{stops}, questions{io, SIGUSR1}, timer{io}, limit_timer{io} {}
  net::signal_set& signals;
  net::signal_set questions;
  net::steady_timer timer;
  net::steady_timer limit_timer;
  bool over = false;
};

net::awaitable<void> watch_signals(Surroundings& around, Helm& helm) {
  while (!around.over) {
    auto [error, signal] = co_await around.signals.async_wait(net::as_tuple(net::use_awaitable));
    if (error || around.over) co_return;
    helm.stop(signal == SIGINT ? "interrupted" : "told to stop");
  }
}

net::awaitable<void> answer_questions(Surroundings& around, run::Driver const& driver, Progress& progress,
                                      Clock const& clock) {
  while (!around.over) {
    auto [error, signal] = co_await around.questions.async_wait(net::as_tuple(net::use_awaitable));
    if (error || around.over) co_return;
    progress.show_state(driver.engine(), clock.now());
  }
}

net::awaitable<void> watch_time(Surroundings& around, run::Driver& driver, Session::TimeLimit limit) {
  around.limit_timer.expires_after(limit.drain_after);
  co_await around.limit_timer.async_wait(net::as_tuple(net::use_awaitable));
  if (around.over) co_return;
  driver.drain("its time is over");
  around.limit_timer.expires_after(limit.leave_after);
  co_await around.limit_timer.async_wait(net::as_tuple(net::use_awaitable));
  if (!around.over) driver.abandon();
}

net::awaitable<void> tick(Surroundings& around, Progress& progress, Clock const& clock) {
  while (!around.over) {
    progress.tick(clock.now());
    around.timer.expires_after(tick_interval);
    co_await around.timer.async_wait(net::as_tuple(net::use_awaitable));
  }
}

net::awaitable<void> drive_to_end(run::Driver& driver, Surroundings& around,
                                  std::unique_ptr<gateway::CallbackReceiver>& receiver, Companion* companion,
                                  std::optional<Result<run::Ending>>& ending) {
  ending.emplace(co_await driver.run());
  receiver.reset();
  if (companion != nullptr) co_await companion->finish();
  around.over = true;
  around.signals.cancel();
  around.questions.cancel();
  around.timer.cancel();
  around.limit_timer.cancel();
}

/// Keeps what a coroutine threw: a bug, told by main.
auto keep(std::exception_ptr& failure, net::io_context& io) {
  return [&failure, &io](std::exception_ptr const& thrown) {
    if (!thrown) return;
    failure = thrown;
    io.stop();
  };
}

gateway::SoundParameter sound_parameter(catalog::SoundSpelling spelling) {
  switch (spelling) {
    case catalog::SoundSpelling::sound:
      return gateway::SoundParameter::sound;
    case catalog::SoundSpelling::generate_audio:
      return gateway::SoundParameter::generate_audio;
    case catalog::SoundSpelling::none:
      return gateway::SoundParameter::none;
  }
  return gateway::SoundParameter::none;
}

gateway::ModelParameters parameters_of(catalog::Model const& model) {
  catalog::Spelling const& spelling = model.spelling;
  return {.aspect_ratio = !model.aspect_ratios.empty(),
          .duration = !model.duration.follows_video,
          .frames_in_image_urls = spelling.frames_in_image_urls,
          .video_in_list = spelling.video_in_list,
          .keep_sound_in_model_params = spelling.keep_sound_in_model_params,
          .sound = sound_parameter(spelling.sound)};
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(GatewayChoice choice, catalog::Catalog const& catalog) {
  std::unique_ptr<Session> session{new Session{std::move(choice)}};
  auto client = session->choice_.embedded ? client_on_this_machine() : client_from_environment();
  if (!client) return fail(client.error());
  session->client_ = *std::move(client);
  session->gateway_ = gateway::make_evolink_gateway(
      session->choice_.profile, session->choice_.key, *session->client_, session->clock_,
      [&catalog](ModelId const& id) {
        catalog::Model const* const model = catalog.find(id);
        return model == nullptr ? gateway::ModelParameters{} : parameters_of(*model);
      });
  return session;
}

template <class Answer>
Answer Session::wait_for(net::awaitable<Answer> question) {
  std::optional<Answer> answer;
  std::exception_ptr failure;
  net::co_spawn(io_, std::move(question), [&](std::exception_ptr const& thrown, std::optional<Answer> given) {
    failure = thrown;
    answer = std::move(given);
  });
  io_.restart();
  io_.run();
  if (failure) std::rethrow_exception(failure);
  return *std::move(answer);
}

Result<gateway::Balance> Session::balance() {
  return wait_for(gateway_->balance());
}

Result<ledger::BalanceSeen> Session::balance_seen() {
  auto const balance = Session::balance();
  if (!balance) return fail(balance.error());
  return ledger::BalanceSeen{.at = clock_.now(), .account = balance->account, .key = balance->key};
}

tl::expected<gateway::TaskView, Failure> Session::query(GatewayTaskId const& id, Credits expected) {
  return wait_for(gateway_->query(id, expected));
}

Session::Watch::Watch(Session& session) : session_{session} {
  listen_for_stops(session_.watched_, session_.io_);
}

Session::Watch::~Watch() {
  session_.watched_.reset();
}

bool Session::interrupted() {
  if (interrupted_ || !watched_) return interrupted_;
  // A signal that came while nothing was driven waits in the set: to be asked for it has to be waited for.
  watched_->async_wait([this](boost::system::error_code const& error, int) { interrupted_ |= !error; });
  io_.restart();
  io_.poll();
  watched_->cancel();
  io_.restart();
  io_.poll();
  return interrupted_;
}

Result<run::Ending> Session::drive(ledger::Ledger& ledger, run::RunState run, engine::Settings settings,
                                   Progress& progress, Mode mode, Extras extras) {
  auto const& [limit, companion, drawing] = extras;
  net::thread_pool ledger_pool{1};
  net::thread_pool file_pool{file_threads};
  std::optional<Result<run::Ending>> ending;
  std::exception_ptr failure;
  run::Driver* called = nullptr;
  std::unique_ptr<gateway::CallbackReceiver> receiver;
  run::CallbackAddress callbacks;
  if (std::optional<Webhooks> const& where = run.terms.webhooks) {
    auto listening =
        gateway::CallbackReceiver::listen(io_, *where, [&called](std::string const& token, GatewayTaskId id) {
          if (called != nullptr) called->called_back(token, std::move(id));
        });
    if (!listening) return fail(listening.error());
    receiver = *std::move(listening);
    callbacks.url = gateway::callback_base(*where);
  }
  {
    run::Driver driver{io_.get_executor(),
                       run::Edges{.gateway = *gateway_,
                                  .ledger = ledger,
                                  .files = run::disk_files(drawing),
                                  .ledger_executor = ledger_pool.get_executor(),
                                  .file_executor = file_pool.get_executor(),
                                  .file_threads = file_threads,
                                  .clock = clock_,
                                  .make_alarm = run::steady_alarms(io_.get_executor(), clock_),
                                  .random_token = [] { return random_hex(token_bytes); },
                                  .observer = progress},
                       std::move(run), std::move(settings), std::move(callbacks)};
    called = &driver;
    if (mode == Mode::collect) driver.drain("collecting what is paid for");
    Helm helm{driver};
    if (companion != nullptr)
      if (auto begun = companion->begin(io_, helm); !begun) return fail(begun.error());
    std::optional<net::signal_set> own;
    Surroundings around{io_, watched_ ? *watched_ : listen_for_stops(own, io_)};
    net::co_spawn(io_, drive_to_end(driver, around, receiver, companion, ending), keep(failure, io_));
    net::co_spawn(io_, watch_signals(around, helm), keep(failure, io_));
    net::co_spawn(io_, answer_questions(around, driver, progress, clock_), keep(failure, io_));
    if (limit) net::co_spawn(io_, watch_time(around, driver, *limit), keep(failure, io_));
    net::co_spawn(io_, tick(around, progress, clock_), keep(failure, io_));
    io_.restart();
    io_.run();
    // What still runs on the pools may post to the driver's executor: wait before the driver goes.
    ledger_pool.join();
    file_pool.join();
    interrupted_ = interrupted_ || helm.stopped();
  }
  std::signal(SIGUSR1, [](int) {});  // as main() has it: the signal set has put the deadly default back
  progress.close();
  if (failure) std::rethrow_exception(failure);
  return *std::move(ending);
}

}  // namespace callsheet::cli
