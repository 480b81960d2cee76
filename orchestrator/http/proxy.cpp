#include "orchestrator/http/proxy.hpp"

#include <algorithm>
#include <charconv>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

namespace callsheet::http {

namespace {

namespace ip = boost::asio::ip;
using boost::system::error_code;

constexpr std::uint16_t proxy_port = 1080;  // as curl has it
constexpr std::size_t exceptions_most = 1000;

std::string in_small_letters(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::string_view without_spaces(std::string_view text) {
  std::size_t const first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<std::uint16_t> port_in(std::string_view text) {
  std::uint16_t port = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

/// "%40" is "@"; what is no escape stays.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    bool const escape =
        text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3;
    out += escape ? static_cast<char>(value) : text[i];
    if (escape) i += 2;
  }
  return out;
}

std::string base64(std::string const& text) {
  std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
  int const size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<unsigned char const*>(text.data()), static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

tl::unexpected<Error> bad_proxy(std::string what) {
  return fail(Code::usage, "HTTPS_PROXY: " + std::move(what),
              "write it as http://proxy.example.com:3128, with user:password@ before the host where it asks "
              "for them; or unset it");
}

/// Hosts that cannot be meant to be reached through another machine.
bool is_this_machine(std::string const& host) {
  error_code error;
  auto const address = ip::make_address(host, error);
  return (!error && address.is_loopback()) || host == "localhost" || host.ends_with(".localhost");
}

bool is_in_network(std::string const& network, std::string const& host) {
  error_code error;
  auto const address = ip::make_address(host, error);
  if (error) return false;
  if (address.is_v4()) {
    auto const block = ip::make_network_v4(network, error);
    return !error && (address.to_v4().to_uint() & block.netmask().to_uint()) == block.network().to_uint();
  }
  auto const block = ip::make_network_v6(network, error);
  return !error && (ip::network_v6{address.to_v6(), block.prefix_length()}.network() == block.network());
}

Result<Proxy> proxy_in(std::string_view text) {
  if (std::size_t const scheme = text.find("://"); scheme != std::string_view::npos) {
    if (in_small_letters(text.substr(0, scheme)) != "http")
      return bad_proxy(
          "only a proxy that is spoken to by plain http can be used (https through it stays whole)");
    text.remove_prefix(scheme + 3);
  }
  std::size_t const slash = std::min(text.find('/'), text.size());
  if (text.find('@', slash) != std::string_view::npos)
    return bad_proxy("a `/` in its user or password has to be written %2F");
  text = text.substr(0, slash);
  Proxy proxy;
  if (std::size_t const at = text.rfind('@'); at != std::string_view::npos) {
    std::string_view const user = text.substr(0, at);
    std::size_t const colon = std::min(user.find(':'), user.size());
    std::string_view const password = colon < user.size() ? user.substr(colon + 1) : std::string_view{};
    proxy.authorization = Secret{"Basic " + base64(decoded(user.substr(0, colon)) + ":" + decoded(password))};
    text.remove_prefix(at + 1);
  }
  auto const address = parse_url("http://" + std::string{text});
  if (!address) return bad_proxy("there is no host in it");
  proxy.host = address->host;
  bool const has_port = !text.ends_with(']') && text.rfind(':') != std::string_view::npos;
  proxy.port = has_port ? address->port : proxy_port;
  return proxy;
}

}  // namespace

Result<ProxyRules> ProxyRules::parse(std::string_view https_proxy, std::string_view no_proxy) {
  ProxyRules rules;
  https_proxy = without_spaces(https_proxy);
  if (https_proxy.empty() || without_spaces(no_proxy) == "*") return rules;
  auto proxy = proxy_in(https_proxy);
  if (!proxy) return fail(proxy.error());
  rules.proxy_ = *std::move(proxy);
  while (!no_proxy.empty()) {
    std::size_t const comma = std::min(no_proxy.find(','), no_proxy.size());
    std::string host = in_small_letters(without_spaces(no_proxy.substr(0, comma)));
    no_proxy.remove_prefix(std::min(comma + 1, no_proxy.size()));
    Exception exception;
    std::size_t const colon = host.rfind(':');
    bool const one_colon = colon != std::string::npos && host.find(':') == colon;
    bool const bracketed = host.starts_with('[') && host.find(']') != std::string::npos;
    if (one_colon || (bracketed && colon != std::string::npos && colon > host.find(']'))) {
      exception.port = port_in(std::string_view{host}.substr(colon + 1));
      if (!exception.port) continue;  // nothing that could be meant
      host.resize(colon);
    }
    if (bracketed) host = host.substr(1, host.find(']') - 1);
    if (host.starts_with("*.")) host.erase(0, 1);
    while (host.starts_with('.')) host.erase(0, 1);
    if (host.empty()) continue;
    if (rules.exceptions_.size() == exceptions_most)
      return fail(Code::usage, fmt::format("NO_PROXY has more than {} entries", exceptions_most));
    exception.host = std::move(host);
    rules.exceptions_.push_back(std::move(exception));
  }
  return rules;
}

bool ProxyRules::covers(Exception const& exception, Url const& url) {
  if (exception.port && *exception.port != url.port) return false;
  if (exception.host == "*") return true;
  std::string const host = in_small_letters(url.host);
  if (exception.host.find('/') != std::string::npos) return is_in_network(exception.host, host);
  if (host == exception.host) return true;
  error_code error;
  if (auto const address = ip::make_address(host, error); !error)
    return !error && address == ip::make_address(exception.host, error) && !error;
  return host.size() > exception.host.size() && host.ends_with(exception.host) &&
         host[host.size() - exception.host.size() - 1] == '.';
}

Proxy const* ProxyRules::proxy_for(Url const& url) const {
  if (!proxy_ || url.scheme != Scheme::https || is_this_machine(in_small_letters(url.host))) return nullptr;
  for (Exception const& exception : exceptions_)
    if (covers(exception, url)) return nullptr;
  return &*proxy_;
}

std::string connect_request(Proxy const& proxy, Url const& url) {
  bool const ipv6 = url.host.find(':') != std::string::npos;
  std::string const target = fmt::format("{}{}{}:{}", ipv6 ? "[" : "", url.host, ipv6 ? "]" : "", url.port);
  std::string text = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\nUser-Agent: callsheet\r\n", target);
  if (!proxy.authorization.reveal().empty())
    text += fmt::format("Proxy-Authorization: {}\r\n", proxy.authorization.reveal());
  return text + "\r\n";
}

TunnelAnswer read_tunnel_answer(std::string_view bytes, int& status) {
  constexpr std::string_view version = "HTTP/1.";
  constexpr std::size_t code_at = 9;
  constexpr std::size_t code_end = 12;
  status = 0;
  if (!bytes.starts_with(version.substr(0, std::min(version.size(), bytes.size()))))
    return TunnelAnswer::no_http;
  std::size_t const end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return TunnelAnswer::unfinished;
  if (bytes.size() < code_end || bytes[code_at - 1] != ' ' ||
      std::from_chars(bytes.data() + code_at, bytes.data() + code_end, status).ptr != bytes.data() + code_end)
    return TunnelAnswer::no_http;
  if (status == 407) return TunnelAnswer::wants_credentials;
  if (status < 200 || status > 299) return TunnelAnswer::refused;
  // The other side of the tunnel says nothing before it is spoken to: what stands there is not its word.
  return bytes.size() == end + 4 ? TunnelAnswer::open : TunnelAnswer::no_http;
}

}  // namespace callsheet::http
