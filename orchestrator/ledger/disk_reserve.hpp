#pragma once

#include <cstdint>
#include <filesystem>

namespace callsheet::ledger {

/// Space that is kept back on the ledger's disk while a run goes on: when the disk runs full, what is paid
/// for can still be written down. A file that holds nothing; removed in the end. Blocking.
class DiskReserve {
 public:
  DiskReserve(std::filesystem::path file, std::int64_t bytes);
  DiskReserve(DiskReserve const&) = delete;
  DiskReserve& operator=(DiskReserve const&) = delete;
  ~DiskReserve();

  /// Sets the space aside, if it is not yet. False: the disk has no room for it.
  bool keep();
  /// Gives the space back to the disk. False: there was none left.
  bool spend();

 private:
  std::filesystem::path file_;
  std::int64_t bytes_;
  bool kept_ = false;
};

}  // namespace callsheet::ledger
