#include "orchestrator/report/dispute.hpp"

#include "tests/report/golden.hpp"
#include "tests/report/sample.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace callsheet;
using namespace callsheet::report;
using nlohmann::json;

namespace {

/// The sample's clip that came other than ordered, and the refused one, which was billed; both as hostile as
/// the sample has them.
Dispute sample_dispute() {
  Sample sample = sample_campaign();
  Dispute dispute{.head = sample.head, .clips = {}, .left_out = 2};
  for (ClipLine& clip : sample.clips) {
    if (clip.status != ClipStatus::mismatched && clip.status != ClipStatus::failed) continue;
    plan::Route const route{.candidates = {{.model = ModelId{"kling-v3-image-to-video"},
                                            .quality = Quality::p1080,
                                            .expected = clip.price,
                                            .most = clip.price}},
                            .left_out = {}};
    clip.attempts.back().quality = Quality::p1080;
    AttemptLine const& attempt = clip.attempts.back();
    std::vector<ledger::Entry> const entries{{.at = attempt.submitted,
                                              .attempt = attempt.key,
                                              .from = ledger::Account::available,
                                              .to = ledger::Account::held,
                                              .amount = clip.price,
                                              .reason = "the most it may cost"},
                                             {.at = *attempt.ended,
                                              .attempt = attempt.key,
                                              .from = ledger::Account::held,
                                              .to = ledger::Account::billed,
                                              .amount = attempt.billed,
                                              .reason = "made | @everyone"}};
    clip.request.image_end =
        MediaInput{.kind = MediaInput::Kind::url,
                   .location = "https://user:secret@cdn.example.com/end.jpg?key=do-not-show",
                   .digest = {}};
    dispute.clips.push_back(
        {.clip = clip, .route = std::make_shared<plan::Route const>(route), .entries = entries});
  }
  return dispute;
}

}  // namespace

TEST_CASE("dispute: both formats of the sample are as recorded") {
  Dispute const dispute = sample_dispute();
  REQUIRE(dispute.clips.size() == 2);
  check_golden("sample.dispute.md", dispute_markdown(dispute));
  check_golden("sample.dispute.json",
               dispute_json(dispute).dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

TEST_CASE("dispute: what is sent to others tells no folder of this machine and no key in a link") {
  Dispute const dispute = sample_dispute();
  for (std::string const& text : {dispute_markdown(dispute), dispute_json(dispute).dump()}) {
    CHECK(text.find("/home/someone") == std::string::npos);
    CHECK(text.find("do-not-show") == std::string::npos);
    CHECK(text.find("user:secret") == std::string::npos);
    CHECK(text.find("cdn.example.com/end.jpg") != std::string::npos);
  }
}

TEST_CASE("dispute: every difference is a complaint of its own, any other reason is one") {
  ClipLine clip;
  clip.status = ClipStatus::mismatched;
  clip.why = "it is black throughout; it has no sound track, and sound was ordered";
  CHECK(complaints_of(clip) ==
        std::vector<std::string>{"it is black throughout", "it has no sound track, and sound was ordered"});
  clip.status = ClipStatus::failed;
  CHECK(complaints_of(clip) == std::vector<std::string>{clip.why});
  clip.why.clear();
  CHECK(complaints_of(clip) == std::vector<std::string>{"failed"});
}
