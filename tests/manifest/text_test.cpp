#include "orchestrator/manifest/csv.hpp"
#include "orchestrator/manifest/document.hpp"
#include "orchestrator/manifest/scalar_kind.hpp"
#include "orchestrator/manifest/suggest.hpp"
#include "orchestrator/manifest/text_file.hpp"

#include <string>

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace callsheet;
using namespace callsheet::manifest;

TEST_CASE("document: every key and value knows its line and column, from 1") {
  auto const document = Document::parse("a.yaml", "# c\na: 1\nb:\n  - \"two {{ x }} {{ y }}\"\n");
  REQUIRE(document);
  Node const& root = document->root();
  CHECK(root.entries.at(0).place.line == 2);
  CHECK(root.find("a")->place == Place{2, 4, 1});
  Node const& text = root.find("b")->items.at(0);
  CHECK(text.place.line == 4);
  CHECK(text.place.column == 5);
  CHECK(document->place_of_braces(text.place, 1) == Place{4, 18, 7});
}

TEST_CASE("document: plain scalars follow YAML 1.2, so on, yes and 16:9 stay texts") {
  struct Case {
    char const* text;
    NodeKind kind;
  };
  for (Case const& c :
       {Case{"on", NodeKind::text}, Case{"yes", NodeKind::text}, Case{"16:9", NodeKind::text},
        Case{"true", NodeKind::boolean}, Case{"7", NodeKind::integer}, Case{"-7", NodeKind::integer},
        Case{"1.5", NodeKind::number}, Case{".5", NodeKind::number}, Case{"1e3", NodeKind::number},
        Case{"1e", NodeKind::text}, Case{".", NodeKind::text}, Case{"5s", NodeKind::text},
        Case{"~", NodeKind::null}, Case{"", NodeKind::null}, Case{"-", NodeKind::text}}) {
    CAPTURE(c.text);
    CHECK(kind_of_plain_scalar(c.text) == c.kind);
  }
}

TEST_CASE("document: foreign bytes never get past the limits, and never crash") {
  DocumentLimits const small{
      .bytes_max = 10'000, .expanded_bytes_max = 5'000, .nodes_max = 100, .depth_max = 5};
  std::string bomb = "a0: &a0 [x,x,x]\n";
  for (int i = 1; i < 9; ++i)
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + ",*a" +
            std::to_string(i - 1) + ",*a" + std::to_string(i - 1) + "]\n";
  CHECK_FALSE(Document::parse("bomb.yaml", bomb, small));
  CHECK_FALSE(Document::parse("deep.yaml", std::string(2000, '['), small));
  CHECK_FALSE(Document::parse("deep.yaml", std::string(1'000'000, '[')));
  CHECK_FALSE(Document::parse("deep.yaml", "[[[[[[]]]]]]", small));
  CHECK(Document::parse("deep.yaml", "[[[[[]]]]]", small));
  CHECK_FALSE(Document::parse("long.yaml", std::string(10'001, 'x'), small));
  CHECK_FALSE(Document::parse("self.yaml", "a: &a [*a]"));
  CHECK(rc::check("any bytes", [](std::string const& bytes) { (void)Document::parse("x.yaml", bytes); }));
}

TEST_CASE("text: UTF-8 is checked as the standard says") {
  struct Case {
    char const* name;
    std::string text;
    bool good;
  };
  for (Case const& c : {Case{"ascii", "abc", true}, Case{"umlaut", "ä", true}, Case{"emoji", "🙂", true},
                        Case{"mark", "\xEF\xBB\xBFx", true}, Case{"latin-1", "\xE4", false},
                        Case{"overlong", "\xC0\x80", false}, Case{"surrogate", "\xED\xA0\x80", false},
                        Case{"beyond", "\xF4\x90\x80\x80", false}, Case{"cut", "\xE2\x82", false},
                        Case{"nul", std::string{"a\0b", 3}, false},
                        Case{"utf-16",
                             "\xFF\xFE"
                             "a",
                             false}}) {
    CAPTURE(c.name);
    CHECK(find_bad_text(c.text).has_value() == !c.good);
  }
}

TEST_CASE("csv: cells as RFC 4180 has them") {
  auto const table = parse_csv("p.csv", "\xEF\xBB\xBFsku, scene \r\nX1,\"a, \"\"b\"\"\nc\"\r\n\r\nX2,\n");
  REQUIRE(table);
  CHECK(table->columns == std::vector<std::string>{"sku", "scene"});
  REQUIRE(table->rows.size() == 2);
  CHECK(table->rows[0].cells == std::vector<std::string>{"X1", "a, \"b\"\nc"});
  CHECK(table->rows[1].cells == std::vector<std::string>{"X2", ""});
  CHECK(table->rows[1].line == 5);
}

TEST_CASE("csv: what cannot be read is told with its place") {
  struct Case {
    char const* name;
    char const* text;
    char const* told;
  };
  for (Case const& c :
       {Case{"empty", "", "p.csv: error: the data file is empty"},
        Case{"short row", "a,b\n1\n", "p.csv:2:1: error: this row has 1 cells, but there are 2 columns"},
        Case{"long row", "a,b\n1,2,3\n", "p.csv:2:1: error: this row has 3 cells, but there are 2 columns"},
        Case{"open quote", "a,b\n1,\"2\n", "p.csv:2:3: error: this quote is never closed"},
        Case{"quote, then text", "a,b\n\"1\"x,2\n", "p.csv:2:4: error: text follows a closing quote"},
        Case{"same column twice", "a,a\n", "p.csv:1:3: error: two columns are named `a`"},
        Case{"nameless column", "a,\n", "p.csv:1:3: error: a column has no name"},
        Case{"semicolons", "a;b\n1;2\n", "p.csv:1:2: error: the columns are separated by semicolons"},
        Case{"latin-1", "a\n\xE4\n", "p.csv:2:1: error: byte 0xe4 is not UTF-8 text"}}) {
    CAPTURE(c.name);
    auto const table = parse_csv("p.csv", c.text);
    REQUIRE_FALSE(table);
    CHECK(render(table.error().front()).starts_with(c.told));
  }
  CHECK_FALSE(parse_csv("p.csv", "a\n1\n2\n3\n", {.bytes_max = 100, .rows_max = 2, .columns_max = 5}));
  CHECK_FALSE(parse_csv("p.csv", "a,b,c\n", {.bytes_max = 100, .rows_max = 2, .columns_max = 2}));
}

TEST_CASE("csv: what is written with quotes is read back") {
  CHECK(rc::check("round trip", [](std::vector<std::string> cells) {
    std::string header = "c0";
    for (std::size_t i = 1; i <= cells.size(); ++i) header += ",c" + std::to_string(i);
    std::string row = "x";
    for (std::string& cell : cells) {
      for (char& c : cell)
        if (c == '\0' || static_cast<unsigned char>(c) >= 0x80) c = '.';
      row += ",\"";
      for (char const c : cell) row += c == '"' ? std::string{"\"\""} : std::string{c};
      row += '"';
    }
    auto const table = parse_csv("p.csv", header + "\n" + row + "\n", {});
    RC_ASSERT(table.has_value());
    RC_ASSERT(table->rows.size() == 1U);
    for (std::size_t i = 0; i < cells.size(); ++i) RC_ASSERT(table->rows[0].cells[i + 1] == cells[i]);
  }));
}

TEST_CASE("suggest: a slip finds its word, a stranger finds none") {
  std::vector<std::string> const keys{"prompt", "duration", "quality", "sound", "image_start", "takes"};
  CHECK(suggest("promt", keys) == "prompt");
  CHECK(suggest("Prompt", keys) == "prompt");
  CHECK(suggest("duartion", keys) == "duration");
  CHECK(suggest("image_strat", keys) == "image_start");
  CHECK(suggest("image", keys) == "image_start");
  CHECK_FALSE(suggest("budget", keys));
  CHECK(edit_distance("ab", "ba") == 1);
  CHECK(rc::check("symmetric, zero only for equals", [](std::string const& a, std::string const& b) {
    RC_ASSERT(edit_distance(a, b) == edit_distance(b, a));
    RC_ASSERT(edit_distance(a, a) == 0U);
  }));
}
