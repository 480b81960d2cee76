#include "orchestrator/http/url.hpp"

#include "orchestrator/http/address.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace callsheet::http;

TEST_CASE("url: parts, defaults and origin") {
  auto const url = parse_url("https://api.example.com/v1/tasks?x=1#top");
  REQUIRE(url.has_value());
  CHECK(url->host == "api.example.com");
  CHECK(url->port == 443);
  CHECK(url->target == "/v1/tasks?x=1");
  CHECK(origin_of(*url) == "https://api.example.com");
  CHECK(to_string(*parse_url("http://[::1]:8080")) == "http://[::1]:8080/");
  CHECK(parse_url("http://127.0.0.1:9/?a")->target == "/?a");
}

TEST_CASE("url: what is no plain http address is refused") {
  for (char const* bad :
       {"", "file:///etc/passwd", "ftp://x/", "//x/", "http://", "http://a b/", "http://user@host/",
        "http://host:0/", "http://host:70000/", "http://host:1x/", "http://[::1/", "http://h\nx/",
        "http://a\r\nHost: b/", "javascript:alert(1)", "http://exa%6dple/"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_url(bad).has_value());
  }
  CHECK_FALSE(parse_url("http://h/" + std::string(2048, 'a')).has_value());
}

TEST_CASE("address: links from outside may only lead to the public internet") {
  for (char const* forbidden : {"0.0.0.0",
                                "10.1.2.3",
                                "100.64.0.1",
                                "127.0.0.1",
                                "169.254.169.254",
                                "172.16.0.1",
                                "172.31.255.255",
                                "192.168.1.1",
                                "198.18.0.1",
                                "224.0.0.1",
                                "255.255.255.255",
                                "::",
                                "::1",
                                "fe80::1",
                                "fd00::1",
                                "ff02::1",
                                "::ffff:127.0.0.1",
                                "::ffff:10.0.0.1",
                                "64:ff9b::7f00:1",
                                "2002:7f00:1::",
                                "2001:db8::1"}) {
    CAPTURE(forbidden);
    CHECK_FALSE(is_public(boost::asio::ip::make_address(forbidden)));
  }
  for (char const* fine : {"1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "2606:4700::1111"}) {
    CAPTURE(fine);
    CHECK(is_public(boost::asio::ip::make_address(fine)));
  }
}
