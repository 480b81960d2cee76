#include "orchestrator/media/input_file.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace callsheet::media {

Result<void> check_is_file(std::string const& path) {
  std::error_code error;
  auto const status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    return fail(Code::not_found, fmt::format("there is no file '{}'", path));
  if (!std::filesystem::is_regular_file(status))
    return fail(Code::invalid_input, fmt::format("'{}' is not a file", path));
  return {};
}

}  // namespace callsheet::media
