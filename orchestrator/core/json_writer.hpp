#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callsheet {

/// Writes JSON piece by piece, with no tree in memory first: for what is written once per task. Commas come
/// by themselves; that begins and ends match, and that keys stand where keys belong, is the caller's to see
/// to.
class JsonWriter {
 public:
  /// Appends to `out`, which must live as long.
  explicit JsonWriter(std::string& out) : out_{out} {}

  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }

  /// Keys come from this program: they are written as they are.
  void key(std::string_view name);

  /// Bytes that are not UTF-8 become U+FFFD.
  void value(std::string_view text);
  template <std::same_as<bool> Bool>  // nothing else becomes one by conversion
  void value(Bool yes) {
    separate();
    out_ += yes ? "true" : "false";
  }
  template <std::integral Number>
  requires(!std::same_as<Number, bool>) void value(Number number) {
    write_number(static_cast<std::int64_t>(number));
  }
  void null();
  template <class Value>
  void value(std::optional<Value> const& maybe) {
    if (maybe)
      value(*maybe);
    else
      null();
  }

  template <class Value>
  void member(std::string_view name, Value const& what) {
    key(name);
    value(what);
  }

 private:
  void begin(char bracket);
  void end(char bracket);
  void separate();
  void write_number(std::int64_t number);

  std::string& out_;
  bool first_ = true;  ///< what comes next needs no comma
};

}  // namespace callsheet
