#include "orchestrator/report/foreign_text.hpp"

namespace callsheet::report {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr char32_t replacement_point = 0xFFFD;

struct Character {
  char32_t point = replacement_point;
  std::size_t bytes = 1;
  bool whole = false;
};

/// The first character of `text`, which is not empty. Overlong forms, surrogates and what lies beyond
/// U+10FFFF are none.
Character first_of(std::string_view text) {
  auto const lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {.point = lead, .bytes = 1, .whole = true};
  std::size_t const length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    auto const next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return {};
    point = (point << 6U) | (next & 0x3FU);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  bool const surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < least[length] || surrogate || point > 0x10FFFF) return {};
  return {.point = point, .bytes = length, .whole = true};
}

bool can_be_held(char32_t point) {
  if (point < 0x20) return point == '\t' || point == '\n' || point == '\r';
  bool const control = point >= 0x7F && point <= 0x9F;
  return !control && point != 0xFFFE && point != 0xFFFF;
}

}  // namespace

void each_character(std::string_view text, std::function<bool(char32_t, std::string_view)> const& use) {
  while (!text.empty()) {
    Character const one = first_of(text);
    bool const good = one.whole && can_be_held(one.point);
    if (!use(good ? one.point : replacement_point, good ? text.substr(0, one.bytes) : replacement)) return;
    text.remove_prefix(one.bytes);
  }
}

}  // namespace callsheet::report
