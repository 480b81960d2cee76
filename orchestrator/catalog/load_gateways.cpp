#include "orchestrator/catalog/load_gateways.hpp"

#include "orchestrator/catalog/yaml_reading.hpp"

#include <charconv>
#include <system_error>

namespace callsheet::catalog {

namespace {

/// A host alone, for it decides whether a key may go there in clear text.
bool is_this_machine(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

std::string_view host_of(std::string_view address) {
  std::string_view rest = address.substr(address.find("://") + 3);
  rest = rest.substr(0, rest.find('/'));
  std::size_t const port = rest.rfind(':');
  std::size_t const bracket = rest.rfind(']');
  bool const has_port =
      port != std::string_view::npos && (bracket == std::string_view::npos || port > bracket);
  return has_port ? rest.substr(0, port) : rest;
}

/// What stands behind the host is nothing, or a port.
bool has_good_port(std::string_view address) {
  std::string_view const host = host_of(address);
  std::string_view rest{host.data() + host.size(), address.data() + address.size()};
  rest = rest.substr(0, rest.find('/'));
  if (rest.empty()) return true;
  unsigned port = 0;
  char const* const end = rest.data() + rest.size();
  auto const [stop, error] = std::from_chars(rest.data() + 1, end, port);
  return error == std::errc{} && stop == end && port > 0 && port <= 65'535;
}

std::string address(YAML::Node const& node) {
  std::string value = text(node);
  if (value.find_first_of(" \t@?#\\") != std::string::npos)
    bad(node, "an address without user, query or fragment is expected here");
  if (!value.starts_with("https://") && !value.starts_with("http://"))
    bad(node, "an address such as https://gateway.example.com is expected here");
  if (host_of(value).empty()) bad(node, "the address has no host");
  if (!has_good_port(value)) bad(node, "a port of 1 to 65535 is expected behind the host");
  if (value.starts_with("http://") && !is_this_machine(host_of(value)))
    bad(node, "plain http would show the key to others on the way: only this machine is reached by it");
  return value;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 40 && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

std::string variable(YAML::Node const& node) {
  std::string name = text(node);
  bool const good =
      !name.empty() && name[0] >= 'A' && name[0] <= 'Z' && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      });
  if (!good) bad(node, "the name of an environment variable is expected here, never the key itself");
  return name;
}

std::optional<CreditUnit> parse_credit_unit(std::string_view name) {
  if (name == "either") return CreditUnit::either;
  if (name == "credits") return CreditUnit::credits;
  if (name == "uc") return CreditUnit::units;
  return std::nullopt;
}

std::int64_t within(YAML::Node const& node, std::int64_t least, std::int64_t most) {
  std::int64_t const value = integer(node);
  if (value < least || value > most) bad(node, fmt::format("{} to {} is expected here", least, most));
  return value;
}

void read_seconds(YAML::Node const& node, std::chrono::seconds& out) {
  constexpr std::int64_t day = 86'400;
  if (node) out = std::chrono::seconds{within(node, 1, day)};
}

void read_seconds(YAML::Node const& node, std::optional<std::chrono::seconds>& out) {
  constexpr std::int64_t week = 604'800;
  if (node) out = std::chrono::seconds{within(node, 1, week)};
}

void read_time_outs(YAML::Node const& node, GatewayTimeOuts& out) {
  only(node, {"connect", "idle", "answer", "upload", "download"});
  read_seconds(node["connect"], out.connect);
  read_seconds(node["idle"], out.idle);
  read_seconds(node["answer"], out.answer);
  read_seconds(node["upload"], out.upload);
  read_seconds(node["download"], out.download);
}

void read_poll_interval(YAML::Node const& node, GatewayProfile& out) {
  // A finished clip's link lives a day: it has to be found long before.
  constexpr std::int64_t hour = 3'600;
  only(node, {"min", "max"});
  out.poll_least = std::chrono::seconds{within(need(node, "min"), 1, hour)};
  out.poll_most = std::chrono::seconds{within(need(node, "max"), 1, hour)};
  if (*out.poll_least > *out.poll_most) bad(node, "`min` is above `max`");
}

/// Everything but where it is and whose key goes there.
void read_settings(YAML::Node const& node, GatewayProfile& out) {
  constexpr std::int64_t reads_most = 1000;
  constexpr std::int64_t batch_most = 50;  // gateway-api.md section 3
  out.credit_unit = word_or(node["credit_unit"], parse_credit_unit, out.credit_unit);
  out.trust.idempotency = word_or(node["idempotency"], parse_idempotency, out.trust.idempotency);
  out.trust.listing = word_or(node["task_list"], parse_listing, out.trust.listing);
  if (node["callbacks"]) out.calls_back = yes(node["callbacks"]);
  if (node["time_outs"]) read_time_outs(node["time_outs"], out.time_outs);
  if (node["poll_interval"]) read_poll_interval(node["poll_interval"], out);
  if (node["reads_per_second"])
    out.reads_per_second = static_cast<int>(within(node["reads_per_second"], 1, reads_most));
  if (node["task_batch"]) out.task_batch = static_cast<int>(within(node["task_batch"], 2, batch_most));
  read_seconds(node["patience"], out.patience);
}

void read_place(YAML::Node const& node, GatewayProfile& out) {
  out.base_url = address(need(node, "base_url"));
  out.files_url = node["files_url"] ? address(node["files_url"]) : out.base_url;
  out.key_env = variable(need(node, "key_env"));
}

void stays(YAML::Node const& node, std::string const& own) {
  if (node && text(node) != own)
    bad(node,
        fmt::format("a file cannot lead the key of `{}` elsewhere: give the gateway a name and a key of "
                    "its own, or set EVOLINK_BASE_URL",
                    GatewayProfile::standard));
}

void only_known(YAML::Node const& node) {
  only(node, {"base_url", "files_url", "key_env", "credit_unit", "idempotency", "task_list", "callbacks",
              "time_outs", "poll_interval", "reads_per_second", "task_batch", "patience"});
}

void add_gateway(YAML::Node const& key, YAML::Node const& node, std::vector<GatewayProfile>& gateways) {
  std::string const name = text(key);
  if (!is_name(name)) bad(key, "a gateway's name is of small letters, digits, `-` and `_`");
  if (name == GatewayProfile::embedded) bad(key, "`local` is the gateway of `--local`");
  only_known(node);
  if (name == GatewayProfile::standard) {
    stays(node["base_url"], gateways.front().base_url);
    stays(node["files_url"], gateways.front().files_url);
    stays(node["key_env"], gateways.front().key_env);
    read_settings(node, gateways.front());
    return;
  }
  GatewayProfile profile;
  profile.name = name;
  read_place(node, profile);
  GatewayProfile const& own = gateways.front();
  if (profile.key_env == own.key_env || profile.key_env == own.key_env + "_FILE")
    bad(node["key_env"],
        fmt::format("the key in {} goes to `{}` alone: name another variable", own.key_env, own.name));
  read_settings(node, profile);
  gateways.push_back(std::move(profile));
}

}  // namespace

void add_own_gateways(YAML::Node const& section, std::vector<GatewayProfile>& gateways) {
  for (auto const& entry : section) {
    GatewayProfile profile;
    profile.name = text(entry.first);
    only_known(entry.second);
    read_place(entry.second, profile);
    read_settings(entry.second, profile);
    gateways.push_back(std::move(profile));
  }
}

void add_gateways(YAML::Node const& section, std::vector<GatewayProfile>& gateways) {
  if (!section.IsMap()) bad(section, "a group of gateways by name is expected here");
  std::vector<std::string> seen;
  for (auto const& entry : section) {
    if (std::find(seen.begin(), seen.end(), text(entry.first)) != seen.end())
      bad(entry.first, fmt::format("`{}` is listed twice", text(entry.first)));
    seen.push_back(text(entry.first));
    add_gateway(entry.first, entry.second, gateways);
  }
}

}  // namespace callsheet::catalog
