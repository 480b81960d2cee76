#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/http/client.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

namespace callsheet::gateway {

/// A picture or video that a request names by its address, and that the gateway will fetch.
struct InputUrl {
  std::string url;
  std::uint64_t bytes_most = 0;
};

/// Where input addresses may lead. `anywhere`: also by plain http and to private addresses.
enum class InputReach { https_public, anywhere };

/// Takes the file that an address gave, or why there is none; the file is gone afterwards.
using InputTaker = std::function<void(std::size_t input, Result<std::filesystem::path> const& file)>;

/// Fetches each once into `folder`, a few at a time, for `take` to look at. Addresses are hostile input: at
/// most 5 redirects, each hop under the same rules, no key is sent. `client` outlives the call; all on the
/// executor's one thread.
[[nodiscard]] boost::asio::awaitable<void> fetch_inputs(http::Client& client, std::vector<InputUrl> inputs,
                                                        InputReach reach, std::filesystem::path folder,
                                                        InputTaker take);

}  // namespace callsheet::gateway
