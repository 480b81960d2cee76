#include "orchestrator/plan/gateway_of.hpp"

#include "tests/support/campaigns.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace std::chrono_literals;

namespace {

manifest::Campaign campaign_with(std::string const& lines) {
  auto campaign =
      manifest::load_text("/campaigns/test.yaml", "version: 1\ncampaign: test\nbudget: {cap: 100 credits}\n" +
                                                      lines + "tasks: [{name: a, prompt: a}]\n");
  if (!campaign) FAIL(test::shown(campaign.error()));
  return *std::move(campaign);
}

catalog::Catalog two_gateways() {
  auto catalog = catalog::parse("mine.yaml", R"(version: 1
extends: standard
gateways:
  evolink: {task_list: exclusive}
  studio: {base_url: https://gateway.example, key_env: STUDIO_KEY, idempotency: honoured, task_list: complete, patience: 60, callbacks: false}
)");
  if (!catalog) FAIL(render(catalog.error()));
  return *std::move(catalog);
}

}  // namespace

TEST_CASE("gateway of a campaign: a wish goes before the manifest, and that before the program's own") {
  catalog::Catalog const catalog = two_gateways();
  manifest::Campaign silent = campaign_with("");
  CHECK(plan::settle_gateway(silent, catalog, "")->name == "evolink");
  manifest::Campaign naming = campaign_with("gateway: {profile: studio}\n");
  CHECK(plan::settle_gateway(naming, catalog, "")->name == "studio");
  CHECK(plan::settle_gateway(naming, catalog, "evolink")->name == "evolink");
  auto const nobody = plan::settle_gateway(naming, catalog, "studdio");
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().code == Code::usage);
  CHECK(nobody.error().mend.starts_with("did you mean `studio`?"));
  manifest::Campaign unknown = campaign_with("gateway: {profile: nobody}\n");
  auto const told = plan::settle_gateway(unknown, catalog, "");
  REQUIRE_FALSE(told);
  CHECK(render(told.error()).starts_with("/campaigns/test.yaml:4:20: error: there is no gateway `nobody`"));
}

TEST_CASE("gateway of a campaign: what the manifest says of it goes before what its profile says") {
  catalog::Catalog const catalog = two_gateways();
  manifest::Campaign silent = campaign_with("gateway: {profile: studio}\n");
  REQUIRE(plan::settle_gateway(silent, catalog, ""));
  CHECK(silent.gateway.idempotency == Idempotency::honoured);
  CHECK(silent.gateway.listing == Listing::complete);
  CHECK(silent.patience == 60s);
  manifest::Campaign wary = campaign_with(
      "gateway: {profile: studio, idempotency: unknown, task_list: none}\nlimits: {patience: 5m}\n");
  REQUIRE(plan::settle_gateway(wary, catalog, ""));
  CHECK(wary.gateway.idempotency == Idempotency::unknown);
  CHECK(wary.gateway.listing == Listing::none);
  CHECK(wary.patience == 300s);
  manifest::Campaign calling = campaign_with(
      "gateway: {profile: studio}\nwebhooks: {listen: \"127.0.0.1:8443\", public_url: \"https://x.example/y\"}\n");
  auto const told = plan::settle_gateway(calling, catalog, "");
  REQUIRE_FALSE(told);
  CHECK(told.error().what == "the gateway `studio` tells nothing by callbacks");
  CHECK(told.error().where.line == 5);
}
