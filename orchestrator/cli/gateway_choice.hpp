#pragma once

#include "orchestrator/core/secret.hpp"
#include "orchestrator/engine/settings.hpp"
#include "orchestrator/gateway/evolink_gateway.hpp"
#include "tools/local_gateway/local_gateway.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace callsheet::cli {

enum class GatewayKind {
  remote,    ///< EvoLink, or what EVOLINK_BASE_URL names
  embedded,  ///< --local
};

/// Which gateway a run talks to and how to treat it.
struct GatewayChoice {
  GatewayKind kind = GatewayKind::remote;
  gateway::Profile profile;
  Secret key;
  std::unique_ptr<local_gateway::LocalGateway> embedded;
};

/// The kind of a gateway, by what the ledger calls it.
[[nodiscard]] GatewayKind kind_of(std::string const& gateway);

/// What the ledger calls the gateway that `kind` leads to, without connecting to anything: "evolink",
/// "local", or the host of EVOLINK_BASE_URL. Fails with Code::usage when that is no address.
[[nodiscard]] Result<std::string> gateway_name(GatewayKind kind);

/// Reads EVOLINK_API_KEY (or EVOLINK_API_KEY_FILE), EVOLINK_BASE_URL and EVOLINK_FILES_URL; starts the
/// embedded gateway, whose state stays in `state_dir` and which does wrong what `faults` says. Fails with
/// Code::unauthorized when there is no key.
[[nodiscard]] Result<GatewayChoice> choose_gateway(GatewayKind kind, std::filesystem::path const& state_dir,
                                                   local_gateway::Faults faults = {});

/// The embedded gateway as `options` have it, in place of the one `run --local` uses. Fails as
/// LocalGateway::start().
[[nodiscard]] Result<GatewayChoice> embedded_gateway(local_gateway::Options options);

/// Whether a gateway is on this machine, where a request costs next to nothing.
enum class Distance { near, far };
/// Of the gateway that `kind` leads to, without connecting to anything. Fails as gateway_name().
[[nodiscard]] Result<Distance> distance_to(GatewayKind kind);

/// Poll spacing and request rate fit for a gateway at that distance.
void tune(engine::Settings& settings, Distance distance);
void tune(engine::Settings& settings, GatewayChoice const& choice);

}  // namespace callsheet::cli
