#include "orchestrator/review/review.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::review;
using namespace std::chrono_literals;

namespace {

TimePoint const noon = *parse_rfc3339("2026-11-27T12:00:00Z");

Verdict verdict(Ruling ruling, TimePoint at, std::string note = {}, char clip = 'a') {
  return {.ruling = ruling,
          .note = std::move(note),
          .by = "ann",
          .at = at,
          .clip = {.run = RunId{"20261127-120000-0001"},
                   .identity = TaskIdentity{std::string(64, '1')},
                   .sha256 = ContentDigest{std::string(64, clip)}}};
}

std::string const clip_text = R"("clip": {"run": "r", "identity": ")" + std::string(64, '1') +
                              R"(", "sha256": ")" + std::string(64, 'a') + "\"}";

std::string file_with(std::string const& members) {
  return R"({"version": 1, "campaign": "spring", "verdicts": [
  {)" + members +
         "}\n]}\n";
}

}  // namespace

TEST_CASE("review: what is written is read again, to the microsecond and the last letter") {
  Review review{.campaign = "spring", .verdicts = {}};
  review.verdicts[{"hero", 1}] =
      verdict(Ruling::rejected, noon + 123us, "too \"dark\"\n\\ ünd 😀 # no: comment");
  review.verdicts[{"hero", 1}].prompt = "- *not* &YAML {{ braces }}\tand a tab";
  review.verdicts[{"hero", 2}] = verdict(Ruling::accepted, noon);
  std::string const text = encode(review);
  auto const again = decode("review.json", text);
  REQUIRE(again.has_value());
  CHECK(*again == review);
  CHECK(encode(*again) == text);
}

TEST_CASE("review: what is wrong in a file is told with its line, and how to mend it") {
  struct Case {
    char const* name;
    std::string text;
    int line;
    char const* what;
  };
  std::string const good = R"("task": "hero", "take": 1, "at": "2026-11-27T12:00:00Z", )" + clip_text;
  for (Case const& c :
       {Case{"unknown key", file_with(good + R"(, "verdict": "accepted", "stars": 5)"), 2, "stars"},
        Case{"another word", file_with(good + R"(, "verdict": "maybe")"), 2, "maybe"},
        Case{"nothing said", file_with(good), 2, "verdict"},
        Case{"no such day",
             file_with(R"("task": "hero", "take": 1, "verdict": "accepted", "at": "2026-13-40T12:00:00Z", )" +
                       clip_text),
             2, "2026-13-40"},
        Case{"a take twice",
             file_with(good + R"(, "verdict": "accepted"},)" + "\n  {" + good + R"(, "verdict": "rejected")"),
             3, "second verdict on hero"},
        Case{"another version", R"({"version": 2, "campaign": "spring", "verdicts": []})", 1, "version"},
        Case{"cut off", file_with(good).substr(0, 60), 1, ""}, Case{"no file of ours", "[]", 1, ""}}) {
    CAPTURE(c.name);
    auto const review = decode("shared/review.json", c.text);
    REQUIRE_FALSE(review.has_value());
    Error const& error = review.error().front();
    CHECK(error.where.file == "shared/review.json");
    CHECK(error.where.line == c.line);
    CHECK_MESSAGE(error.what.find(c.what) != std::string::npos, error.what);
  }
}

TEST_CASE("review: it is known where a file has each prompt, or the verdict that has none") {
  std::string const good = R"("take": 1, "verdict": "rejected", "at": "2026-11-27T12:00:00Z", )" + clip_text;
  std::string const text = file_with(R"("prompt": "brighter", "task": "hero", )" + good + "},\n  {" +
                                     R"("task": "villain", )" + good);
  auto const read = decode_located("review.json", text);
  REQUIRE(read.has_value());
  CHECK(read->review == *decode("review.json", text));
  CHECK(read->document->error(read->places.at({"hero", 1}), "").where ==
        SourceLocation{"review.json", 2, 14});
  CHECK(read->places.at({"villain", 1}).line == 3);
  CHECK(read->places.at({"villain", 1}).column == 3);
}

TEST_CASE(
    "review: of two verdicts on a take the newer stands, and where they contradict each other that is said") {
  Review ours{.campaign = "spring", .verdicts = {}};
  ours.verdicts[{"kept", 1}] = verdict(Ruling::accepted, noon + 1h);
  ours.verdicts[{"replaced", 1}] = verdict(Ruling::accepted, noon);
  ours.verdicts[{"same", 1}] = verdict(Ruling::accepted, noon);
  ours.verdicts[{"agreed", 2}] = verdict(Ruling::rejected, noon, "dark");
  Review theirs{.campaign = "spring", .verdicts = {}};
  theirs.verdicts[{"kept", 1}] = verdict(Ruling::rejected, noon);
  theirs.verdicts[{"replaced", 1}] = verdict(Ruling::rejected, noon + 1us, "blurred", 'b');
  theirs.verdicts[{"same", 1}] = verdict(Ruling::accepted, noon);
  theirs.verdicts[{"agreed", 2}] = verdict(Ruling::rejected, noon + 1s, "dark");
  theirs.verdicts[{"new", 3}] = verdict(Ruling::rejected, noon);

  Review one_way = ours;
  auto const merged = merge(one_way, theirs);
  REQUIRE(merged.has_value());
  CHECK(merged->added == 1);
  CHECK(merged->replaced == 2);
  CHECK(merged->kept == 1);
  CHECK(merged->same == 1);
  REQUIRE(merged->conflicts.size() == 2);
  CHECK(
      merged->conflicts[0].starts_with("kept: accepted by ann at 2026-11-27T13:00:00Z stands, not rejected"));
  CHECK(merged->conflicts[1].ends_with("which is of another clip"));
  CHECK(one_way.verdicts.at({"kept", 1}).ruling == Ruling::accepted);
  CHECK(one_way.verdicts.at({"replaced", 1}).note == "blurred");

  SUBCASE("whichever is merged into which") {
    Review other_way = theirs;
    REQUIRE(merge(other_way, ours).has_value());
    CHECK(other_way == one_way);
  }
  SUBCASE("twice is as good as once") {
    Review again = one_way;
    CHECK(merge(again, theirs)->replaced == 0);
    CHECK(again == one_way);
  }
  SUBCASE("at the same moment, too, both come to the same") {
    Review a{.campaign = "spring", .verdicts = {{{"hero", 1}, verdict(Ruling::accepted, noon)}}};
    Review b{.campaign = "spring", .verdicts = {{{"hero", 1}, verdict(Ruling::rejected, noon)}}};
    Review const b_before = b;
    REQUIRE(merge(b, a).has_value());
    REQUIRE(merge(a, b_before).has_value());
    CHECK(a == b);
  }
  SUBCASE("of another campaign nothing is taken") {
    theirs.campaign = "autumn";
    Review const before = ours;
    CHECK(merge(ours, theirs).error().code == Code::usage);
    CHECK(ours == before);
  }
}

TEST_CASE("review: a verdict is on the very clip that was looked at") {
  Review review{.campaign = "spring", .verdicts = {}};
  review.verdicts[{"hero", 1}] = verdict(Ruling::rejected, noon);
  RunId const run{"20261127-120000-0001"};
  ContentDigest const bytes{std::string(64, 'a')};
  CHECK(review.of({"hero", 1}, run, bytes) != nullptr);
  CHECK(review.of({"hero", 1}, run, ContentDigest{std::string(64, 'b')}) == nullptr);
  CHECK(review.of({"hero", 1}, RunId{"a later one"}, bytes) == nullptr);  // which gave the same bytes again
  CHECK(review.of({"hero", 2}, run, bytes) == nullptr);
}
