#include "orchestrator/core/time.hpp"

#include <array>
#include <charconv>

#include <fmt/compile.h>

namespace callsheet {

using namespace std::chrono;

SystemClock::SystemClock()
    : wall_at_start_{floor<Duration>(system_clock::now())}, steady_at_start_{steady_clock::now()} {}

TimePoint SystemClock::now() const {
  return wall_at_start_ + duration_cast<Duration>(steady_clock::now() - steady_at_start_);
}

std::string format_rfc3339(TimePoint time) {
  auto const day = floor<days>(time);
  year_month_day const date{day};
  hh_mm_ss const clock{floor<seconds>(time - day)};
  return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z"), static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string format_http_date(TimePoint time) {
  // Not strftime: its names follow the locale of the process.
  constexpr std::array names_of_days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array names_of_months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  auto const day = floor<days>(time);
  year_month_day const date{day};
  hh_mm_ss const clock{floor<seconds>(time - day)};
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", names_of_days.at(weekday{day}.c_encoding()),
      static_cast<unsigned>(date.day()), names_of_months.at(static_cast<unsigned>(date.month()) - 1),
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

namespace {

/// Reads exactly `width` digits at `at` and moves on; empty when they are not there.
std::optional<int> digits(std::string_view text, std::size_t& at, std::size_t width) {
  if (at + width > text.size()) return std::nullopt;
  int value = 0;
  auto const [end, error] = std::from_chars(text.data() + at, text.data() + at + width, value);
  if (error != std::errc{} || end != text.data() + at + width || value < 0) return std::nullopt;
  at += width;
  return value;
}

bool skip(std::string_view text, std::size_t& at, std::string_view any_of) {
  if (at >= text.size() || any_of.find(text[at]) == std::string_view::npos) return false;
  ++at;
  return true;
}

/// The zone's offset east of UTC at `at`, which must end the text.
std::optional<minutes> zone(std::string_view text, std::size_t at) {
  if (at >= text.size()) return std::nullopt;
  char const sign = text[at++];
  if (sign == 'Z' || sign == 'z') return at == text.size() ? std::optional{minutes{0}} : std::nullopt;
  if (sign != '+' && sign != '-') return std::nullopt;
  auto const hour = digits(text, at, 2);
  if (!hour || !skip(text, at, ":")) return std::nullopt;
  auto const minute = digits(text, at, 2);
  if (!minute || at != text.size() || *hour > 23 || *minute > 59) return std::nullopt;
  minutes const offset = hours{*hour} + minutes{*minute};
  return sign == '-' ? -offset : offset;
}

}  // namespace

std::optional<TimePoint> parse_rfc3339(std::string_view text) {
  std::size_t at = 0;
  auto const year_number = digits(text, at, 4);
  if (!year_number || !skip(text, at, "-")) return std::nullopt;
  auto const month_number = digits(text, at, 2);
  if (!month_number || !skip(text, at, "-")) return std::nullopt;
  auto const day_number = digits(text, at, 2);
  if (!day_number || !skip(text, at, "Tt ")) return std::nullopt;
  auto const hour = digits(text, at, 2);
  if (!hour || !skip(text, at, ":")) return std::nullopt;
  auto const minute = digits(text, at, 2);
  if (!minute || !skip(text, at, ":")) return std::nullopt;
  auto const second = digits(text, at, 2);
  if (!second) return std::nullopt;
  Duration fraction{0};
  if (skip(text, at, ".")) {
    std::int64_t scale = 1'000'000;
    std::size_t const first = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
      if (scale >= 10) fraction += Duration{(text[at] - '0') * (scale /= 10)};
    if (at == first) return std::nullopt;
  }
  auto const offset = zone(text, at);
  year_month_day const date{year{*year_number}, month{static_cast<unsigned>(*month_number)},
                            day{static_cast<unsigned>(*day_number)}};
  if (!offset || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second} + fraction - *offset;
}

std::string format_duration(Duration duration) {
  auto const ms = duration_cast<milliseconds>(duration).count();
  if (ms < 1000) return fmt::format("{} ms", ms);
  if (ms < 60'000) return fmt::format("{}.{} s", ms / 1000, ms % 1000 / 100);
  auto const total_s = ms / 1000;
  if (total_s < 3600) return fmt::format("{} min {:02} s", total_s / 60, total_s % 60);
  return fmt::format("{} h {:02} min", total_s / 3600, total_s % 3600 / 60);
}

}  // namespace callsheet
