#include "tests/report/golden.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

namespace callsheet::report {

namespace {

std::string read(std::filesystem::path const& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// A page is long: show where two texts part, not both of them whole.
std::string around(std::string const& text, std::size_t at) {
  std::size_t const from = at < 60 ? 0 : at - 60;
  return text.substr(from, 160);
}

}  // namespace

void check_golden(std::string const& name, std::string const& text) {
  std::filesystem::path const path =
      std::filesystem::path{CALLSHEET_SOURCE_DIR} / "tests/golden/report" / name;
  if (char const* const update = std::getenv("CALLSHEET_UPDATE_GOLDEN");
      update && std::string{update} == "1") {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream{path, std::ios::binary} << text;
    return;
  }
  std::string const expected = read(path);
  if (expected == text) return;
  auto const parted = std::mismatch(expected.begin(), expected.end(), text.begin(), text.end());
  auto const at = static_cast<std::size_t>(parted.first - expected.begin());
  CAPTURE(at);
  FAIL_CHECK(name << " differs\nexpected: …" << around(expected, at) << "…\ngot:      …" << around(text, at)
                  << "…\nCALLSHEET_UPDATE_GOLDEN=1 rewrites it");
}

std::string read_source(std::string const& path) {
  return read(std::filesystem::path{CALLSHEET_SOURCE_DIR} / path);
}

}  // namespace callsheet::report
