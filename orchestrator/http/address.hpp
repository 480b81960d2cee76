#pragma once

#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace callsheet::http {

/// Whether an address belongs to the public internet: not loopback, private, link-local, shared, multicast or
/// reserved, also when wrapped in an IPv6 form. Links from outside may only lead there.
[[nodiscard]] bool is_public(boost::asio::ip::address const& address);

/// What can be said of a host that somebody else looks up: a public address, or a name that the internet
/// could have. Not: names of one word, of home and company networks, and numbers that pass for addresses
/// (127.1).
[[nodiscard]] bool looks_public(std::string_view host);

}  // namespace callsheet::http
