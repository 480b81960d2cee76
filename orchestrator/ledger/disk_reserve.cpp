#include "orchestrator/ledger/disk_reserve.hpp"

#include "orchestrator/core/descriptor.hpp"

#include <system_error>
#include <utility>

#include <fcntl.h>

namespace callsheet::ledger {

DiskReserve::DiskReserve(std::filesystem::path file, std::int64_t bytes)
    : file_{std::move(file)}, bytes_{bytes} {}

DiskReserve::~DiskReserve() {
  spend();
}

bool DiskReserve::keep() {
  if (kept_) return true;
  Descriptor const file{::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!file) return false;
  kept_ = ::posix_fallocate(file.number(), 0, bytes_) == 0;
  if (!kept_) {
    std::error_code ignored;
    std::filesystem::remove(file_, ignored);
  }
  return kept_;
}

bool DiskReserve::spend() {
  std::error_code ignored;
  return std::exchange(kept_, false) && std::filesystem::remove(file_, ignored);
}

}  // namespace callsheet::ledger
