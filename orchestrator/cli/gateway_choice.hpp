#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/core/gateway_profile.hpp"
#include "orchestrator/core/secret.hpp"
#include "orchestrator/engine/settings.hpp"
#include "orchestrator/gateway/evolink_gateway.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "tools/local_gateway/local_gateway.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace callsheet::cli {

enum class GatewayKind {
  remote,    ///< a gateway of the catalog, perhaps at the address of EVOLINK_BASE_URL
  embedded,  ///< --local
};

/// Whether a gateway is on this machine, where a request costs next to nothing.
enum class Distance { near, far };

/// A gateway, found without connecting to anything.
struct GatewaySite {
  GatewayKind kind = GatewayKind::remote;
  /// What the ledger calls it: "evolink", "local", or with the host, so that no two accounts share a name.
  std::string name;
  GatewayProfile profile;  ///< of a remote one
  http::Url base;          ///< of a remote one
  http::Url files;         ///< of a remote one
  Distance distance = Distance::near;
};

/// Which gateway is asked for: flags that several commands share. CALLSHEET_GATEWAY where no flag is given.
struct GatewayFlags {
  bool local = false;
  std::string name;
  void add_to(CLI::App& command, char const* local_means);
};

/// The gateway of a campaign, which takes from its profile what it leaves open. The environment
/// (EVOLINK_BASE_URL, EVOLINK_FILES_URL) goes before the catalog. Fails with Code::usage or invalid_manifest.
[[nodiscard]] Result<GatewaySite> choose_site(GatewayFlags const& flags, manifest::Campaign& campaign,
                                              catalog::Catalog const& catalog);
/// The one gateway of all of them. Fails with Code::invalid_manifest, too, where they name different ones.
[[nodiscard]] Result<GatewaySite> choose_site(GatewayFlags const& flags,
                                              std::vector<manifest::Campaign>& campaigns,
                                              catalog::Catalog const& catalog);

/// The gateway that the ledger calls `name`. Fails with Code::usage when catalog and environment lead
/// elsewhere.
[[nodiscard]] Result<GatewaySite> find_site(std::string const& name, catalog::Catalog const& catalog);

[[nodiscard]] GatewaySite embedded_site();

/// "evolink, https://api.evolink.ai"
[[nodiscard]] std::string shown(GatewaySite const& site);

/// Which gateway a run talks to and how to treat it.
struct GatewayChoice {
  GatewayKind kind = GatewayKind::remote;
  gateway::Profile profile;
  GatewayProfile settings;  ///< of a remote one
  Secret key;
  std::unique_ptr<local_gateway::LocalGateway> embedded;
};

/// Reads the key from the environment; starts the embedded gateway, whose state stays in `state_dir` and
/// which does wrong what `faults` says. Fails with Code::unauthorized when there is no key.
[[nodiscard]] Result<GatewayChoice> choose_gateway(GatewaySite const& site,
                                                   std::filesystem::path const& state_dir,
                                                   local_gateway::Faults faults = {});

/// The embedded gateway as `options` have it, in place of the one `run --local` uses. Fails as
/// LocalGateway::start().
[[nodiscard]] Result<GatewayChoice> embedded_gateway(local_gateway::Options options);

/// Poll spacing and request rate fit for a gateway at that distance, or as its profile has them.
void tune(engine::Settings& settings, Distance distance, GatewayProfile const& profile);
void tune(engine::Settings& settings, GatewayChoice const& choice);

}  // namespace callsheet::cli
