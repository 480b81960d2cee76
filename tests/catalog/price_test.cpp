#include "orchestrator/catalog/price.hpp"

#include "orchestrator/catalog/catalog.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace callsheet;

namespace {

/// The rows of kling-prices.csv: no cell of it holds a comma.
std::vector<std::vector<std::string>> rows() {
  std::ifstream in{CALLSHEET_SOURCE_DIR "/tests/catalog/kling-prices.csv"};
  std::vector<std::vector<std::string>> out;
  for (std::string line; std::getline(in, line);) {
    std::istringstream cells{line};
    out.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) out.back().push_back(cell);
  }
  return out;
}

catalog::Catalog prices(std::string const& list) {
  auto loaded = catalog::load({.file = {}, .price_list = list});
  if (!loaded) FAIL(render(loaded.error()));
  return *std::move(loaded);
}

}  // namespace

TEST_CASE("price: every row of the gateway's table is reproduced exactly, in both price lists") {
  catalog::Catalog const now = prices("");
  catalog::Catalog const page = prices("evolink product page");
  auto const table = rows();
  REQUIRE(table.size() > 30);
  int checked = 0;
  for (std::size_t i = 1; i < table.size(); ++i) {
    auto const& row = table[i];
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    CAPTURE(row[2]);
    CAPTURE(row[3]);
    catalog::Catalog const& catalog = row[1].find("product page") == std::string::npos ? now : page;
    catalog::Model const* model = catalog.find(ModelId{row[0]});
    REQUIRE(model != nullptr);
    Credits const per_second = *Credits::parse(row[5]);
    for (Sound const sound : {Sound::off, Sound::on}) {
      if (row[3] != "any" && row[3] != to_string(sound)) continue;
      for (int seconds = std::stoi(row[8]); seconds <= std::stoi(row[9]); ++seconds) {
        Request request;
        request.sound = sound;
        request.duration = std::chrono::seconds{seconds};
        CHECK(catalog.expected(*model, request, *parse_quality(row[2])) == per_second * seconds);
        ++checked;
      }
    }
  }
  CHECK(checked > 500);
}

TEST_CASE("price: exact where floating point is not") {
  catalog::Catalog const catalog = prices("");
  Request request;
  request.duration = std::chrono::seconds{5};
  catalog::Model const& model = *catalog.find(ModelId{"kling-v3-image-to-video"});
  CHECK(catalog.expected(model, request, Quality::p1080) == Credits::parse("36.018"));
  CHECK(catalog.most(model, request, Quality::p1080) == Credits::parse("36.018"));
}

TEST_CASE("price: halves of the finest unit round up, and the minimum is kept") {
  catalog::Tariff tariff{.base_per_second = Credits::from_units(3),
                         .factors = {{{Quality::p720, Sound::off}, 15'000}},
                         .minimum = {},
                         .settlement = catalog::Settlement::request_only};
  using std::chrono::seconds;
  CHECK(catalog::price(tariff, Quality::p720, Sound::off, seconds{1}) == Credits::from_units(5));  // 4.5
  CHECK(catalog::price(tariff, Quality::p720, Sound::off, seconds{2}) == Credits::from_units(9));
  tariff.minimum = Credits::from_units(7);
  CHECK(catalog::price(tariff, Quality::p720, Sound::off, seconds{1}) == Credits::from_units(7));
  CHECK_FALSE(catalog::price(tariff, Quality::k4, Sound::off, seconds{1}));
}

TEST_CASE("catalog: price lists are named, and an unknown one is an error") {
  CHECK(prices("").prices().name == "evolink 2026-10-10");
  CHECK(prices("").prices().credits_per_usd == CreditsPerUsd{68});
  CHECK(prices("evolink product page").prices().credits_per_usd == CreditsPerUsd{72});
  CHECK_FALSE(catalog::load({.file = {}, .price_list = "nobody"}));
  CHECK_FALSE(catalog::load({.file = "/no/such/catalog.yaml", .price_list = {}}));
}

TEST_CASE("catalog: a mistake in the file is told with its place") {
  auto const bad = catalog::parse("mine.yaml", "version: 1\nmodels:\n  - id: x\n    mode: text-to-vidio\n");
  REQUIRE_FALSE(bad);
  CHECK(render(bad.error()).starts_with("mine.yaml:4:11: error: `text-to-vidio` is not known here"));
  CHECK_FALSE(catalog::parse("mine.yaml", "version: 2\nmodels: []\n"));
  CHECK_FALSE(catalog::parse("mine.yaml", "just a text"));
  CHECK_FALSE(catalog::parse("mine.yaml", ""));
  CHECK_FALSE(catalog::parse("mine.yaml", "a: [1"));
}
