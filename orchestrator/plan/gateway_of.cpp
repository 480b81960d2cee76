#include "orchestrator/plan/gateway_of.hpp"

#include "orchestrator/manifest/suggest.hpp"

#include <fmt/format.h>

namespace callsheet::plan {

namespace {

std::vector<std::string> names_of(catalog::Catalog const& catalog) {
  std::vector<std::string> names;
  for (GatewayProfile const& one : catalog.gateways) names.push_back(one.name);
  return names;
}

Result<GatewayProfile> find(manifest::Campaign const& campaign, catalog::Catalog const& catalog,
                            std::string const& wish) {
  manifest::GatewayWords const& words = campaign.gateway;
  std::string const name = !wish.empty()            ? wish
                           : !words.profile.empty() ? words.profile
                                                    : GatewayProfile::standard;
  if (GatewayProfile const* const found = catalog.gateway(name)) return *found;
  std::string what = fmt::format("there is no gateway `{}` in the catalog", name);
  std::string mend = manifest::mend_with_choices(name, names_of(catalog)) +
                     "; a gateway of your own stands in a catalog file: `--catalog mine.yaml`";
  if (!wish.empty()) return fail(Code::usage, std::move(what), std::move(mend));
  return fail(campaign.document->error(words.profile_place, std::move(what), std::move(mend)));
}

}  // namespace

Result<GatewayProfile> settle_gateway(manifest::Campaign& campaign, catalog::Catalog const& catalog,
                                      std::string const& wish) {
  Result<GatewayProfile> profile = find(campaign, catalog, wish);
  if (!profile) return profile;
  if (campaign.webhooks && !profile->calls_back)
    return fail(campaign.document->error(
        campaign.document->root().find("webhooks")->place,
        fmt::format("the gateway `{}` tells nothing by callbacks", profile->name),
        "leave `webhooks` out; where it does call back, say `callbacks: true` in its profile"));
  manifest::GatewayWords& words = campaign.gateway;
  if (!words.idempotency) words.idempotency = profile->trust.idempotency;
  if (!words.listing) words.listing = profile->trust.listing;
  if (!campaign.patience) campaign.patience = profile->patience;
  return profile;
}

std::vector<Error> keys_in_reach(manifest::Campaign const& campaign, catalog::Catalog const& catalog) {
  std::vector<Error> errors;
  manifest::Node const* const names = campaign.document->root().find("env");
  if (names == nullptr) return errors;
  for (manifest::Node const& name : names->items) {
    if (name.text == "HTTPS_PROXY" || name.text == "https_proxy")
      errors.push_back(campaign.document->error(
          name.place, "the proxy's address, with its password, does not belong into texts",
          "leave it out: callsheet reads it by itself"));
    for (GatewayProfile const& gateway : catalog.gateways)
      if (name.text == gateway.key_env || name.text == gateway.key_env + "_FILE")
        errors.push_back(campaign.document->error(
            name.place, fmt::format("the key of the gateway `{}` does not belong into texts", gateway.name),
            "leave it out: callsheet reads it by itself"));
  }
  return errors;
}

}  // namespace callsheet::plan
