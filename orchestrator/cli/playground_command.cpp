#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/gateway_choice.hpp"
#include "orchestrator/cli/playground_desk.hpp"
#include "orchestrator/cli/playground_sends.hpp"
#include "orchestrator/cli/session.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/manifest/campaign.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <memory>
#include <string>
#include <system_error>

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
using namespace std::chrono_literals;

/// What the product's own page shows of what was made.
constexpr std::size_t earlier_most = 20;
constexpr auto ticks_apart = 200ms;
/// The local gateway's books have one keeper at a time.
constexpr std::size_t at_once_local = 1;
constexpr std::size_t at_once_remote = 4;

struct PlaygroundOptions {
  GatewayFlags gateway;
  CatalogFlags catalog;
  std::string budget = "100";
  std::filesystem::path folder = "playground";
  std::uint16_t port = 0;
};

Result<Credits> budget_of(PlaygroundOptions const& flags) {
  auto const budget = Credits::parse(flags.budget);
  if (!budget || *budget <= Credits{})
    return fail(Code::usage, fmt::format("--budget: '{}' is not an amount of credits", flags.budget),
                "write credits above 0, with at most four decimals: 400 or 12.5");
  return *budget;
}

/// Where clips are asked for, by the flags and the environment alone.
Result<GatewaySite> site_of(PlaygroundOptions const& flags, catalog::Catalog const& catalog) {
  auto campaign = manifest::load_text("playground.yaml",
                                      manifest_text({}, {.campaign = "playground", .cap = Credits::whole(1)},
                                                    [](std::string const& id) { return id; }));
  if (!campaign) return fail(campaign.error().front());
  return choose_site(flags.gateway, *campaign, catalog);
}

/// A wrong key is told before anything is filled in.
Result<void> ask_for_balance(GatewaySite const& site, catalog::Catalog const& catalog) {
  if (site.kind == GatewayKind::embedded) return {};
  auto choice = choose_gateway(site, {});
  if (!choice) return fail(choice.error());
  auto session = Session::open(*std::move(choice), catalog);
  if (!session) return fail(session.error());
  auto const balance = (*session)->balance();
  if (!balance) return fail(balance.error());
  say(fmt::format("the account has {} credits\n",
                  to_string(balance->key ? std::min(balance->account, *balance->key) : balance->account)));
  return {};
}

Result<std::filesystem::path> make_folder(std::filesystem::path const& wanted) {
  std::error_code error;
  std::filesystem::path const folder = std::filesystem::absolute(wanted, error).lexically_normal();
  if (!error) std::filesystem::create_directories(PlaygroundDesk::frames_in(folder), error);
  if (error)
    return fail(Code::file_system,
                fmt::format("cannot make the folder '{}': {}", wanted.string(), error.message()),
                "name another with --dir");
  return folder;
}

std::vector<std::string> catalog_words(CatalogFlags const& flags) {
  std::vector<std::string> words;
  for (auto const& [flag, value] :
       {std::pair{"--catalog", flags.file.string()}, {"--prices", flags.prices}}) {
    if (value.empty()) continue;
    words.emplace_back(flag);
    words.push_back(value);
  }
  return words;
}

std::vector<std::string> run_words(PlaygroundOptions const& flags) {
  std::vector<std::string> words = catalog_words(flags.catalog);
  if (flags.gateway.local) words.emplace_back("--local");
  if (!flags.gateway.name.empty()) words.insert(words.end(), {"--gateway", flags.gateway.name});
  return words;
}

class Serving {
 public:
  Serving(net::io_context& io, web::PlaygroundServer& server, PlaygroundSends& sends)
      : io_{io}, server_{server}, sends_{sends}, signals_{io, SIGINT, SIGTERM, SIGHUP} {}

  /// Until Ctrl-C, and what is paid for has come home.
  void run() {
    std::exception_ptr failure;
    auto const ended = [&](std::exception_ptr const& thrown) {
      if (thrown) failure = thrown;
      if (thrown) io_.stop();
    };
    net::co_spawn(io_, obey(), ended);
    net::co_spawn(io_, tick(), ended);
    io_.run();
    if (failure) std::rethrow_exception(failure);
  }

 private:
  net::awaitable<void> obey() {
    while (true) {
      auto const [error, number] = co_await signals_.async_wait(net::as_tuple(net::use_awaitable));
      if (error) co_return;
      bool const again = sends_.stopped();
      sends_.stop();
      if (sends_.running() == 0) continue;
      say(again ? "what is at the gateway is left there; `callsheet collect` brings it home\n"
                : fmt::format("{} that are paid for come home; Ctrl-C again leaves them\n",
                              count_of(static_cast<std::int64_t>(sends_.running()), "clip")));
    }
  }

  net::awaitable<void> tick() {
    net::steady_timer timer{io_};
    while (!sends_.stopped() || sends_.running() > 0) {
      timer.expires_after(ticks_apart);
      co_await timer.async_wait(net::as_tuple(net::use_awaitable));
      sends_.tick();
      server_.tick();
    }
    co_await server_.finish();
    io_.stop();
  }

  net::io_context& io_;
  web::PlaygroundServer& server_;
  PlaygroundSends& sends_;
  net::signal_set signals_;
};

ExitCode exit_code_of(PlaygroundSends const& sends) {
  auto const any = [&](TaskOutcome outcome) {
    return std::any_of(sends.all().begin(), sends.all().end(), [&](PlaygroundSend const& send) {
      return !send.earlier && send.stage == PlaygroundSend::Stage::ended && send.outcome == outcome;
    });
  };
  if (any(TaskOutcome::in_doubt)) return ExitCode::in_doubt;
  return any(TaskOutcome::outstanding) ? ExitCode::outstanding : ExitCode::done;
}

ExitCode playground(PlaygroundOptions const& flags, Globals const& globals) {
  auto const budget = budget_of(flags);
  if (!budget) return refuse(budget.error());
  auto const catalog = load(flags.catalog);
  if (!catalog) return refuse(catalog.error());
  auto const site = site_of(flags, *catalog);
  if (!site) return refuse(site.error());
  if (auto const asked = ask_for_balance(*site, *catalog); !asked) return refuse(asked.error());
  auto const folder = make_folder(flags.folder);
  if (!folder) return refuse(folder.error());
  std::filesystem::path const ledger = std::filesystem::absolute(ledger_path(globals));
  net::io_context io{1};
  bool const local = site->kind == GatewayKind::embedded;
  PlaygroundSends sends{io,
                        {.folder = *folder,
                         .ledger = ledger,
                         .run_flags = run_words(flags),
                         .resume_flags = catalog_words(flags.catalog),
                         .gateway = site->name,
                         .at_once = local ? at_once_local : at_once_remote,
                         .budget = *budget}};
  if (auto const loaded = sends.load_earlier(earlier_most); !loaded) return refuse(loaded.error());
  PlaygroundDesk desk{*catalog, sends, {.folder = *folder, .ledger = ledger, .site = *site}};
  auto server = web::PlaygroundServer::open(io, desk, flags.port);
  if (!server) return refuse(server.error());
  say(fmt::format(
      "A page on this machine that makes one clip at a time at {}, for at most {} credits in all\n"
      "(--budget). Manifests and clips: {}. Ctrl-C ends it.\n",
      plain(shown(*site)), to_string(*budget), folder->string()));
  print((*server)->address() + "\n");
  Serving{io, **server, sends}.run();
  say(fmt::format("{} credits billed in this session\n", to_string(sends.billed())));
  return exit_code_of(sends);
}

}  // namespace

void add_playground(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<PlaygroundOptions>();
  CLI::App* command = app.add_subcommand(
      "playground", "A page on this machine that makes single clips: a form, its price, and then the clip");
  flags->gateway.add_to(*command, "Clips of the built-in local gateway: no key, no money");
  command
      ->add_option("--budget", flags->budget, "The most that all clips of the session may cost, in credits")
      ->type_name("CREDITS")
      ->capture_default_str();
  command->add_option("--dir", flags->folder, "Folder for manifests, frames and clips")
      ->type_name("FOLDER")
      ->capture_default_str();
  command->add_option("--port", flags->port, "Port of the page on 127.0.0.1 (default: a free one)")
      ->check(CLI::Range(0, 65'535))
      ->type_name("PORT");
  flags->catalog.add_to(*command);
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return playground(*flags, globals); }; });
}

}  // namespace callsheet::cli
