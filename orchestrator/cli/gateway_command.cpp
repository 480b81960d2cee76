#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/storm_file.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "tools/local_gateway/local_gateway.hpp"

#include <csignal>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

namespace callsheet::cli {

namespace {

struct GatewayOptions {
  local_gateway::Options options;
  bool fast = false;
  std::optional<double> latency;  ///< empty: none with --fast, else the gateway's own
  bool no_idempotency = false;
  std::string balance = "100000";
  std::int64_t link_life_s = 86'400;
  bool reach_anywhere = false;
  StormFlags storm;
};

ExitCode serve(GatewayOptions& flags) {
  local_gateway::Options& options = flags.options;
  options.render = flags.fast ? local_gateway::Render::fast : local_gateway::Render::real;
  if (flags.latency || flags.fast) options.latency_scale = flags.latency.value_or(0);
  options.idempotency = !flags.no_idempotency;
  if (flags.reach_anywhere) options.reach = local_gateway::Reach::anywhere;
  options.link_life = std::chrono::seconds{flags.link_life_s};
  auto const balance = Credits::parse(flags.balance);
  if (!balance)
    return refuse({.code = Code::usage,
                   .what = fmt::format("--balance: '{}' is not an amount", flags.balance),
                   .mend = "write credits, with at most four decimals: 1000 or 12.5"});
  options.balance = *balance;
  auto faults = read_storm(flags.storm);
  if (!faults) return faults.error();
  options.faults = *std::move(faults);
  options.on_fault = [](std::string_view what) { say(fmt::format("gateway: {}\n", plain(what, 300))); };
  auto gateway = local_gateway::LocalGateway::start(options);
  if (!gateway) return refuse(gateway.error());
  say(
      fmt::format("local gateway: no real money, no real models. Use it from another terminal with\n"
                  "  export EVOLINK_BASE_URL={} EVOLINK_API_KEY=anything\n"
                  "The bill: GET /audit. Ctrl-C stops it.\n",
                  (*gateway)->base_url()));
  print((*gateway)->base_url() + "\n");
  boost::asio::io_context io{1};
  boost::asio::signal_set signals{io, SIGINT, SIGTERM};
  signals.async_wait([](boost::system::error_code const&, int) {});
  io.run();
  (*gateway)->stop();
  return ExitCode::done;
}

}  // namespace

void add_gateway(CLI::App& app, Globals& /*globals*/, Work& work) {
  auto flags = std::make_shared<GatewayOptions>();
  CLI::App* command = app.add_subcommand("gateway", "Serve the local gateway on its own; prints its address");
  local_gateway::Options& options = flags->options;
  command->add_option("--port", options.port, "Port on 127.0.0.1 (default: a free one)")
      ->check(CLI::Range(0, 65'535))
      ->type_name("PORT");
  command
      ->add_option("--state", options.state_dir,
                   "Folder that keeps tasks, clips and the bill across restarts")
      ->type_name("FOLDER");
  command->add_flag("--fast", flags->fast, "Plain clips at once instead of animatics");
  command->add_option("--balance", flags->balance, "Credits of the account at first start")
      ->type_name("CREDITS")
      ->capture_default_str();
  command->add_option("--key", options.api_keys, "A key to accept (default: any); may be repeated")
      ->type_name("KEY");
  command->add_option("--render-threads", options.render_threads, "Clips rendered at a time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command
      ->add_option("--latency", flags->latency,
                   fmt::format("1: as slow as the real gateway, 0: no wait (default: {}, with --fast 0)",
                               options.latency_scale))
      ->check(CLI::Range(0.0, 10.0));
  command->add_option("--rate", options.creates_per_minute,
                      "Create requests a minute and key before 429 (0: no limit)");
  command->add_option("--fail", options.fail_ratio, "Share of tasks that fail")->check(CLI::Range(0.0, 1.0));
  command->add_option("--outage", options.outage_models, "A model that is down; may be repeated")
      ->type_name("MODEL");
  command->add_option("--deny", options.denied_models, "A model that no key may use; may be repeated")
      ->type_name("MODEL");
  command->add_option("--link-life", flags->link_life_s, "Seconds that result links live")
      ->capture_default_str();
  command->add_flag("--no-idempotency", flags->no_idempotency,
                    "Ignore Idempotency-Key, as the manual promises nothing");
  command->add_flag(
      "--reach-anywhere", flags->reach_anywhere,
      "Call back and fetch from plain http and private addresses, too; the real gateway does not");
  flags->storm.add_to(*command);
  command->callback([flags, &work] { work = [flags] { return serve(*flags); }; });
}

}  // namespace callsheet::cli
