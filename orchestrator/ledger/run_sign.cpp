#include "orchestrator/ledger/run_sign.hpp"

#include "orchestrator/ledger/campaign_lease.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/types.h>
#include <unistd.h>

namespace callsheet::ledger {

namespace {

/// As fcntl() takes it. Locks of an open file, not of the process (F_OFD_): they end when that file is
/// closed, and can be asked for with F_OFD_GETLK, which disturbs nobody who is about to take one.
struct flock whole_file(short type) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::filesystem::path sign_file(std::filesystem::path const& folder, std::string const& campaign) {
  return folder / (campaign_file_name(campaign) + ".run");
}

}  // namespace

Result<RunSign> RunSign::raise(std::filesystem::path const& folder, std::string const& campaign,
                               RunId const& run) {
  std::filesystem::path const file = sign_file(folder, campaign);
  auto const cannot = [&](int error) {
    return fail(Code::ledger_unavailable,
                fmt::format("cannot write '{}': {}", file.string(), std::generic_category().message(error)),
                "check the folder's rights, or name a ledger elsewhere with --ledger");
  };
  Descriptor opened{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)};
  if (!opened) return cannot(errno);
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(opened.number(), F_OFD_SETLK, &lock) != 0) return cannot(errno);
  std::string const text = fmt::format("{} {}\n", ::getpid(), run.str());
  bool const written = ::ftruncate(opened.number(), 0) == 0 &&
                       ::pwrite(opened.number(), text.data(), text.size(), 0) == std::ssize(text);
  if (!written) return cannot(errno);
  return RunSign{std::move(opened)};
}

Driven driven(std::filesystem::path const& folder, std::string const& campaign, RunId const& run) {
  Descriptor const opened{::open(sign_file(folder, campaign).c_str(), O_RDONLY | O_CLOEXEC)};
  if (!opened) return {.now = errno != ENOENT};
  struct flock lock = whole_file(F_RDLCK);
  if (::fcntl(opened.number(), F_OFD_GETLK, &lock) != 0) return {.now = true};
  if (lock.l_type == F_UNLCK) return {};
  std::array<char, 256> text;
  ssize_t const size = ::pread(opened.number(), text.data(), text.size(), 0);
  std::string_view const told{text.data(), static_cast<std::size_t>(std::max<ssize_t>(0, size))};
  std::size_t const space = told.find(' ');
  if (space == std::string_view::npos || told.substr(space + 1) != run.str() + "\n") return {};
  Driven out{.now = true};
  int process = 0;
  if (std::from_chars(told.data(), told.data() + space, process).ec == std::errc{}) out.process = process;
  return out;
}

}  // namespace callsheet::ledger
