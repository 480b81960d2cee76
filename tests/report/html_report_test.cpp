
#include "orchestrator/report/public_location.hpp"
#include "tests/report/formats.hpp"
#include "tests/report/golden.hpp"
#include "tests/report/sample.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::report;

namespace {

int count(std::string const& text, std::string_view part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("report.html: foreign text is text") {
  std::string const page = html_of(sample_campaign());
  CHECK(count(page, "<script") == 1);
  CHECK(count(page, "</script") == 1);
  CHECK(count(page, "<img") == count(page, "<img class=\"poster\" src=\"./"));
  CHECK(count(page, "<b>brand") == 0);
  CHECK(count(page, "{{campaign}} {{{js}}} {{#cards}}{{/cards}}") == 1);  // shown, not expanded
}

TEST_CASE("report.html: nothing is loaded from anywhere, and nothing else may run") {
  std::string const page = html_of(sample_campaign());
  CHECK(count(page, "default-src &#39;none&#39;") + count(page, "default-src &apos;none&apos;") == 1);
  CHECK(count(page, "unsafe") == 0);
  for (char const* link :
       {"src=\"http", "href=\"http", "src=\"//", "url(", "@import", " style=", " onclick"}) {
    CAPTURE(link);
    CHECK(count(page, link) == 0);
  }
  // what would end the element early, or be taken for markup in it
  CHECK(count(read_source("orchestrator/report/assets/report.js"), "</") == 0);
  CHECK(count(read_source("orchestrator/report/assets/report.css"), "<") == 0);
}

TEST_CASE("report.html: says whether money was real") {
  Sample model = sample_campaign();
  CHECK(count(html_of(model), "no real money") == 1);
  model.head.gateway = "evolink";
  CHECK(count(html_of(model), "no real money") == 0);
  CHECK(count(html_of(model), "gateway evolink") == 1);
}

TEST_CASE("report.html: clips are found from where the page lies") {
  CHECK(count(html_of(sample_campaign()), "href=\"./sneaker-square-1.mp4\"") == 1);
  std::string const apart = html_of(sample_campaign(), "../out dir");
  CHECK(count(apart, "href=\"../out%20dir/sneaker-square-1.mp4\"") == 1);
  CHECK(count(apart, "href=\"../out%20dir/stories/100%25%20sneaker%20%26%20%22dusk%22%20%232%3F.mp4\"") == 1);
}

TEST_CASE("relative_url: every byte that means something in a URL is encoded") {
  CHECK(relative_url("a/b-c_d.e~f.mp4") == "a/b-c_d.e~f.mp4");
  CHECK(relative_url("50% #1?.mp4") == "50%25%20%231%3F.mp4");
  CHECK(relative_url("javascript:alert(1)") == "javascript%3Aalert%281%29");
  CHECK(relative_url("ä\\\"<") == "%C3%A4%5C%22%3C");
}

TEST_CASE("public_location: the name of a file, a link without its keys") {
  struct Case {
    MediaInput::Kind kind;
    char const* location;
    char const* expected;
  };
  using Kind = MediaInput::Kind;
  for (Case const& c : {Case{Kind::file, "/home/a/b.jpg", "b.jpg"}, Case{Kind::file, "b.jpg", "b.jpg"},
                        Case{Kind::url, "https://cdn.example/a/b.jpg?sig=1#x", "https://cdn.example/a/b.jpg"},
                        Case{Kind::url, "https://me:pw@cdn.example/a", "https://cdn.example/a"},
                        Case{Kind::url, "https://me:p@w@cdn.example", "https://cdn.example"},
                        Case{Kind::url, "https://cdn.example/@me/b.jpg", "https://cdn.example/@me/b.jpg"}}) {
    CAPTURE(c.location);
    CHECK(public_location({c.kind, c.location, {}}) == c.expected);
  }
}
