#include "orchestrator/cli/small_file.hpp"

#include "orchestrator/core/descriptor.hpp"

#include <cerrno>
#include <cstddef>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace callsheet::cli {

namespace {

constexpr std::size_t bytes_most = std::size_t{4} << 20U;

tl::unexpected<Error> refusal(std::filesystem::path const& path, std::string_view why) {
  return fail(Code::file_system, fmt::format("cannot read '{}': {}", path.string(), why));
}

}  // namespace

Result<std::optional<std::string>> read_small_file(std::filesystem::path const& path) {
  auto const system_says = [] { return std::generic_category().message(errno); };
  Descriptor const file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!file && errno == ENOENT) return std::nullopt;
  struct stat status = {};
  if (!file || ::fstat(file.number(), &status) != 0) return refusal(path, system_says());
  if (!S_ISREG(status.st_mode)) return refusal(path, "it is not a regular file");
  std::string text;
  constexpr std::size_t piece_bytes = std::size_t{16} << 10U;
  for (ssize_t got = 1; got != 0;) {
    std::size_t const have = text.size();
    if (have > bytes_most) return refusal(path, "it is larger than 4 MiB");
    text.resize(have + piece_bytes);
    got = ::read(file.number(), text.data() + have, piece_bytes);
    if (got < 0) return refusal(path, system_says());
    text.resize(have + static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace callsheet::cli
