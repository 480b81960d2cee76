#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/ledger_page.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace callsheet::cli {

namespace {

namespace net = boost::asio;

struct ServeOptions {
  std::string run;
  std::uint16_t port = 0;
};

/// Looks for as long as `io` runs, and rests at least ten times as long as a look takes: whoever only watches
/// must not be felt by the run.
net::awaitable<void> keep_looking(web::LiveServer& server) {
  using std::chrono::steady_clock;
  constexpr std::chrono::milliseconds rest_least{500};
  constexpr int rest_over_look = 10;
  net::steady_timer timer{co_await net::this_coro::executor};
  while (true) {
    auto const begun = steady_clock::now();
    server.tick();
    steady_clock::duration const took = steady_clock::now() - begun;
    timer.expires_after(std::max<steady_clock::duration>(rest_least, rest_over_look * took));
    auto [error] = co_await timer.async_wait(net::as_tuple(net::use_awaitable));
    if (error) co_return;
  }
}

ExitCode serve_page(ServeOptions const& flags, Globals const& globals) {
  auto ledger = open_for_reading(globals);
  if (!ledger) return refuse(ledger.error());
  auto const chosen = choose_run(**ledger, flags.run);
  if (!chosen) return refuse(chosen.error());
  if (auto const there = (*ledger)->summary(*chosen); !there) return refuse(there.error());
  LedgerPage desk{**ledger, flags.run.empty() ? std::nullopt : std::optional{*chosen}};
  net::io_context io{1};
  net::signal_set signals{io, SIGINT, SIGTERM, SIGHUP};
  auto server = web::LiveServer::open(io, desk, flags.port, "callsheet serve");
  if (!server) return refuse(server.error());
  signals.async_wait([&](boost::system::error_code const&, int) { io.stop(); });
  std::exception_ptr failure;
  net::co_spawn(io, keep_looking(**server), [&](std::exception_ptr const& thrown) {
    failure = thrown;
    io.stop();
  });
  say(fmt::format("{} on a page of this machine, which only looks on; Ctrl-C ends it.\n",
                  flags.run.empty() ? "The latest run" : "Run " + chosen->str()));
  print((*server)->address() + "\n");
  io.run();
  if (failure) std::rethrow_exception(failure);
  return ExitCode::done;
}

}  // namespace

void add_serve(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand(
      "serve", "A page on this machine that shows a run as it goes, whichever process works on it");
  command->add_option("run", flags->run, "The run, as `history` names it (default: always the latest)")
      ->type_name("RUN");
  command->add_option("--port", flags->port, "Port of the page on 127.0.0.1 (default: a free one)")
      ->check(CLI::Range(0, 65'535))
      ->type_name("PORT");
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return serve_page(*flags, globals); }; });
}

}  // namespace callsheet::cli
