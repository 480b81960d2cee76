#include "orchestrator/core/json_writer.hpp"

#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>

using namespace callsheet;

TEST_CASE("json writer: what it writes is what nlohmann::json writes") {
  std::string text;
  JsonWriter out{text};
  out.begin_object();
  out.key("empty");
  out.begin_array();
  out.end_array();
  out.key("list");
  out.begin_array();
  out.value(-3);
  out.begin_object();
  out.end_object();
  out.value(true);
  out.null();
  out.end_array();
  out.member("maybe", std::optional<bool>{});
  out.member("most", std::int64_t{9'223'372'036'854'775'807});
  out.member("text", "a \"quoted\"\n\x01 Käse");
  out.end_object();
  CHECK(text == nlohmann::json::parse(text).dump());
}

TEST_CASE("json writer: any bytes come out as a text that can be read, replaced where they are no UTF-8") {
  CHECK(rc::check([](std::string const& bytes) {
    std::string text;
    JsonWriter{text}.value(bytes);
    auto const expected =
        nlohmann::json(bytes).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    RC_ASSERT(text == expected);
  }));
}
