#include "tests/report/formats.hpp"
#include "tests/report/sample.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::report;

namespace {

Sample one_clip(ClipStatus status, std::string why = "") {
  Sample sample;
  sample.head.campaign = "c";
  ClipLine& clip = sample.clips.emplace_back();
  clip.task = "t";
  clip.status = status;
  clip.why = std::move(why);
  return sample;
}

}  // namespace

TEST_CASE("junit: no gate takes for good what is not known to be") {
  struct Case {
    ClipStatus status;
    char const* element;
    char const* sums;
  };
  for (Case const& c : {Case{ClipStatus::mismatched, "<failure ", R"(failures="1" errors="0" skipped="0")"},
                        Case{ClipStatus::failed, "<failure ", R"(failures="1" errors="0" skipped="0")"},
                        Case{ClipStatus::in_doubt, "<error ", R"(failures="0" errors="1" skipped="0")"},
                        Case{ClipStatus::outstanding, "<error ", R"(failures="0" errors="1" skipped="0")"},
                        Case{ClipStatus::waiting, "<skipped ", R"(failures="0" errors="0" skipped="1")"},
                        Case{ClipStatus::skipped, "<skipped ", R"(failures="0" errors="0" skipped="1")"}}) {
    CAPTURE(c.element);
    std::string const text = junit_of(one_clip(c.status));
    CHECK(text.find(c.element) != std::string::npos);
    CHECK(text.find(c.sums) != std::string::npos);
  }
  for (ClipStatus const good : {ClipStatus::made, ClipStatus::reused}) {
    std::string const text = junit_of(one_clip(good));
    for (char const* element : {"<failure", "<error", "<skipped"})
      CHECK(text.find(element) == std::string::npos);
  }
}

TEST_CASE("junit: foreign text is text, and what XML cannot hold is replaced") {
  std::string const why =
      "\"]]></failure><x y='&amp;'> \x01\x1b\x7f \xC0\xAF \xED\xA0\x80 \xEF\xBF\xBF \xF0\x9F\x91\x9F \t\r\n";
  std::string const text = junit_of(one_clip(ClipStatus::failed, why));
  CHECK(text.find(
            "message=\"&#34;]]&#62;&#60;/failure&#62;&#60;x y=&#39;&#38;amp;&#39;&#62; \uFFFD\uFFFD\uFFFD "
            "\uFFFD\uFFFD \uFFFD\uFFFD\uFFFD \uFFFD \U0001F45F &#9;&#13;&#10;\"") != std::string::npos);
}

TEST_CASE("junit: a file's name cannot have another file attached") {
  Sample sample = one_clip(ClipStatus::made);
  sample.clips.front().file = ClipFile{};
  sample.clips.front().file->path = "[[[ATTACHMENT|secret]]";
  CHECK(junit_of(sample).find("[[") == std::string::npos);
}
