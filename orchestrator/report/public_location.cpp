#include "orchestrator/report/public_location.hpp"

#include <fmt/format.h>

namespace callsheet::report {

std::string public_location(MediaInput const& image) {
  std::string_view text = image.location;
  if (image.kind == MediaInput::Kind::file) return std::string{text.substr(text.find_last_of("/\\") + 1)};
  text = text.substr(0, text.find_first_of("?#"));
  std::size_t const host = text.find("://");
  if (host == std::string_view::npos) return std::string{text};
  std::string_view rest = text.substr(host + 3);
  if (std::size_t const user = rest.substr(0, rest.find('/')).rfind('@'); user != std::string_view::npos)
    rest.remove_prefix(user + 1);
  return fmt::format("{}{}", text.substr(0, host + 3), rest);
}

std::string relative_url(std::string_view path) {
  std::string url;
  url.reserve(path.size());
  for (char const c : path) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view{"-._~/"}.find(c) != std::string_view::npos;
    if (plain)
      url += c;
    else
      url += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

}  // namespace callsheet::report
