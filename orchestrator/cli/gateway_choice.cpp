#include "orchestrator/cli/gateway_choice.hpp"

#include "orchestrator/http/address.hpp"
#include "orchestrator/http/url.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

using namespace std::chrono_literals;

/// gateway-api.md section 2.
constexpr char const* evolink_base = "https://api.evolink.ai";
constexpr char const* evolink_files = "https://files-api.evolink.ai";

constexpr char const* embedded_name = "local";  // what runs at it have in the ledger

std::string environment(char const* name) {
  char const* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<http::Url> address_from(char const* variable, std::string const& otherwise) {
  std::string const text = environment(variable);
  Result<http::Url> url = http::parse_url(text.empty() ? otherwise : text);
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

Result<Secret> read_key() {
  std::string key = environment("EVOLINK_API_KEY");
  if (std::string const file = environment("EVOLINK_API_KEY_FILE"); key.empty() && !file.empty()) {
    std::ifstream in{file};
    std::getline(in, key);
    if (!in && key.empty())
      return fail(Code::unauthorized, fmt::format("EVOLINK_API_KEY_FILE: cannot read '{}'", file));
  }
  while (!key.empty() && (key.back() == '\r' || key.back() == '\n' || key.back() == ' ')) key.pop_back();
  if (key.empty())
    return fail(
        Code::unauthorized, "there is no key for the gateway",
        "set EVOLINK_API_KEY (from evolink.ai/dashboard/keys), or try the campaign without a key and without "
        "cost: add --local");
  for (char const c : key)
    if (c <= 0x20 || c >= 0x7f)
      return fail(Code::unauthorized, "EVOLINK_API_KEY has characters that no key has", "copy the key again");
  return Secret{std::move(key)};
}

Result<GatewayChoice> choose_embedded(std::filesystem::path const& state_dir, local_gateway::Faults faults) {
  local_gateway::Options options;
  options.state_dir = state_dir;
  options.faults = std::move(faults);
  return embedded_gateway(std::move(options));
}

}  // namespace

GatewayKind kind_of(std::string const& gateway) {
  return gateway == embedded_name ? GatewayKind::embedded : GatewayKind::remote;
}

Result<std::string> gateway_name(GatewayKind kind) {
  if (kind == GatewayKind::embedded) return embedded_name;
  Result<http::Url> const base = address_from("EVOLINK_BASE_URL", evolink_base);
  if (!base) return fail(base.error());
  std::string const origin = http::origin_of(*base);
  return origin == evolink_base ? "evolink" : origin.substr(origin.find("://") + 3);
}

Result<GatewayChoice> choose_gateway(GatewayKind kind, std::filesystem::path const& state_dir,
                                     local_gateway::Faults faults) {
  if (kind == GatewayKind::embedded) return choose_embedded(state_dir, std::move(faults));
  Result<std::string> name = gateway_name(kind);
  if (!name) return fail(name.error());
  Result<http::Url> const base = address_from("EVOLINK_BASE_URL", evolink_base);
  if (!base) return fail(base.error());
  // Another gateway serves its files on the same address unless told otherwise.
  bool const evolink = *name == "evolink";
  Result<http::Url> const files =
      address_from("EVOLINK_FILES_URL", evolink ? std::string{evolink_files} : http::to_string(*base));
  if (!files) return fail(files.error());
  Result<Secret> key = read_key();
  if (!key) return fail(key.error());
  if (base->scheme == http::Scheme::http && !is_loopback(*base))
    return fail(Code::usage, "EVOLINK_BASE_URL is plain http: the key would travel in clear text",
                "use https; plain http is only for 127.0.0.1 and localhost");
  return GatewayChoice{.kind = GatewayKind::remote,
                       .profile = {.name = *std::move(name), .base = *base, .files = *files},
                       .key = *std::move(key),
                       .embedded = nullptr};
}

Result<GatewayChoice> embedded_gateway(local_gateway::Options options) {
  auto embedded = local_gateway::LocalGateway::start(std::move(options));
  if (!embedded) return fail(embedded.error());
  Result<http::Url> base = http::parse_url((*embedded)->base_url());
  if (!base) return fail(base.error());
  GatewayChoice choice{.kind = GatewayKind::embedded,
                       .profile = {.name = embedded_name, .base = *base, .files = *base},
                       .key = Secret{"local"},
                       .embedded = *std::move(embedded)};
  return choice;
}

Result<Distance> distance_to(GatewayKind kind) {
  if (kind == GatewayKind::embedded) return Distance::near;
  Result<http::Url> const base = address_from("EVOLINK_BASE_URL", evolink_base);
  if (!base) return fail(base.error());
  return is_loopback(*base) ? Distance::near : Distance::far;
}

void tune(engine::Settings& settings, GatewayChoice const& choice) {
  bool const near = choice.kind == GatewayKind::embedded || is_loopback(choice.profile.base);
  tune(settings, near ? Distance::near : Distance::far);
}

void tune(engine::Settings& settings, Distance distance) {
  // Clips come home about as fast as they are made, or they queue up at the end.
  settings.fetches = std::clamp(settings.limits.in_flight / 4, 4, 64);
  if (distance == Distance::near) {
    settings.polls = {.least = 10ms, .most = 2s};
    settings.retry = {.first = 100ms, .most = 5s};
    return;
  }
  // Reading an unfinished task makes the gateway ask its provider (gateway-api.md 5.2): pace the reads.
  settings.polls = {.least = 3s, .most = 60s};
  settings.reads = Rate{.count = 20, .window = 1s};
}

}  // namespace callsheet::cli
