
#include "tests/report/formats.hpp"
#include "tests/report/sample.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::report;

TEST_CASE("summary: foreign text cannot drive the terminal") {
  Sample model = sample_campaign();
  for (ClipLine& clip : model.clips) clip.why = "\x1b[2Jgone\r\n\x7f";
  std::string const text = summary_of(model);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\r') == std::string::npos);
  CHECK(text.find("?[2Jgone???") != std::string::npos);
}

TEST_CASE("summary: many failures are counted, not listed") {
  Sample model = sample_campaign();
  ClipLine failed;
  failed.task = "x";
  failed.status = ClipStatus::failed;
  model.clips.assign(500, failed);
  std::string const text = summary_of(model);
  CHECK(text.find("500 failed of 500") != std::string::npos);
  CHECK(text.find("500 clips, x · take 1 first") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') < 25);
}

TEST_CASE("summary: many reasons are counted, not listed") {
  Sample model = sample_campaign();
  ClipLine failed;
  failed.task = "x";
  failed.status = ClipStatus::failed;
  model.clips.clear();
  for (int i = 0; i < 500; ++i) {
    failed.why = std::to_string(i);
    model.clips.push_back(failed);
  }
  std::string const text = summary_of(model);
  CHECK(text.find("and 490 more, see the report") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') < 25);
}

TEST_CASE("next steps: by what is left to do, doubts first") {
  struct Case {
    char const* name;
    ClipStatus status;
    char const* command;
  };
  for (Case const& c : {Case{"mismatched", ClipStatus::mismatched, "callsheet dispute R"},
                        Case{"failed", ClipStatus::failed, "callsheet run MANIFEST"},
                        Case{"skipped", ClipStatus::skipped, "callsheet run MANIFEST"},
                        Case{"waiting", ClipStatus::waiting, "callsheet resume R"},
                        Case{"outstanding", ClipStatus::outstanding, "callsheet resume R"}}) {
    CAPTURE(c.name);
    Sample model;
    model.head.run = RunId{"R"};
    model.clips.emplace_back().status = c.status;
    auto const steps = next_steps_of(model);
    REQUIRE(steps.size() == 1);
    CHECK(steps.front().command == c.command);
  }
  auto const steps = next_steps_of(sample_campaign());
  REQUIRE(steps.size() == 4);
  CHECK(steps[0].command == "callsheet status 20261123-200000-7f3a");
  CHECK(steps[1].command == "callsheet resume 20261123-200000-7f3a");
  CHECK(steps[2].command == "callsheet dispute 20261123-200000-7f3a");
  CHECK(
      steps[3].what ==
      "try the failed clips again, and buy the skipped clips once the budget is raised; clips in place are not "
      "bought again");
  // To `run`, what was to be made anew is made; and where there was no money, none is asked for.
  Sample retake;
  retake.head.retake = true;
  retake.head.gateway = "local";
  retake.clips.emplace_back().status = ClipStatus::failed;
  CHECK(next_steps_of(retake).front().command == "callsheet retake MANIFEST --local");
  // A later run has it.
  retake.clips.front().status = ClipStatus::skipped;
  retake.clips.front().why = "withdrawn: run later makes this take anew";
  CHECK(next_steps_of(retake).empty());
  Sample elsewhere = sample_campaign();
  elsewhere.head.command = "callsheet --ledger x.db";
  for (NextStep const& step : next_steps_of(elsewhere))
    CHECK(step.command.starts_with("callsheet --ledger x.db "));
  Sample all_made;
  all_made.clips.emplace_back().status = ClipStatus::made;
  CHECK(next_steps_of(all_made).empty());
}
