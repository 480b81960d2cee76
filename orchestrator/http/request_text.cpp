#include "orchestrator/http/request_text.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace callsheet::http {

namespace {

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    auto const byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

}  // namespace

bool write_request(Request const& request, std::string& text) {
  if (!is_clean(request.method) || !is_clean(request.url.target)) return false;
  text.clear();
  text.append(request.method).append(" ").append(request.url.target).append(" HTTP/1.1\r\nHost: ");
  append_authority(request.url, text);
  for (Header const& header : request.headers) {
    if (!is_clean(header.name) || !is_clean(header.value)) return false;
    text.append("\r\n").append(header.name).append(": ").append(header.value);
  }
  std::uint64_t const size = request.source != nullptr ? request.source->size_bytes() : request.body.size();
  if (size > 0 || request.method == "POST")
    fmt::format_to(std::back_inserter(text), "\r\nContent-Length: {}", size);
  text.append("\r\n\r\n").append(request.body);
  return true;
}

}  // namespace callsheet::http
