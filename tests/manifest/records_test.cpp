#include "orchestrator/manifest/records.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::manifest;

namespace {

using Cells = std::vector<std::string>;

constexpr char const* as_yaml = R"(# what we sell
- {sku: X1, price: 1.50, scene: "a beach"}
- sku: "007"
  on_sale: true

  scene: null
- {scene: on, sku: X3}
)";

constexpr char const* as_json = R"([
  {"sku": "X1", "price": 1.50, "scene": "a beach"},
  {"sku": "007", "on_sale": true, "scene": null},
  {"scene": "on", "sku": "X3"}
])";

constexpr char const* as_lines = R"({"sku": "X1", "price": 1.50, "scene": "a beach"}

 {"sku": "007", "on_sale": true, "scene": null}
{"scene": "on", "sku": "X3"})";

void check_products(Checked<Table> const& table, std::vector<int> const& lines) {
  if (!table) FAIL(render(table.error().front()));
  CHECK(table->columns == Cells{"sku", "price", "scene", "on_sale"});
  REQUIRE(table->rows.size() == 3);
  CHECK(table->rows[0].cells == Cells{"X1", "1.50", "a beach", ""});
  CHECK(table->rows[1].cells == Cells{"007", "", "", "true"});
  CHECK(table->rows[2].cells == Cells{"X3", "", "on", ""});
  for (std::size_t i = 0; i < 3; ++i) CHECK(table->rows[i].line == lines[i]);
}

struct Bad {
  char const* text;
  char const* told;  ///< where and what
};

void check_bad(Checked<Table> (*parse)(std::string, std::string_view, TableLimits),
               std::vector<Bad> const& rows) {
  for (Bad const& row : rows) {
    CAPTURE(row.text);
    auto const table = parse("d", row.text, {.bytes_max = 1000, .rows_max = 2, .columns_max = 2});
    REQUIRE_FALSE(table.has_value());
    Error const& error = table.error().front();
    CHECK(to_string(error.where) + ": " + error.what == std::string{row.told});
  }
}

}  // namespace

TEST_CASE("records: the same table from YAML, JSON and JSON Lines") {
  check_products(parse_records("d", as_yaml), {2, 3, 7});
  check_products(parse_records("d", as_json), {2, 3, 4});
  check_products(parse_record_lines("d", as_lines), {1, 3, 4});
  CHECK(parse_record_lines("d", "\r\n{\"a\": -1}\r\n{\"a\": 12345678901234567890}\r\n")->rows.size() == 2);
  CHECK(parse_records("d", "[]")->rows.empty());
  CHECK(parse_record_lines("d", "")->rows.empty());
}

TEST_CASE("records: mistakes in YAML and JSON are told at their place") {
  check_bad(
      parse_records,
      {
          {"sku: X1", "d:1:1: a data file is a list of records"},
          {"- X1", "d:1:3: this is no record"},
          {"- {}", "d:1:3: this record is empty"},
          {"- {a: 1}\n- {a: [1, 2]}", "d:2:7: `a` is a list: it must be one text, number, true or false"},
          {"- {a: {b: 1}}", "d:1:7: `a` is a group of values: it must be one text, number, true or false"},
          {"- {' ': 1}", "d:1:4: a value has no name"},
          {"- {a: 1}\n- {b: 1}\n- {a: 2}", "d:3:3: more than 2 records"},
          {"- {a: 1, b: 2, c: 3}", "d:1:16: more than 2 different names"},
      });
  CHECK_FALSE(parse_records("d", "[{\"a\": 1").has_value());
}

TEST_CASE("records: mistakes in JSON Lines are told with their line") {
  check_bad(
      parse_record_lines,
      {
          {"{\"a\": 1}\n{\"a\": 1,}", "d:2:9: this is no JSON"},
          {"{\"a\": 1} x", "d:1:10: this is no JSON"},
          {"  {\"a\": nope}", "d:1:10: this is no JSON"},
          {"3", "d:1:1: this line is no record"},
          {"{}", "d:1:1: this record is empty"},
          {"[{\"a\": 1}]", "d:1:1: this line is no record"},
          {"{\"a\": [1]}", "d:1:1: `a` is a list: it must be one text, number, true or false"},
          {"{\"a\": {}}", "d:1:1: `a` is a group of values: it must be one text, number, true or false"},
          {"{\"a\": 1, \"a\": 2}", "d:1:1: `a` stands twice in a record"},
          {"{\"\": 1}", "d:1:1: a value has no name"},
          {"{\"a\":1}\n{\"a\":1}\n{\"a\":1}", "d:3:1: more than 2 records"},
          {"{\"a\":1, \"b\":1, \"c\":1}", "d:1:1: more than 2 different names"},
          {"{\"a\": \"\xff\"}", "d:1:8: byte 0xff is not UTF-8 text"},
      });
}
