#include "orchestrator/cli/gateway_choice.hpp"

#include "orchestrator/cli/environment.hpp"
#include "orchestrator/http/address.hpp"
#include "orchestrator/http/url.hpp"
#include "orchestrator/plan/gateway_of.hpp"
#include "orchestrator/plan/joint_terms.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

using namespace std::chrono_literals;

/// The address that the environment names, or else the profile.
Result<http::Url> address_from(char const* variable, std::string const& otherwise) {
  std::string const text = environment(variable);
  if (text.empty()) return http::parse_url(otherwise);
  Result<http::Url> url = http::parse_url(text);
  if (!url)
    return fail(Code::usage, fmt::format("{}: {}", variable, url.error().what),
                "unset it, or set a whole address");
  return url;
}

bool is_loopback(http::Url const& url) {
  boost::system::error_code error;
  auto const address = boost::asio::ip::make_address(url.host, error);
  return url.host == "localhost" || (!error && address.is_loopback());
}

Result<Secret> read_key(GatewayProfile const& profile) {
  std::string const& variable = profile.key_env;
  std::string key = environment(variable.c_str());
  std::string const file_variable = variable + "_FILE";
  if (std::string const file = environment(file_variable.c_str()); key.empty() && !file.empty()) {
    std::ifstream in{file};
    std::getline(in, key);
    if (!in && key.empty())
      return fail(Code::unauthorized, fmt::format("{}: cannot read '{}'", file_variable, file));
  }
  while (!key.empty() && (key.back() == '\r' || key.back() == '\n' || key.back() == ' ')) key.pop_back();
  if (key.empty()) {
    bool const standard = profile.name == GatewayProfile::standard;
    return fail(Code::unauthorized,
                standard ? std::string{"there is no key for the gateway"}
                         : fmt::format("there is no key for the gateway `{}`", profile.name),
                fmt::format("set {}{}, or try the campaign without a key and without cost: add --local",
                            variable, standard ? " (from evolink.ai/dashboard/keys)" : ""));
  }
  for (char const c : key)
    if (c <= 0x20 || c >= 0x7f)
      return fail(Code::unauthorized, fmt::format("{} has characters that no key has", variable),
                  "copy the key again");
  return Secret{std::move(key)};
}

/// What tells the account of a profile at an address from all others.
std::string name_in_ledger(GatewayProfile const& profile, http::Url const& base) {
  std::string const origin = http::origin_of(base);
  std::string host = origin.substr(origin.find("://") + 3);
  if (profile.name != GatewayProfile::standard) return profile.name + "@" + host;
  auto const own = http::parse_url(profile.base_url);
  return own && http::origin_of(*own) == origin ? profile.name : host;
}

Result<GatewaySite> locate(GatewayProfile const& profile) {
  auto const own = http::parse_url(profile.base_url);
  if (!own) return fail(own.error());
  auto const base = address_from("EVOLINK_BASE_URL", profile.base_url);
  if (!base) return fail(base.error());
  // Another gateway serves its files on the same address unless told otherwise.
  bool const led_elsewhere = http::origin_of(*own) != http::origin_of(*base);
  std::string const own_files = led_elsewhere ? http::to_string(*base) : profile.files_url;
  // Set for EvoLink's files alone, it would send the key of another profile there.
  bool const led = profile.name == GatewayProfile::standard || !environment("EVOLINK_BASE_URL").empty();
  auto const files = led ? address_from("EVOLINK_FILES_URL", own_files) : http::parse_url(own_files);
  if (!files) return fail(files.error());
  for (http::Url const* const url : {&*base, &*files})
    if (url->scheme == http::Scheme::http && !is_loopback(*url))
      return fail(Code::usage,
                  fmt::format("{} is plain http: the key would travel in clear text", http::origin_of(*url)),
                  "use https; plain http is only for 127.0.0.1 and localhost");
  return GatewaySite{.kind = GatewayKind::remote,
                     .name = name_in_ledger(profile, *base),
                     .profile = profile,
                     .base = *base,
                     .files = *files,
                     .distance = is_loopback(*base) ? Distance::near : Distance::far};
}

Duration shortest_poll(Distance distance, GatewayProfile const& profile) {
  if (profile.poll_least) return *profile.poll_least;
  // Reading an unfinished task makes the gateway ask its provider (gateway-api.md 5.2): pace the reads.
  return distance == Distance::near ? Duration{10ms} : Duration{3s};
}

gateway::QueryBatches::Terms batches_of(GatewaySite const& site) {
  // What is read that much later is found out hardly later: the next read would be six times as far.
  Duration const moment = shortest_poll(site.distance, site.profile) / 6;
  return {.most = static_cast<std::size_t>(site.profile.task_batch),
          .moment = std::chrono::ceil<std::chrono::milliseconds>(moment)};
}

Result<GatewayChoice> choose_embedded(std::filesystem::path const& state_dir, local_gateway::Faults faults) {
  local_gateway::Options options;
  options.state_dir = state_dir;
  options.faults = std::move(faults);
  options.reach = local_gateway::Reach::this_machine;  // nothing else is spoken to
  return embedded_gateway(std::move(options));
}

}  // namespace

void GatewayFlags::add_to(CLI::App& command, char const* local_means) {
  CLI::Option* const embedded = command.add_flag("--local", local, local_means);
  command
      .add_option("--gateway", name,
                  "A gateway of the catalog instead of the manifest's (or CALLSHEET_GATEWAY)")
      ->type_name("GATEWAY")
      ->excludes(embedded);
}

Result<GatewaySite> choose_site(GatewayFlags const& flags, manifest::Campaign& campaign,
                                catalog::Catalog const& catalog) {
  if (flags.local) return embedded_site();
  std::string const wish = flags.name.empty() ? environment("CALLSHEET_GATEWAY") : flags.name;
  auto const profile = plan::settle_gateway(campaign, catalog, wish);
  if (!profile) return fail(profile.error());
  return locate(*profile);
}

Result<GatewaySite> choose_site(GatewayFlags const& flags, std::vector<manifest::Campaign>& campaigns,
                                catalog::Catalog const& catalog) {
  auto site = choose_site(flags, campaigns.front(), catalog);
  if (!site) return site;
  for (std::size_t i = 1; i < campaigns.size(); ++i) {
    auto const other = choose_site(flags, campaigns[i], catalog);
    if (!other) return fail(other.error());
    if (other->name == site->name) continue;
    manifest::Document const& document = *campaigns[i].document;
    manifest::Document const& first = *campaigns.front().document;
    manifest::Place const place = plan::place_of_key(first, "gateway.profile");
    return tl::unexpected{document.error(
        plan::place_of_key(document, "gateway.profile"),
        fmt::format("a run has one gateway: {} goes to {} and {} to {} ({})", campaigns[i].name,
                    other->profile.name, campaigns.front().name, site->profile.name,
                    to_string(SourceLocation{first.file_of(place), place.line, place.column})),
        "name the same in both, or `--gateway` for this run")};
  }
  return site;
}

Result<GatewaySite> find_site(std::string const& name, catalog::Catalog const& catalog) {
  if (name == GatewayProfile::embedded) return embedded_site();
  std::size_t const at = name.find('@');
  std::string const wanted = at == std::string::npos ? GatewayProfile::standard : name.substr(0, at);
  GatewayProfile const* const profile = catalog.gateway(wanted);
  if (profile == nullptr)
    return fail(Code::usage,
                fmt::format("'{}' is not in the catalog: there is no gateway `{}`", name, wanted),
                "name the catalog file that has it: `--catalog mine.yaml`");
  auto site = locate(*profile);
  if (!site) return site;
  if (site->name != name)
    return fail(
        Code::usage,
        fmt::format("it was made at the gateway '{}', and {} leads to '{}'", name,
                    environment("EVOLINK_BASE_URL").empty() ? "the catalog" : "EVOLINK_BASE_URL", site->name),
        at == std::string::npos ? "set EVOLINK_BASE_URL as it was when the run began"
                                : "bring the gateway's address back to what it was when the run began");
  return site;
}

GatewaySite embedded_site() {
  GatewaySite site;
  site.kind = GatewayKind::embedded;
  site.name = GatewayProfile::embedded;
  return site;
}

std::string shown(GatewaySite const& site) {
  if (site.kind == GatewayKind::embedded) return "the local one";
  return fmt::format("{}, {}", site.profile.name, http::origin_of(site.base));
}

Result<GatewayChoice> choose_gateway(GatewaySite const& site, std::filesystem::path const& state_dir,
                                     local_gateway::Faults faults) {
  if (site.kind == GatewayKind::embedded) return choose_embedded(state_dir, std::move(faults));
  Result<Secret> key = read_key(site.profile);
  if (!key) return fail(key.error());
  return GatewayChoice{.kind = GatewayKind::remote,
                       .profile = {.name = site.name,
                                   .base = site.base,
                                   .files = site.files,
                                   .key_env = site.profile.key_env,
                                   .credit_unit = site.profile.credit_unit,
                                   .time_outs = site.profile.time_outs,
                                   .batches = batches_of(site)},
                       .settings = site.profile,
                       .key = *std::move(key),
                       .embedded = nullptr};
}

Result<GatewayChoice> embedded_gateway(local_gateway::Options options) {
  options.foreign_elements = true;  // a manifest's elements are those of the account it is meant for
  auto embedded = local_gateway::LocalGateway::start(std::move(options));
  if (!embedded) return fail(embedded.error());
  Result<http::Url> base = http::parse_url((*embedded)->base_url());
  if (!base) return fail(base.error());
  GatewayChoice choice{.kind = GatewayKind::embedded,
                       .profile = {.name = GatewayProfile::embedded, .base = *base, .files = *base},
                       .settings = {},
                       .key = Secret{"local"},
                       .embedded = *std::move(embedded)};
  return choice;
}

void tune(engine::Settings& settings, GatewayChoice const& choice) {
  bool const near = choice.kind == GatewayKind::embedded || is_loopback(choice.profile.base);
  tune(settings, near ? Distance::near : Distance::far, choice.settings);
}

void tune(engine::Settings& settings, Distance distance, GatewayProfile const& profile) {
  // Clips come home about as fast as they are made, or they queue up at the end.
  settings.fetches = std::clamp(settings.limits.in_flight / 4, 4, 64);
  if (distance == Distance::near) {
    // Reads cost nothing here.
    settings.polls.most = 2s;
    settings.reads_per_task = 4.0;
    settings.reads_per_task_queued = 7.0;
    settings.retry = {.first = 100ms, .most = 5s};
  } else {
    settings.polls.most = 10min;
    settings.reads = Rate{.count = 20, .window = 1s};
  }
  settings.polls.least = shortest_poll(distance, profile);
  if (profile.poll_most) settings.polls.most = *profile.poll_most;
  if (profile.reads_per_second) settings.reads = Rate{.count = *profile.reads_per_second, .window = 1s};
}

}  // namespace callsheet::cli
