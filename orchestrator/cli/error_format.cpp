#include "orchestrator/cli/error_format.hpp"

#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

/// Nothing in a text may end its line or begin another command. In properties, two more characters mean
/// something.
std::string escaped(std::string_view text, std::string_view meaningful) {
  std::string safe;
  for (char const c : text)
    if (meaningful.find(c) != std::string_view::npos)
      safe += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      safe += c;
  return safe;
}

std::string of_message(std::string_view text) {
  return escaped(text, "%\r\n");
}

std::string of_property(std::string_view text) {
  return escaped(text, "%\r\n:,");
}

}  // namespace

std::string github_annotation(Error const& error) {
  std::string place;
  if (!error.where.file.empty()) place += fmt::format(" file={}", of_property(error.where.file));
  if (error.where.line > 0)
    place += fmt::format(",line={},col={},endColumn={}", error.where.line, error.where.column,
                         error.where.column + error.width);
  std::string text = error.what;
  if (!error.mend.empty()) text += fmt::format("\nmend: {}", error.mend);
  return fmt::format("::error{}::{}\n", place, of_message(text));
}

json to_json(Error const& error) {
  bool const placed = error.where.line > 0;
  return {{"file", error.where.file.empty() ? json(nullptr) : json(error.where.file)},
          {"line", placed ? json(error.where.line) : json(nullptr)},
          {"column", placed ? json(error.where.column) : json(nullptr)},
          {"width", placed ? json(error.width) : json(nullptr)},
          {"message", error.what},
          {"mend", error.mend},
          {"source_line", error.source_line}};
}

}  // namespace callsheet::cli
