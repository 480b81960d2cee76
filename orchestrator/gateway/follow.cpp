#include "orchestrator/gateway/follow.hpp"

#include <utility>

namespace callsheet::gateway {

namespace {

constexpr int redirects_most = 5;

http::Outcome<http::Response> not_asked(Error error) {
  return tl::unexpected<http::TransferFailure>{{http::Sent::nothing, std::move(error)}};
}

}  // namespace

boost::asio::awaitable<Followed> follow(http::Client& client, std::string link, RequestFor request_for,
                                        http::BodySink& sink) {
  Followed followed;
  Result<http::Url> url = http::parse_url(link);
  for (int hop = 0; hop <= redirects_most; ++hop) {
    Result<http::Request> request = url ? request_for(*url) : fail(url.error());
    if (!request) {
      followed.answer = not_asked(request.error());
      co_return followed;
    }
    followed.at = *url;
    followed.answer = co_await client.stream(*std::move(request), sink);
    if (!followed.answer || followed.answer->status < 300 || followed.answer->status >= 400)
      co_return followed;
    auto const location = http::find_header(followed.answer->headers, "location");
    if (!location) co_return followed;
    url = http::resolve(*url, *location);
  }
  followed.answer = not_asked({.code = Code::bad_answer, .what = "it was redirected too often"});
  co_return followed;
}

}  // namespace callsheet::gateway
