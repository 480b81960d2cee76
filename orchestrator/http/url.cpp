#include "orchestrator/http/url.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace callsheet::http {

namespace {

constexpr std::size_t length_most = 2048;

std::uint16_t default_port(Scheme scheme) {
  return scheme == Scheme::https ? 443 : 80;
}

tl::unexpected<Error> malformed(std::string_view text, char const* why) {
  std::string shown{text.substr(0, 80)};
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < 0x20 || c == 0x7f; }, '?');
  return fail(Code::bad_answer, fmt::format("'{}' is not an http or https address: {}", shown, why));
}

bool host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == ':';
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (text.size() > length_most) return malformed(text, "it is too long");
  if (std::any_of(text.begin(), text.end(), [](char c) { return c <= 0x20 || c == 0x7f; }))
    return malformed(text, "it has spaces or control characters");
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    url.scheme = Scheme::http;
    rest.remove_prefix(7);
  } else {
    return malformed(text, "it must begin with http:// or https://");
  }
  std::size_t const authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  std::string_view target = rest.substr(authority_end);
  target = target.substr(0, target.find('#'));
  if (authority.find('@') != std::string_view::npos) return malformed(text, "it has a user part");

  url.port = default_port(url.scheme);
  std::string_view port;
  if (authority.starts_with('[')) {
    std::size_t const close = authority.find(']');
    if (close == std::string_view::npos) return malformed(text, "the host's bracket is not closed");
    url.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!port.empty() && port.front() != ':') return malformed(text, "there is text after the host");
  } else {
    std::size_t const colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    port = authority.substr(colon);
    if (url.host.find(':') != std::string::npos) return malformed(text, "the host has a colon");
  }
  if (url.host.empty() || !std::all_of(url.host.begin(), url.host.end(), host_character))
    return malformed(text, "the host is not one");
  if (!port.empty()) {
    port.remove_prefix(1);
    auto const [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (error != std::errc{} || end != port.data() + port.size() || url.port == 0)
      return malformed(text, "the port is not a number from 1 to 65535");
  }
  if (!target.empty()) url.target = target.front() == '/' ? std::string{target} : "/" + std::string{target};
  return url;
}

void append_authority(Url const& url, std::string& text) {
  bool const ipv6 = url.host.find(':') != std::string::npos;
  if (ipv6) text += '[';
  text += url.host;
  if (ipv6) text += ']';
  if (url.port != default_port(url.scheme)) text.append(":").append(std::to_string(url.port));
}

std::string origin_of(Url const& url) {
  std::string origin = url.scheme == Scheme::https ? "https://" : "http://";
  append_authority(url, origin);
  return origin;
}

std::string to_string(Url const& url) {
  return origin_of(url) + url.target;
}

Result<Url> resolve(Url const& from, std::string_view location) {
  if (location.starts_with('/') && !location.starts_with("//"))
    return parse_url(origin_of(from) + std::string{location});
  return parse_url(location);
}

}  // namespace callsheet::http
