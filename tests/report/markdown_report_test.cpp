#include "orchestrator/report/markdown_text.hpp"
#include "tests/report/formats.hpp"
#include "tests/report/sample.hpp"

#include <algorithm>
#include <sstream>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::report;

TEST_CASE("markdown: foreign text stays in its cell, and is neither markup, link, mention nor reference") {
  struct Case {
    char const* text;
    char const* shown;
  };
  for (Case const& c :
       {Case{"a|b\nc\r\td", "a&#124;b c  d"},
        Case{"</code><img src=x>", "&#60;/code&#62;&#60;img src=x&#62;"},
        Case{"[x](http://evil)", "&#91;x&#93;(http:&#47;&#47;evil)"},
        Case{"www.evil.example", "www&#46;evil.example"},
        Case{"`*_~$\\{}!&\"^", "&#96;&#42;&#95;&#126;&#36;&#92;&#123;&#125;&#33;&#38;\"&#94;"},
        Case{"\xE2\x80\xAE"
             "abc \x1b \xFF",
             "\uFFFDabc \uFFFD \uFFFD"},
        Case{"sneaker-en · take 2, 36.018 of 40", "sneaker-en · take 2, 36.018 of 40"}}) {
    CAPTURE(c.text);
    CHECK(markdown_words(c.text) == c.shown);
    CHECK(markdown_code(c.text) == "<code>" + std::string{c.shown} + "</code>");
  }
  CHECK(markdown_words("@octocat owner/repo#12 GH-3") ==
        "&#64;\u2060octocat owner/repo&#35;\u206012 GH-\u20603");
  CHECK(markdown_code("@octocat #1") == "<code>&#64;octocat &#35;1</code>");
  CHECK(markdown_words("äöü!", 2) == "äö…");
  CHECK(markdown_words("äö", 2) == "äö");
}

TEST_CASE("markdown: every row of a table has the cells of its head") {
  Sample sample = sample_campaign();
  for (ClipLine& clip : sample.clips) {
    clip.task = "a|b\n| c | `d` | --- |\\";
    clip.why = clip.mend = "x\n\n| y |\\|";
  }
  std::istringstream lines{markdown_of(sample)};
  std::string line;
  std::ptrdiff_t cells = 0;
  int rows = 0;
  while (std::getline(lines, line)) {
    bool const row = line.starts_with("|");
    std::ptrdiff_t const bars = std::count(line.begin(), line.end(), '|');
    if (row && cells != 0) CHECK(bars == cells);
    if (!row) CHECK(bars == 0);
    cells = row ? bars : 0;
    rows += row ? 1 : 0;
  }
  CHECK(rows > 20);
}

TEST_CASE(
    "markdown: however large a run and long its texts, the report is bounded and says what it leaves out") {
  Sample sample;
  sample.head.campaign = std::string(5'000, '<');
  for (int i = 0; i < 10'000; ++i) {
    ClipLine& clip = sample.clips.emplace_back();
    clip.status = i % 2 == 0 ? ClipStatus::failed : ClipStatus::made;
    clip.task = std::string(3'000, '|');
    clip.why = std::to_string(i) + std::string(3'000, '<');
    clip.mend = std::string(3'000, '`');
    clip.file = ClipFile{};
    clip.file->path = std::string(3'000, '*');
    clip.attempts.emplace_back().model = ModelId{std::to_string(i) + std::string(3'000, '@')};
    clip.model = clip.attempts.back().model;
    sample.head.notes.emplace_back(3'000, '#');
    sample.head.thresholds.push_back({.metric = Metric::failed_ratio,
                                      .comparison = Comparison::less,
                                      .value = 1,
                                      .grace = 0,
                                      .stops_the_run = false,
                                      .text = std::string(3'000, '<')});
  }
  std::string const text = markdown_of(sample);
  CHECK(text.size() < 256 * 1024);
  CHECK(text.find("9950 clips are left out here") != std::string::npos);
  CHECK(text.find("more clips have other reasons") != std::string::npos);
  CHECK(text.find("and 9980 more notes") != std::string::npos);
}
