#include "orchestrator/manifest/filter.hpp"

#include "orchestrator/core/assert.hpp"
#include "orchestrator/manifest/suggest.hpp"
#include "orchestrator/manifest/trimmed.hpp"
#include "orchestrator/manifest/unquoted.hpp"

#include <array>
#include <charconv>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/translit.h>
#include <unicode/unistr.h>

namespace callsheet::manifest {

namespace {

using Kind = Filter::Kind;

constexpr std::uint32_t characters_most = 2500;  // no text of a request may be longer

struct Known {
  std::string_view name;
  Kind kind;
  std::string_view example;
};
constexpr std::array<Known, 5> known_filters{{
    {"slug", Kind::slug, "slug"},
    {"upper", Kind::upper, "upper"},
    {"lower", Kind::lower, "lower"},
    {"default", Kind::fallback, "default('none')"},
    {"truncate", Kind::truncate, "truncate(40)"},
}};

tl::unexpected<BadFilter> bad(std::string what, std::string mend) {
  return tl::unexpected{BadFilter{std::move(what), std::move(mend)}};
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (Known const& known : known_filters) names.emplace_back(known.name);
  return names;
}

std::optional<std::uint32_t> count_in(std::string_view text) {
  std::uint32_t count = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  bool const good = error == std::errc{} && end == text.data() + text.size();
  if (!good || count == 0 || count > characters_most) return std::nullopt;
  return count;
}

std::string utf8(icu::UnicodeString const& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

/// Letters of any script in plain Latin ones, as far as there is a way to write them so.
icu::Transliterator const& to_ascii() {
  static std::unique_ptr<icu::Transliterator> const rules = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> made{
        icu::Transliterator::createInstance("Any-Latin; Latin-ASCII; Lower", UTRANS_FORWARD, status)};
    CALLSHEET_ASSERT(U_SUCCESS(status));
    return made;
  }();
  return *rules;
}

std::string slug(std::string_view value) {
  icu::UnicodeString text = icu::UnicodeString::fromUTF8({value.data(), static_cast<int32_t>(value.size())});
  to_ascii().transliterate(text);
  std::string out;
  for (char const c : utf8(text)) {
    bool const stays = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (stays)
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  if (out.ends_with('-')) out.pop_back();
  return out;
}

std::string truncated(std::string_view value, std::uint32_t count) {
  if (value.size() <= count) return std::string{value};  // no character is less than a byte
  icu::UnicodeString const text =
      icu::UnicodeString::fromUTF8({value.data(), static_cast<int32_t>(value.size())});
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> const characters{
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status)};
  CALLSHEET_ASSERT(U_SUCCESS(status));
  characters->setText(text);
  int32_t const end = characters->next(static_cast<int32_t>(count));
  if (end == icu::BreakIterator::DONE) return std::string{value};
  return std::string{trimmed(utf8(text.tempSubString(0, end)))};
}

std::string applied(Filter const& filter, std::string_view value) {
  auto const as_text = [&] {
    return icu::UnicodeString::fromUTF8({value.data(), static_cast<int32_t>(value.size())});
  };
  switch (filter.kind) {
    case Kind::slug:
      return slug(value);
    case Kind::upper:
      return utf8(as_text().toUpper(icu::Locale::getRoot()));
    case Kind::lower:
      return utf8(as_text().toLower(icu::Locale::getRoot()));
    case Kind::fallback:
      return value.empty() ? filter.text : std::string{value};
    case Kind::truncate:
      return truncated(value, filter.count);
  }
  return std::string{value};
}

}  // namespace

tl::expected<Filter, BadFilter> parse_filter(std::string_view text) {
  text = trimmed(text);
  std::size_t const open = text.find('(');
  std::string_view const name = trimmed(text.substr(0, open));
  std::optional<std::string_view> argument;
  if (open != std::string_view::npos) {
    if (!text.ends_with(')')) return bad(fmt::format("`{}` is not closed with `)`", text), "add the `)`");
    argument = trimmed(text.substr(open + 1, text.size() - open - 2));
  }
  if (name.empty()) return bad("no filter stands after `|`", mend_with_choices("", names()));
  for (Known const& known : known_filters) {
    if (known.name != name) continue;
    Filter filter{.kind = known.kind, .text = {}};
    std::string const mend = fmt::format("write `{}`", known.example);
    if (known.kind == Kind::fallback) {
      auto const fallback = argument ? unquoted(*argument) : std::nullopt;
      if (!fallback) return bad("`default` needs a text in quotes", mend);
      filter.text = *fallback;
    } else if (known.kind == Kind::truncate) {
      auto const count = argument ? count_in(*argument) : std::nullopt;
      if (!count)
        return bad(fmt::format("`truncate` needs a number of characters, 1 to {}", characters_most), mend);
      filter.count = *count;
    } else if (argument) {
      return bad(fmt::format("`{}` takes nothing in brackets", name), mend);
    }
    return filter;
  }
  return bad(fmt::format("there is no filter `{}`", name), mend_with_choices(name, names()));
}

std::string filtered(std::vector<Filter> const& filters, std::string_view value) {
  std::string text{value};
  for (Filter const& filter : filters) text = applied(filter, text);
  return text;
}

}  // namespace callsheet::manifest
