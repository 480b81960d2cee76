#include "orchestrator/core/json_writer.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet {

namespace {

bool stands_for_itself(char c) {
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

}  // namespace

void JsonWriter::key(std::string_view name) {
  separate();
  out_ += '"';
  out_ += name;
  out_ += '"';
  out_ += ':';
  first_ = true;
}

void JsonWriter::value(std::string_view text) {
  separate();
  if (!std::all_of(text.begin(), text.end(), stands_for_itself)) {
    out_ += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return;
  }
  out_ += '"';
  out_ += text;
  out_ += '"';
}

void JsonWriter::null() {
  separate();
  out_ += "null";
}

void JsonWriter::begin(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
}

void JsonWriter::end(char bracket) {
  out_ += bracket;
  first_ = false;
}

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

void JsonWriter::write_number(std::int64_t number) {
  separate();
  fmt::format_int const digits{number};
  out_.append(digits.data(), digits.size());
}

}  // namespace callsheet
