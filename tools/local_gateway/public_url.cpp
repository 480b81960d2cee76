#include "tools/local_gateway/public_url.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace callsheet::local_gateway {

namespace {

constexpr std::size_t callback_characters_max = 2048;

struct Parts {
  std::string_view scheme, host, path;
};

std::optional<Parts> split(std::string_view url) {
  Parts parts;
  for (std::string_view const scheme : {"http", "https"})
    if (url.starts_with(scheme) && url.substr(scheme.size()).starts_with("://")) parts.scheme = scheme;
  if (parts.scheme.empty()) return std::nullopt;
  url.remove_prefix(parts.scheme.size() + 3);
  std::size_t const end = std::min(url.find_first_of("/?#"), url.size());
  parts.path = url.substr(end);
  std::string_view authority = url.substr(0, end);
  if (std::size_t const at = authority.rfind('@'); at != std::string_view::npos)
    authority.remove_prefix(at + 1);
  bool const bracketed = authority.starts_with('[');
  std::size_t const stop = bracketed ? authority.find(']') : authority.find(':');
  parts.host =
      authority.substr(bracketed ? 1 : 0, stop == std::string_view::npos ? stop : stop - (bracketed ? 1 : 0));
  bool const clean =
      std::none_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= ' '; });
  if (parts.host.empty() || !clean) return std::nullopt;
  return parts;
}

/// The four numbers of "10.0.0.1"; empty for a name.
std::optional<std::array<int, 4>> ipv4(std::string_view host) {
  std::array<int, 4> numbers{};
  for (std::size_t i = 0; i < 4; ++i) {
    auto const [end, error] = std::from_chars(host.data(), host.data() + host.size(), numbers[i]);
    if (error != std::errc{} || numbers[i] < 0 || numbers[i] > 255) return std::nullopt;
    host.remove_prefix(static_cast<std::size_t>(end - host.data()));
    if (i < 3 && !host.starts_with('.')) return std::nullopt;
    if (i < 3) host.remove_prefix(1);
  }
  return host.empty() ? std::optional{numbers} : std::nullopt;
}

bool is_private(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost") || host == "::1" || host.starts_with("fe80:") ||
      host.starts_with("fc") || host.starts_with("fd"))
    return host.find(':') != std::string_view::npos || host.find("localhost") != std::string_view::npos;
  auto const numbers = ipv4(host);
  if (!numbers) return false;
  auto const [a, b, c, d] = *numbers;
  return a == 0 || a == 10 || a == 127 || (a == 172 && b >= 16 && b <= 31) || (a == 192 && b == 168) ||
         (a == 169 && b == 254);
}

}  // namespace

bool is_http_url(std::string_view text) {
  return split(text).has_value();
}

std::optional<std::string> callback_refused(std::string_view url, Reach reach) {
  std::optional<Parts> const parts = split(url);
  bool const strict = reach == Reach::public_internet;
  if (!parts || (strict && parts->scheme != "https"))
    return strict ? "callback_url must be an https URL" : "callback_url must be a URL";
  if (url.size() > callback_characters_max) return "callback_url is longer than 2048 characters";
  if (strict && is_private(parts->host)) return "callback_url must not point at a private address";
  return std::nullopt;
}

std::optional<std::string> path_on_this_machine(std::string_view url) {
  std::optional<Parts> const parts = split(url);
  if (!parts || (parts->host != "127.0.0.1" && parts->host != "localhost" && parts->host != "::1"))
    return std::nullopt;
  return std::string{parts->path};
}

}  // namespace callsheet::local_gateway
