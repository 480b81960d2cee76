#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace callsheet::local_gateway {

struct FormPart {
  std::string name;
  std::string file_name;  ///< empty: an ordinary field
  std::string_view content;
};

/// The parts of a multipart/form-data body (RFC 7578), at most 16; views into `body`. Empty when malformed.
[[nodiscard]] std::vector<FormPart> read_form(std::string_view content_type, std::string_view body);

/// Standard base64, raw or as a data URL ("data:image/png;base64,..."), line breaks allowed. Empty when
/// malformed.
[[nodiscard]] std::string base64_decoded(std::string_view text);

}  // namespace callsheet::local_gateway
