#include "orchestrator/core/output_file.hpp"

#include "tests/support/temporary_folder.hpp"

#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

using namespace callsheet;

TEST_CASE("output file: what was written is there, however it was cut into pieces") {
  test::TemporaryFolder const folder;
  std::filesystem::path const path = folder.path() / "out";
  OutputFile file;
  REQUIRE(file.open(path));
  std::string expected;
  for (std::size_t size : {0U, 1U, 100U, 70'000U, 5U, 200'000U}) {
    std::string const piece(size, static_cast<char>('a' + size % 26));
    CHECK(file.write(piece));
    expected += piece;
  }
  CHECK(file.close());
  std::ifstream in{path, std::ios::binary};
  CHECK(std::string{std::istreambuf_iterator<char>{in}, {}} == expected);
  REQUIRE(file.open(path));
  CHECK(file.close());
  CHECK(std::filesystem::file_size(path) == 0);
}

TEST_CASE("output file: the first fault is told, and nothing is taken after it") {
  OutputFile file;
  CHECK_FALSE(file.open("/nowhere/at/all"));
  CHECK(file.why() == "No such file or directory");
  CHECK_FALSE(file.write("text"));
  CHECK_FALSE(file.close());
  CHECK(file.why() == "No such file or directory");

  REQUIRE(file.open("/dev/full"));
  CHECK(file.write("little: not written yet"));
  CHECK_FALSE(file.write(std::string(100'000, 'x')));
  CHECK(file.why() == "No space left on device");
  CHECK_FALSE(file.close());
}
