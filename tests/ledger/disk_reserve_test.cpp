#include "orchestrator/ledger/disk_reserve.hpp"

#include "tests/support/temporary_folder.hpp"

#include <fstream>
#include <limits>

#include <doctest/doctest.h>

using namespace callsheet;

TEST_CASE("disk reserve: really takes the space, gives it back once, and leaves nothing behind") {
  test::TemporaryFolder const folder;
  auto const file = folder.path() / "reserve";
  {
    ledger::DiskReserve reserve{file, 1 << 20};
    CHECK_FALSE(reserve.spend());
    CHECK(reserve.keep());
    CHECK(reserve.keep());
    CHECK(std::filesystem::file_size(file) == 1 << 20);
    CHECK(reserve.spend());
    CHECK_FALSE(std::filesystem::exists(file));
    CHECK_FALSE(reserve.spend());
    CHECK(reserve.keep());
  }
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("disk reserve: what a killed process left is taken over; no room is told") {
  test::TemporaryFolder const folder;
  auto const file = folder.path() / "reserve";
  std::ofstream{file} << "left";
  ledger::DiskReserve left{file, 1 << 20};
  CHECK(left.keep());
  CHECK(std::filesystem::file_size(file) == 1 << 20);
  ledger::DiskReserve vast{folder.path() / "vast", std::numeric_limits<std::int64_t>::max() / 2};
  CHECK_FALSE(vast.keep());
  CHECK_FALSE(std::filesystem::exists(folder.path() / "vast"));
  ledger::DiskReserve nowhere{folder.path() / "no" / "such", 1};
  CHECK_FALSE(nowhere.keep());
}
