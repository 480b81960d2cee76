// Addresses, ranges and proxies as strangers write them, and what a proxy answers. An address that is taken
// must mean the same when it is read again: what was checked has to be what is connected to.

#include "orchestrator/http/address.hpp"
#include "orchestrator/http/proxy.hpp"
#include "orchestrator/http/reply_text.hpp"
#include "orchestrator/http/url.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include <boost/asio/ip/address.hpp>

using namespace callsheet;

namespace {

void check_url(std::string_view text) {
  auto const url = http::parse_url(text);
  if (!url) return;
  FUZZ_CHECK(!url->host.empty() && url->port != 0 && url->target.starts_with('/'));
  std::string const written = to_string(*url);
  for (char const c : written) FUZZ_CHECK(static_cast<unsigned char>(c) > 0x20 && c != 0x7f);
  FUZZ_CHECK(url->host.find('@') == std::string::npos && url->host.find('/') == std::string::npos);
  if (written.size() > text.size()) return;  // a "/" was added, perhaps beyond what is taken
  auto const again = http::parse_url(written);
  FUZZ_CHECK(again.has_value());
  FUZZ_CHECK(again->scheme == url->scheme && again->host == url->host && again->port == url->port &&
             again->target == url->target);
}

/// However an IPv4 address is wrapped, it stays as private as it was.
void check_address(std::string_view text) {
  namespace ip = boost::asio::ip;
  if (text.size() >= 16) {
    ip::address_v6::bytes_type bytes;
    std::copy_n(text.begin(), bytes.size(), reinterpret_cast<char*>(bytes.data()));
    static_cast<void>(http::is_public(ip::address_v6{bytes}));
  }
  if (text.size() < 4) return;
  ip::address_v4::bytes_type four;
  std::copy_n(text.begin(), four.size(), reinterpret_cast<char*>(four.data()));
  ip::address_v4 const plain{four};
  ip::address_v6 const mapped = ip::make_address_v6(ip::v4_mapped, plain);
  FUZZ_CHECK(http::is_public(plain) == http::is_public(mapped));
  if (plain.is_loopback() || plain.is_multicast() || plain.is_unspecified())
    FUZZ_CHECK(!http::is_public(plain));
}

void check_range(std::string_view text) {
  for (std::uint64_t const size :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, std::numeric_limits<std::uint64_t>::max()}) {
    http::AskedRange const asked = http::read_range(text, size);
    if (asked.kind == http::RangeKind::unsatisfiable) continue;
    FUZZ_CHECK(asked.range.first <= size && asked.range.count <= size - asked.range.first);
    if (asked.kind == http::RangeKind::part) FUZZ_CHECK(asked.range.count > 0);
  }
}

void check_target(std::string_view text) {
  FUZZ_CHECK(http::path_of(text).size() <= text.size());
  for (std::string_view const name : {"", "a", "size", "callback"})
    static_cast<void>(http::query_value(text, name));
}

/// A proxy's answer opens a tunnel only where it is whole, and nothing follows it.
void check_tunnel(std::string_view text) {
  int status = 0;
  if (http::read_tunnel_answer(text, status) != http::TunnelAnswer::open) return;
  FUZZ_CHECK(status >= 200 && status <= 299);
  FUZZ_CHECK(text.find("\r\n\r\n") == text.size() - 4);
}

/// Whatever the environment says, there is a proxy to speak to or none.
void check_proxy(std::string_view text) {
  std::size_t const line = std::min(text.find('\n'), text.size());
  auto const rules = http::ProxyRules::parse(text.substr(0, line), text.substr(line));
  if (!rules) return;
  for (char const* const url : {"https://api.example", "https://10.0.0.1:8443", "https://[fd12::1]"})
    if (http::Proxy const* const proxy = rules->proxy_for(*http::parse_url(url)))
      FUZZ_CHECK(!proxy->host.empty() && proxy->port != 0);
}

/// Foreign text in a header neither ends its line nor the head.
void check_head(std::string_view text) {
  http::ServerResponse response;
  response.headers = {{"X-Foreign", std::string{text}}};
  http::SentWith with;
  with.range = text;
  std::string const head = http::ranged_head(response, with, 1000).text;
  FUZZ_CHECK(head.find("\r\n\r\n") == head.size() - 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text{reinterpret_cast<char const*>(data), size};
  check_url(text);
  check_address(text);
  check_range(text);
  check_target(text);
  check_head(text);
  check_tunnel(text);
  check_proxy(text);
  return 0;
}
