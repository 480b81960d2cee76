#pragma once

#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace callsheet {

/// SHA-256 of the bytes, lower-case hex. Any thread.
std::string sha256_hex(std::string_view bytes);

/// SHA-256 of a file's content, read in pieces. Blocking. Fails with Code::file_system.
[[nodiscard]] Result<std::string> sha256_of_file(std::filesystem::path const& path);

/// `bytes` random bytes from the operating system as lower-case hex. Any thread.
std::string random_hex(std::size_t bytes);

}  // namespace callsheet
