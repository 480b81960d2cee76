#pragma once

#include <boost/asio/ip/address.hpp>

namespace callsheet::http {

/// Whether an address belongs to the public internet: not loopback, private, link-local, shared, multicast or
/// reserved, also when wrapped in an IPv6 form. Links from outside may only lead there.
[[nodiscard]] bool is_public(boost::asio::ip::address const& address);

}  // namespace callsheet::http
