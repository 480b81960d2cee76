#include "orchestrator/core/threshold.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace callsheet {

namespace {

constexpr std::int64_t one = 10'000;

constexpr std::array<std::pair<Metric, std::string_view>, 8> all_metrics{{
    {Metric::failed_ratio, "failed_ratio"},
    {Metric::mismatched_ratio, "mismatched_ratio"},
    {Metric::in_doubt_ratio, "in_doubt_ratio"},
    {Metric::skipped_ratio, "skipped_ratio"},
    {Metric::made_ratio, "made_ratio"},
    {Metric::cost_per_clip, "cost_per_clip"},
    {Metric::attempts_per_clip, "attempts_per_clip"},
    {Metric::spent, "spent"},
}};

constexpr std::array<std::pair<Comparison, std::string_view>, 4> comparison_signs{{
    {Comparison::at_most, "<="},  // before "<": the longer sign first
    {Comparison::at_least, ">="},
    {Comparison::less, "<"},
    {Comparison::more, ">"},
}};

/// metric = numerator / denominator; money in 1/10,000 credit, everything else in plain counts.
struct Fraction {
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;
  std::int64_t scale = one;  ///< what `numerator` must be multiplied by to compare with Threshold::value
};

Fraction fraction_of(Tally const& tally, Metric metric) {
  switch (metric) {
    case Metric::failed_ratio:
      return {tally.failed, tally.ended()};
    case Metric::mismatched_ratio:
      return {tally.mismatched, tally.ended()};
    case Metric::in_doubt_ratio:
      return {tally.in_doubt, tally.ended()};
    case Metric::skipped_ratio:
      return {tally.skipped, tally.ended()};
    case Metric::made_ratio:
      return {tally.made, tally.ended()};
    case Metric::cost_per_clip:
      return {tally.spent.units(), tally.made, 1};
    case Metric::attempts_per_clip:
      return {tally.attempts, tally.made};
    case Metric::spent:
      return {tally.spent.units(), 1, 1};
  }
  return {};
}

bool is_money(Metric metric) {
  return metric == Metric::cost_per_clip || metric == Metric::spent;
}

std::string_view trimmed(std::string_view text) {
  std::size_t const first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

bool keeps(Tally const& tally, Threshold const& threshold) {
  Fraction const value = fraction_of(tally, threshold.metric);
  if (value.denominator == 0 && value.numerator == 0) return true;
  // Money spent on no clip at all is above every price for a clip: the product with 0 says just that.
  // Products, not quotients: exact. Wide, because a run may have spent 10^13 units over 10^6 clips.
  __extension__ using Wide = __int128;
  Wide const left = static_cast<Wide>(value.numerator) * value.scale;
  Wide const right = static_cast<Wide>(threshold.value) * value.denominator;
  switch (threshold.comparison) {
    case Comparison::less:
      return left < right;
    case Comparison::at_most:
      return left <= right;
    case Comparison::more:
      return left > right;
    case Comparison::at_least:
      return left >= right;
  }
  return true;
}

std::string value_text(Tally const& tally, Metric metric) {
  Fraction const value = fraction_of(tally, metric);
  if (value.denominator == 0) return "";
  std::int64_t const rounded = (value.numerator * value.scale + value.denominator / 2) / value.denominator;
  std::string const text = to_string(Credits::from_units(rounded));
  return is_money(metric) ? text + " credits" : text;
}

std::string_view to_string(Metric metric) {
  for (auto const& [value, name] : all_metrics)
    if (value == metric) return name;
  return "";
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  names.reserve(all_metrics.size());
  for (auto const& [value, name] : all_metrics) names.emplace_back(name);
  return names;
}

std::optional<Threshold> parse_threshold(std::string_view text, std::string& why) {
  Threshold threshold;
  threshold.text = std::string{trimmed(text)};
  std::size_t const sign_at = text.find_first_of("<>");
  if (sign_at == std::string_view::npos) {
    why = "it compares nothing: write a metric, one of < <= > >=, and a number";
    return std::nullopt;
  }
  std::string_view const name = trimmed(text.substr(0, sign_at));
  bool known = false;
  for (auto const& [metric, metric_name] : all_metrics)
    if (metric_name == name) {
      threshold.metric = metric;
      known = true;
    }
  if (!known) {
    why = fmt::format("there is no metric `{}`", name);
    return std::nullopt;
  }
  std::string_view rest = text.substr(sign_at);
  for (auto const& [comparison, sign] : comparison_signs)
    if (rest.starts_with(sign)) {
      threshold.comparison = comparison;
      rest.remove_prefix(sign.size());
      break;
    }
  rest = trimmed(rest);
  std::string_view number = rest;
  for (std::string_view const unit : {"credits", "credit"})
    if (number.ends_with(unit)) {
      number = trimmed(number.substr(0, number.size() - unit.size()));
      break;
    }
  if (number.size() != rest.size() && !is_money(threshold.metric)) {
    why = fmt::format("`{}` is a plain number, not an amount of credits", name);
    return std::nullopt;
  }
  std::optional<Credits> const value = Credits::parse(number);
  if (!value) {
    why = fmt::format("`{}` is not a number with at most four decimals", rest);
    return std::nullopt;
  }
  threshold.value = value->units();
  return threshold;
}

}  // namespace callsheet
