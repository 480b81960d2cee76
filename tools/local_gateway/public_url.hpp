#pragma once

#include "tools/local_gateway/reach.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace callsheet::local_gateway {

[[nodiscard]] bool is_http_url(std::string_view text);

/// Why `callback_url` may not be called back; empty when it may. At most 2048 characters, and for
/// Reach::public_internet HTTPS only and no private addresses (gateway-api.md section 7).
[[nodiscard]] std::optional<std::string> callback_refused(std::string_view url, Reach reach);

/// The path of a URL that points at this machine ("/files/a.png"), whatever its port: after a restart the
/// gateway may listen elsewhere. Empty for any other host.
[[nodiscard]] std::optional<std::string> path_on_this_machine(std::string_view url);

}  // namespace callsheet::local_gateway
