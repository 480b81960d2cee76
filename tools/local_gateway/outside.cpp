#include "tools/local_gateway/outside.hpp"

#include "tools/local_gateway/public_url.hpp"

namespace callsheet::local_gateway {

Result<http::Request> Outside::request_to(std::string_view url) const {
  if (reach_ == Reach::this_machine && !path_on_this_machine(url))
    return fail(Code::refused_address, "nothing but this machine is spoken to");
  Result<http::Url> target = http::parse_url(url);
  if (!target) return fail(target.error());
  http::Request request;
  request.url = *std::move(target);
  // Names are looked up only now: they may have come to lead somewhere else.
  if (reach_ == Reach::public_internet) request.addresses = http::Addresses::public_only;
  return request;
}

Result<http::Client*> Outside::client() {
  if (!client_) {
    auto client = http::make_client();
    if (!client) return fail(client.error());
    client_ = *std::move(client);
  }
  return client_.get();
}

}  // namespace callsheet::local_gateway
