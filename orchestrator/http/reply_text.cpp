#include "orchestrator/http/reply_text.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

namespace callsheet::http {

namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Foreign text must not end a header line and begin another.
void append_clean(std::string& out, std::string_view value) {
  for (char const c : value) out.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c);
}

std::string head_text(int status, Headers const& headers, SentWith const& with, std::string_view more) {
  std::string text;
  text.reserve(256);
  fmt::format_to(std::back_inserter(text), "HTTP/1.1 {} {}\r\n", status, reason_of(status));
  for (Header const& header : headers) {
    append_clean(text, header.name);
    text += ": ";
    append_clean(text, header.value);
    text += "\r\n";
  }
  text += more;
  text += with.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return text;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

}  // namespace

AskedRange read_range(std::string_view header, std::uint64_t size) {
  AskedRange const whole{RangeKind::whole, {0, size}};
  static constexpr std::string_view unit = "bytes=";
  if (!header.starts_with(unit)) return whole;
  header.remove_prefix(unit.size());
  std::size_t const dash = header.find('-');
  if (dash == std::string_view::npos || header.find(',') != std::string_view::npos) return whole;
  std::string_view const from = header.substr(0, dash);
  std::string_view const to = header.substr(dash + 1);
  AskedRange const none{RangeKind::unsatisfiable, {}};
  if (from.empty()) {  // the last so many bytes
    std::optional<std::uint64_t> const count = number(to);
    if (!count) return whole;
    if (*count == 0 || size == 0) return none;
    std::uint64_t const part = std::min(*count, size);
    return {RangeKind::part, {size - part, part}};
  }
  std::optional<std::uint64_t> const first = number(from);
  std::optional<std::uint64_t> const last = to.empty() ? std::optional{size == 0 ? 0 : size - 1} : number(to);
  if (!first || !last) return whole;
  if (*first >= size) return none;
  if (*last < *first) return whole;
  return {RangeKind::part, {*first, std::min(*last, size - 1) - *first + 1}};
}

Head plain_head(ServerResponse const& response, SentWith const& with, std::uint64_t size) {
  return {head_text(response.status, response.headers, with, fmt::format("Content-Length: {}\r\n", size)), 0,
          size};
}

Head ranged_head(ServerResponse const& response, SentWith const& with, std::uint64_t size) {
  bool const applies = response.status == 200 && !with.range.empty() &&
                       (with.if_range.empty() || find_header(response.headers, "ETag") == with.if_range);
  AskedRange const asked = applies ? read_range(with.range, size) : AskedRange{RangeKind::whole, {0, size}};
  std::string more = fmt::format("Accept-Ranges: bytes\r\nContent-Length: {}\r\n", asked.range.count);
  int status = response.status;
  if (asked.kind == RangeKind::part) {
    status = 206;
    more += fmt::format("Content-Range: bytes {}-{}/{}\r\n", asked.range.first,
                        asked.range.first + asked.range.count - 1, size);
  } else if (asked.kind == RangeKind::unsatisfiable) {
    status = 416;
    more += fmt::format("Content-Range: bytes */{}\r\n", size);
  }
  return {head_text(status, response.headers, with, more), asked.range.first, asked.range.count};
}

Head stream_head(ServerResponse const& response) {
  return {
      head_text(response.status, response.headers, {.keep_alive = false, .range = {}, .if_range = {}}, ""), 0,
      0};
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

std::string text_of(std::optional<std::string_view> value) {
  return value ? std::string{*value} : std::string{};
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

std::optional<std::string> query_value(std::string_view target, std::string_view name) {
  std::size_t const mark = target.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    std::string_view const pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    std::size_t const equals = pair.find('=');
    if (percent_decoded(pair.substr(0, equals)) == name)
      return equals == std::string_view::npos ? std::string{} : percent_decoded(pair.substr(equals + 1));
  }
  return std::nullopt;
}

}  // namespace callsheet::http
