#include "orchestrator/http/address.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace callsheet::http {

namespace {

namespace ip = boost::asio::ip;

struct Block {
  std::uint32_t network;
  int bits;
};

/// IANA IPv4 special-purpose registry, the blocks that are not globally reachable.
constexpr std::array<Block, 15> not_public{{{0x00000000, 8},
                                            {0x0A000000, 8},
                                            {0x64400000, 10},
                                            {0x7F000000, 8},
                                            {0xA9FE0000, 16},
                                            {0xAC100000, 12},
                                            {0xC0000000, 24},
                                            {0xC0000200, 24},
                                            {0xC0586300, 24},
                                            {0xC0A80000, 16},
                                            {0xC6120000, 15},
                                            {0xC6336400, 24},
                                            {0xCB007100, 24},
                                            {0xE0000000, 4},
                                            {0xF0000000, 4}}};

bool is_public_v4(std::uint32_t address) {
  for (Block const& block : not_public)
    if ((address >> (32 - block.bits)) == (block.network >> (32 - block.bits))) return false;
  return true;
}

std::uint32_t v4_at(ip::address_v6::bytes_type const& bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) << 24 | static_cast<std::uint32_t>(bytes[at + 1]) << 16 |
         static_cast<std::uint32_t>(bytes[at + 2]) << 8 | bytes[at + 3];
}

}  // namespace

bool is_public(ip::address const& address) {
  if (address.is_v4()) return is_public_v4(address.to_v4().to_uint());
  ip::address_v6 const v6 = address.to_v6();
  auto const bytes = v6.to_bytes();
  if (v6.is_v4_mapped()) return is_public_v4(v4_at(bytes, 12));
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return is_public_v4(v4_at(bytes, 2));  // 6to4
  bool const nat64 = bytes[0] == 0x00 && bytes[1] == 0x64 && bytes[2] == 0xff && bytes[3] == 0x9b;
  if (nat64) return is_public_v4(v4_at(bytes, 12));
  bool const documentation = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0d && bytes[3] == 0xb8;
  // Global unicast is 2000::/3; everything else is loopback, local, multicast or unassigned.
  return (bytes[0] & 0xE0) == 0x20 && !documentation;
}

bool looks_public(std::string_view host) {
  boost::system::error_code not_literal;
  auto const address = ip::make_address(std::string{host}, not_literal);
  if (!not_literal) return is_public(address);
  while (host.ends_with('.')) host.remove_suffix(1);
  std::size_t const dot = host.rfind('.');
  if (dot == std::string_view::npos) return false;
  std::string last{host.substr(dot + 1)};
  for (char& c : last)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  constexpr std::array<std::string_view, 9> inside{
      "local", "localhost", "localdomain", "internal", "intranet", "private", "corp", "home", "lan"};
  bool const number = !last.empty() && last[0] >= '0' && last[0] <= '9';
  return !last.empty() && !number && std::find(inside.begin(), inside.end(), last) == inside.end();
}

}  // namespace callsheet::http
