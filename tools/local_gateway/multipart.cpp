#include "tools/local_gateway/multipart.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace callsheet::local_gateway {

namespace {

constexpr std::size_t parts_max = 16;

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// The value of `name` among "a; name=value; other=\"value\"" parameters.
std::string parameter(std::string_view header, std::string_view name) {
  std::string const folded = lower(header);
  std::string const key = std::string{name} + "=";
  for (std::size_t at = folded.find(key); at != std::string::npos; at = folded.find(key, at + 1)) {
    if (at > 0 && folded[at - 1] != ' ' && folded[at - 1] != ';' && folded[at - 1] != '\t') continue;
    std::string_view rest = header.substr(at + key.size());
    if (!rest.starts_with('"')) return std::string{rest.substr(0, rest.find_first_of("; \t\r\n"))};
    rest.remove_prefix(1);
    std::string value;
    for (std::size_t i = 0; i < rest.size() && rest[i] != '"'; ++i) {
      if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
      value.push_back(rest[i]);
    }
    return value;
  }
  return {};
}

std::string disposition(std::string_view headers) {
  while (!headers.empty()) {
    std::string_view const line = headers.substr(0, headers.find("\r\n"));
    headers.remove_prefix(std::min(headers.size(), line.size() + 2));
    if (lower(line).starts_with("content-disposition:")) return std::string{line};
  }
  return {};
}

constexpr std::array<std::int8_t, 256> base64_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}

}  // namespace

std::vector<FormPart> read_form(std::string_view content_type, std::string_view body) {
  std::string const boundary = parameter(content_type, "boundary");
  if (boundary.empty() || !lower(content_type).starts_with("multipart/form-data")) return {};
  std::string const mark = "--" + boundary;
  std::vector<FormPart> parts;
  std::size_t at = body.find(mark);
  while (at != std::string_view::npos && parts.size() < parts_max) {
    at += mark.size();
    if (body.substr(at).starts_with("--")) return parts;
    std::size_t const head = body.find("\r\n", at);
    std::size_t const blank = body.find("\r\n\r\n", at);
    std::size_t const end = body.find("\r\n" + mark, at);
    if (head == std::string_view::npos || blank == std::string_view::npos || end == std::string_view::npos ||
        blank > end)
      return {};
    std::string const line = disposition(body.substr(head + 2, blank - head - 2));
    std::size_t const content = blank + 4;
    parts.push_back({parameter(line, "name"), parameter(line, "filename"),
                     end >= content ? body.substr(content, end - content) : std::string_view{}});
    at = end + 2;
  }
  return {};
}

std::string base64_decoded(std::string_view text) {
  static constexpr std::array<std::int8_t, 256> values = base64_values();
  if (text.starts_with("data:")) {
    std::size_t const comma = text.find(',');
    if (comma == std::string_view::npos || !text.substr(0, comma).ends_with(";base64")) return {};
    text.remove_prefix(comma + 1);
  }
  while (text.ends_with('=') || text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (char const c : text) {
    if (c == '\n' || c == '\r') continue;
    std::int8_t const value = values[static_cast<unsigned char>(c)];
    if (value < 0) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>(bits >> count & 0xff));
  }
  return out;
}

}  // namespace callsheet::local_gateway
