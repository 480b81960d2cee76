#include "orchestrator/ledger/campaign_lease.hpp"

#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/core/digest.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

namespace callsheet::ledger {

namespace {

class FileLease final : public Lease {
 public:
  explicit FileLease(Descriptor file) : file_{std::move(file)} {}

 private:
  Descriptor file_;
};

}  // namespace

std::string campaign_file_name(std::string const& campaign) {
  return sha256_hex(campaign).substr(0, 16);
}

Result<std::unique_ptr<Lease>> lock_campaign(std::filesystem::path const& folder,
                                             std::string const& campaign) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::filesystem::path const file = folder / (campaign_file_name(campaign) + ".lock");
  Descriptor opened{::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)};
  if (!opened)
    return fail(Code::ledger_unavailable,
                fmt::format("cannot create '{}': {}", file.string(), std::generic_category().message(errno)));
  if (::flock(opened.number(), LOCK_EX | LOCK_NB) != 0)
    return fail(Code::busy, fmt::format("another callsheet process is working on campaign '{}'", campaign),
                "wait for it, or stop it with Ctrl-C: it drains and keeps what is paid for");
  return std::make_unique<FileLease>(std::move(opened));
}

}  // namespace callsheet::ledger
