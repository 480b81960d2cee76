#include "orchestrator/catalog/price.hpp"

#include "orchestrator/catalog/catalog.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace callsheet;

namespace {

/// The rows of model-prices.csv: no cell of it holds a comma.
std::vector<std::vector<std::string>> rows() {
  std::ifstream in{CALLSHEET_SOURCE_DIR "/tools/local_gateway/model-prices.csv"};
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

namespace {

struct Row {
  std::string model, mode, quality, sound, unit, credits, min_seconds, max_seconds;
};

/// Those that have a price.
std::vector<Row> priced_rows() {
  std::vector<Row> out;
  auto const table = rows();
  for (std::size_t i = 1; i < table.size(); ++i) {
    auto const& r = table[i];
    if (!r[4].empty()) out.push_back({r[0], r[1], r[2], r[3], r[4], r[5], r[8], r[9]});
  }
  return out;
}

bool says(std::string const& text, char const* what) {
  return text.find(what) != std::string::npos;
}

/// Which tariff a row is about.
catalog::Tariff const* tariff_of(catalog::Catalog const& catalog, Row const& row) {
  bool const video = says(row.mode, "video input") && !says(row.mode, "no video input");
  return catalog.tariff(ModelId{row.model},
                        video ? catalog::Catalog::Video::given : catalog::Catalog::Video::none);
}

/// "Standard" is what a model makes that cannot be told.
Quality quality_of(Row const& row) {
  return row.quality == "standard" ? Quality::any : *parse_quality(row.quality);
}

/// The table's rates have up to five decimals, the fifth rounded half up.
std::int64_t hundred_thousandths(std::string const& credits) {
  std::size_t const point = std::min(credits.find('.'), credits.size());
  std::string decimals = point < credits.size() ? credits.substr(point + 1) : "";
  REQUIRE(decimals.size() <= 5);
  decimals.resize(5, '0');
  return std::stoll(credits.substr(0, point) + decimals);
}

}  // namespace

TEST_CASE("price: every row of the gateway's table is reproduced exactly, in both price lists") {
  catalog::Catalog const now = prices("");
  catalog::Catalog const page = prices("evolink product page");
  std::vector<Row> const table = priced_rows();
  CHECK(table.size() == 222);
  for (Row const& row : table) {
    CAPTURE(row.model);
    CAPTURE(row.mode);
    CAPTURE(row.quality);
    CAPTURE(row.sound);
    catalog::Catalog const& catalog = says(row.mode, "product page") ? page : now;
    catalog::Model const* model = catalog.find(ModelId{row.model});
    catalog::Tariff const* tariff = tariff_of(catalog, row);
    REQUIRE(model != nullptr);
    REQUIRE(tariff != nullptr);
    CHECK((tariff->unit == catalog::BillingUnit::call) == (row.unit == "per_call"));
    for (Sound const sound : {Sound::off, Sound::on}) {
      if (row.sound != "any" && row.sound != to_string(sound)) continue;
      auto const factor = tariff->factors.find({quality_of(row), sound});
      REQUIRE(factor != tariff->factors.end());
      // Both are in 1/10,000, so that their product is in 1/100,000,000.
      std::int64_t const product = tariff->base.units() * factor->second;
      CHECK((product + 500) / 1000 == hundred_thousandths(row.credits));
    }
  }
}

TEST_CASE("price: the lengths and qualities a model is asked for are those that have a price") {
  catalog::Catalog const now = prices("");
  std::set<std::string> in_table;
  for (Row const& row : priced_rows()) {
    CAPTURE(row.model);
    in_table.insert(row.model);
    catalog::Model const& model = *now.find(ModelId{row.model});
    if (model.modes.empty() || model.makes(Mode::element)) continue;  // no clips: no length
    CHECK(std::to_string(model.duration.min.count()) == row.min_seconds);
    bool const open = model.duration.max.count() == 0;
    CHECK((open ? "" : std::to_string(model.duration.max.count())) == row.max_seconds);
    CHECK(std::find(model.qualities.begin(), model.qualities.end(), quality_of(row)) !=
          model.qualities.end());
  }
  for (catalog::Model const& model : now.models) {
    CAPTURE(model.id.str());
    CHECK(in_table.count(model.id.str()) == 1);
    for (Quality const quality : model.qualities)
      for (Sound const sound : model.sounds.empty() ? std::vector{Sound::off} : model.sounds)
        CHECK(catalog::rate(*now.tariff(model.id), quality, sound).has_value());
  }
}

TEST_CASE("price: what each clip of the Kling models costs, second by second") {
  catalog::Catalog const now = prices("");
  int checked = 0;
  for (Row const& row : priced_rows()) {
    catalog::Model const& model = *now.find(ModelId{row.model});
    if (model.modes.empty() || model.video || says(row.mode, "page") || !row.model.starts_with("kling"))
      continue;
    Credits const per_second = *Credits::parse(row.credits);
    for (int seconds = std::stoi(row.min_seconds); seconds <= std::stoi(row.max_seconds); ++seconds) {
      Request request;
      request.sound = row.sound == "on" ? Sound::on : Sound::off;
      request.duration = std::chrono::seconds{seconds};
      CHECK(now.expected(model, request, quality_of(row)) == per_second * seconds);
      CHECK(now.most(model, request, quality_of(row)) == per_second * seconds);
      ++checked;
    }
  }
  CHECK(checked > 300);
}

TEST_CASE(
    "price: a clip made of a video is billed by the video's seconds, and held by the most they can be") {
  catalog::Catalog const now = prices("");
  using namespace std::chrono_literals;
  struct Case {
    char const* model;
    std::chrono::milliseconds length;
    char const* expected;
    char const* most;
    char const* most_unmeasured;  ///< empty: no bound
  };
  for (Case const& c : {
           // Reserved by the input rounded half up, settled by the output: a second more is held, and the 10
           // s
           // that are reserved where the gateway cannot measure the video.
           Case{"kling-v3-motion-control", 7499ms, "57.1536", "81.648", "253.1088"},
           Case{"kling-v3-motion-control", 9499ms, "73.4832", "81.648", "253.1088"},
           Case{"kling-v3-motion-control", 9500ms, "81.648", "89.8128", "253.1088"},
           Case{"kling-v2.6-motion-control", 3000ms, "13.5", "45", "139.5"},
           // Reserved by the input rounded up, 5 s where it cannot be measured.
           Case{"kling-o3-video-edit", 5001ms, "48.6", "56.7", ""},
           Case{"kling-o3-video-edit", 3000ms, "24.3", "40.5", ""},
           // Input to the hundredth, rounded up, and a least charge.
           Case{"kling-o1-video-edit", 4321ms, "51.96", "51.96", "120"},
           Case{"kling-o1-video-edit", 3000ms, "36", "36", "120"},
           Case{"kling-o1-video-edit-fast", 6001ms, "40.868", "40.868", "136"},
       }) {
    CAPTURE(c.model);
    CAPTURE(c.length.count());
    catalog::Model const& model = *now.find(ModelId{c.model});
    Request request;
    request.quality = model.qualities.front();
    request.video = MediaInput{.kind = MediaInput::Kind::file, .location = "/v.mp4", .digest = {}};
    request.duration = std::chrono::round<std::chrono::seconds>(c.length);
    catalog::InputFacts inputs;
    inputs.video = VideoFacts{.size_bytes = 1,
                              .width = 1280,
                              .height = 720,
                              .length = c.length,
                              .longest = c.length,
                              .frames = 0,
                              .digest = {}};
    CHECK(now.expected(model, request, request.quality, inputs) == Credits::parse(c.expected));
    CHECK(now.most(model, request, request.quality, inputs) == Credits::parse(c.most));
    auto const unmeasured = now.most(model, request, request.quality);
    CHECK((unmeasured ? to_string(*unmeasured) : "") == c.most_unmeasured);
  }
}

TEST_CASE("price: a video whose sound is longer than its picture is held for by the longer") {
  catalog::Catalog const now = prices("");
  catalog::Model const& edit = *now.find(ModelId{"kling-o1-video-edit"});
  using namespace std::chrono_literals;
  Request request;
  request.quality = Quality::any;
  request.video = MediaInput{.kind = MediaInput::Kind::file, .location = "/v.mp4", .digest = {}};
  catalog::InputFacts inputs;
  inputs.video = VideoFacts{.size_bytes = 1,
                            .width = 1280,
                            .height = 720,
                            .length = 5s,
                            .longest = 9500ms,
                            .frames = 0,
                            .digest = {}};
  CHECK(now.expected(edit, request, Quality::any, inputs) == Credits::parse("60"));
  CHECK(now.most(edit, request, Quality::any, inputs) == Credits::parse("114"));
}

TEST_CASE("price: pictures beyond the free ones cost, and a shorter reference counts as long as the clip") {
  catalog::Catalog const now = prices("");
  MediaInput const url{.kind = MediaInput::Kind::url, .location = "https://example.com/a.jpg", .digest = {}};
  Request request;
  request.duration = std::chrono::seconds{5};
  request.images.assign(7, url);
  catalog::Model const& h3 = *now.find(ModelId{"minimax-h3-reference-to-video"});
  CHECK(now.expected(h3, request, Quality::p768) == Credits::parse("31.008"));  // 5 x 5.168 + 2 x 2.584
  catalog::Tariff const& with_video =
      *now.tariff(ModelId{"seedance-2.0-reference-to-video"}, catalog::Catalog::Video::given);
  using namespace std::chrono_literals;
  CHECK(catalog::price(with_video, {.output = 5s, .input = 3s}) == Credits::parse("82.215"));
  CHECK(catalog::price(with_video, {.output = 5s, .input = 8s}) == Credits::parse("106.8795"));
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
  catalog::Tariff tariff;
  tariff.base = Credits::from_units(3);
  tariff.factors = {{{Quality::p720, Sound::off}, 15'000}};
  using namespace std::chrono_literals;
  CHECK(catalog::price(tariff, {.output = 1s}) == Credits::from_units(5));  // 4.5
  CHECK(catalog::price(tariff, {.output = 2s}) == Credits::from_units(9));
  tariff.minimum = Credits::from_units(7);
  CHECK(catalog::price(tariff, {.output = 1s}) == Credits::from_units(7));
  CHECK_FALSE(catalog::price(tariff, {.quality = Quality::k4, .output = 1s}));
}

TEST_CASE("catalog: price lists are named, and an unknown one is an error") {
  CHECK(prices("").prices().name == "evolink 2026-10-10");
  CHECK(prices("").prices().credits_per_usd == CreditsPerUsd{68});
  CHECK(prices("evolink product page").prices().credits_per_usd == CreditsPerUsd{72});
  CHECK_FALSE(catalog::load({.file = {}, .price_list = "nobody"}));
  CHECK_FALSE(catalog::load({.file = "/no/such/catalog.yaml", .price_list = {}}));
}

TEST_CASE("catalog: a mistake in the file is told with its place") {
  auto const bad = catalog::parse(
      "mine.yaml", "version: 1\nmodels:\n  - id: x\n    source: s\n    modes: [text-to-vidio]\n");
  REQUIRE_FALSE(bad);
  CHECK(render(bad.error()).starts_with("mine.yaml:5:13: error: `text-to-vidio` is not known here"));
  CHECK_FALSE(catalog::parse("mine.yaml", "version: 2\nmodels: []\n"));
  CHECK_FALSE(catalog::parse("mine.yaml", "just a text"));
  CHECK_FALSE(catalog::parse("mine.yaml", ""));
  CHECK_FALSE(catalog::parse("mine.yaml", "a: [1"));
}

TEST_CASE("catalog: a file of one's own adds to the standard one, or takes the place of what it names") {
  auto const mine = catalog::parse("mine.yaml", R"(version: 1
extends: standard
default_models: ["house-*", "kling-v3-*"]
models:
  - {id: house-video, modes: [text-to-video], source: us, duration: {min: 1, max: 60}, qualities: [720p], prompt: {characters_max: 100}}
  - {id: kling-v3-text-to-video, modes: [text-to-video], source: us, duration: {min: 3, max: 5}, qualities: [720p], prompt: {characters_max: 100}}
price_lists:
  - name: evolink 2026-10-10
    tariffs:
      - {models: [house-video], settlement: request_only, base: 1.5, factors: {720p: {any: 1}}}
      - {models: [kling-o3-text-to-video], settlement: request_only, base: 4, factors: {720p: {any: 1}}}
  - name: house
    source: us
    credits_per_usd: 100
    tariffs:
      - {models: [house-video], settlement: request_only, base: 2, factors: {720p: {any: 1}}}
)");
  if (!mine) FAIL(render(mine.error()));
  catalog::Catalog const standard = prices("");
  CHECK(mine->models.size() == standard.models.size() + 1);
  CHECK(mine->default_models.size() == 2);
  CHECK(mine->prices().name == "evolink 2026-10-10");
  CHECK(mine->prices().credits_per_usd == CreditsPerUsd{68});
  CHECK(mine->find(ModelId{"kling-v3-text-to-video"})->duration.max == std::chrono::seconds{5});
  auto const rate = [&](char const* id) {
    return to_string(*catalog::rate(*mine->tariff(ModelId{id}), Quality::p720, Sound::off));
  };
  CHECK(rate("house-video") == "1.5");
  CHECK(rate("kling-o3-text-to-video") == "4");
  CHECK(rate("kling-v3-image-to-video") == "5.4");
  CHECK(mine->price_lists.size() == standard.price_lists.size() + 1);

  auto const told = [](char const* text) {
    auto const parsed = catalog::parse("mine.yaml", text);
    return parsed ? std::string{} : parsed.error().what;
  };
  CHECK(told("version: 1\nextends: standard\n") == "");
  CHECK(told("version: 1\nextends: other.yaml\n") == "only `standard` can be extended");
  CHECK(told("version: 1\nextends: standard\ndefault_price_list: x\n") == "there is no price list `x`");
  CHECK(told("version: 1\nextends: standard\nprice_lists: [{name: x, tariffs: []}]\n") ==
        "`source` is missing");
  CHECK(
      told(
          "version: 1\nextends: standard\nprice_lists: [{name: x, source: y, credits_per_usd: 0, tariffs: []}]\n") ==
      "`credits_per_usd` has to be above 0, and a million at most");
}

TEST_CASE("catalog: figures no price could be reckoned with are refused") {
  std::string const lists =
      "version: 1\nextends: standard\nprice_lists:\n  - name: evolink 2026-10-10\n    tariffs:\n"
      "      - {models: [kling-v3-text-to-video], settlement: request_only, ";
  for (char const* tail :
       {"base: 100000, factors: {720p: {any: 1}}}", "base: -1, factors: {720p: {any: 1}}}",
        "base: 1, factors: {720p: {any: 101}}}", "base: 1, factors: {720p: {any: -1}}}",
        "base: 1, factors: {720p: {loud: 1}}}", "base: 1.23456, factors: {720p: {any: 1}}}",
        "base: 1, minimum: -5, factors: {720p: {any: 1}}}"}) {
    CAPTURE(tail);
    CHECK_FALSE(catalog::parse("mine.yaml", lists + tail));
  }
}
