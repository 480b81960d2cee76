
#include "tests/report/formats.hpp"
#include "tests/report/golden.hpp"
#include "tests/report/sample.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

using namespace callsheet;
using namespace callsheet::report;
using nlohmann::json;

namespace {

/// What the schema has against `document`; empty when nothing.
std::string complaint(json const& document) {
  static json const text = json::parse(read_source("schemas/report.schema.json"));
  valijson::Schema schema;
  valijson::SchemaParser parser;
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter{text}, schema);
  valijson::ValidationResults results;
  valijson::Validator validator;
  if (validator.validate(schema, valijson::adapters::NlohmannJsonAdapter{document}, &results)) return {};
  valijson::ValidationResults::Error error;
  std::string all = "invalid";
  while (results.popError(error)) {
    for (std::string const& step : error.context) all += step;
    all += ": " + error.description + '\n';
  }
  return all;
}

int floating_point_numbers(json const& node) {
  if (node.is_number_float()) return 1;
  int n = 0;
  if (node.is_structured())
    for (json const& child : node) n += floating_point_numbers(child);
  return n;
}

}  // namespace

TEST_CASE("report.json: is what its schema says") {
  CHECK(complaint(json::parse(json_of(sample_campaign()))) == "");
  Sample nothing_yet;
  nothing_yet.head.run = RunId{"20261123-200000-0000"};
  CHECK(complaint(json::parse(json_of(nothing_yet))) == "");
}

TEST_CASE("report.json: the schema is strict at every level") {
  json const good = json::parse(json_of(sample_campaign()));
  for (char const* place :
       {"", "/totals", "/cap", "/models/0", "/clips/0", "/clips/0/request", "/clips/0/file",
        "/clips/0/attempts/0", "/clips/0/labels/0", "/clips/5/attempts/0/failure", "/clips/9/request/shots/0",
        "/clips/9/request/image_end"}) {
    CAPTURE(place);
    json more = good;
    more.at(json::json_pointer{place})["surprise"] = 1;
    CHECK(complaint(more) != "");
    json less = good;
    json& object = less.at(json::json_pointer{place});
    object.erase(object.begin());
    CHECK(complaint(less) != "");
  }
}

TEST_CASE("report.json: money is exact, as text and as units, and never floating point") {
  json const document = json::parse(json_of(sample_campaign()));
  CHECK(floating_point_numbers(document) == 0);
  CHECK(document.at("clips").at(11).at("billed") == json{{"credits", "7.2036"}, {"units", 72036}});
}

TEST_CASE("report.json: bytes that are no text become U+FFFD instead of breaking the report") {
  Sample model;
  model.head.run = RunId{"r"};
  model.head.campaign = "caf\xe9";
  CHECK(json::parse(json_of(model)).at("campaign") == "caf\xEF\xBF\xBD");
}
