#pragma once

#include "orchestrator/gateway/evolink_gateway.hpp"

namespace callsheet::gateway {

/// Fetches a result link, which is hostile input: only http(s), public addresses unless it is the gateway's
/// own origin or `private_links`, at most 5 redirects under the same rules, at most 2 GiB, whole or not at
/// all. One that breaks off goes on where it stopped, as long as it gets on, if the server can tell that the
/// file is still the same, and is not silent for longer than the profile lets it; else it fails, and is for
/// the caller to begin anew.
[[nodiscard]] boost::asio::awaitable<tl::expected<Downloaded, DownloadFailure>> download_clip(
    http::Client& client, Profile const& profile, std::string link, std::filesystem::path to);

}  // namespace callsheet::gateway
