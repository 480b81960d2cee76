#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/http/client.hpp"

#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>

namespace callsheet::gateway {

/// The request for a file at an address, or why nothing is asked of it.
using RequestFor = std::function<Result<http::Request>(http::Url const& url)>;

struct Followed {
  http::Outcome<http::Response> answer;
  http::Url at;  ///< where it came from in the end; empty where the link is no address
};

/// Fetches what is behind a link, over at most 5 redirects; each is asked for as `request_for` says. An
/// answer that is no redirect comes as it is. `client` and `sink` outlive the call; on the executor's one
/// thread.
[[nodiscard]] boost::asio::awaitable<Followed> follow(http::Client& client, std::string link,
                                                      RequestFor request_for, http::BodySink& sink);

}  // namespace callsheet::gateway
