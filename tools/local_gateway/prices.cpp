#include "tools/local_gateway/prices.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace callsheet::assets {
extern std::string_view const model_prices;
}

namespace callsheet::local_gateway {

namespace {

/// Model, quality, with sound.
using Key = std::tuple<std::string, std::string, bool>;
/// In 1/100,000 credit for a second, or for an element: the table's finest decimal.
using Rates = std::map<Key, std::int64_t>;

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    std::size_t const comma = std::min(line.find(','), line.size());
    cells.push_back(line.substr(0, comma));
    if (comma == line.size()) return cells;
    line.remove_prefix(comma + 1);
  }
}

std::int64_t hundred_thousandths(std::string_view credits) {
  std::size_t const point = std::min(credits.find('.'), credits.size());
  std::string digits{credits.substr(0, point)};
  std::string decimals{point < credits.size() ? credits.substr(point + 1) : std::string_view{}};
  decimals.resize(5, '0');
  digits += decimals;
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

/// The prices now in force of what is made from texts, pictures and one video. Rows of the older product page
/// and of requests that are not taken here are left out.
Rates read_rates() {
  Rates rates;
  std::string_view rest = assets::model_prices;
  while (!rest.empty()) {
    std::string_view const line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    auto const cells = cells_of(line);
    if (cells.size() < 6) continue;
    std::string_view const mode = cells[1];
    if (cells[4] != "per_second" && mode != "element-creation") continue;
    bool const other_request = mode.find("(video input") != std::string_view::npos;
    if (mode.find("product page") != std::string_view::npos || other_request) continue;
    std::string const quality{cells[2] == "any" ? "" : cells[2]};
    for (bool const sound : {false, true})
      if (cells[3] == "any" || cells[3] == (sound ? "on" : "off"))
        rates[{std::string{cells[0]}, quality, sound}] = hundred_thousandths(cells[5]);
  }
  return rates;
}

std::int64_t rate_of(Order const& order) {
  static Rates const rates = read_rates();
  auto const found = rates.find({order.model, order.quality, order.sound});
  return found == rates.end() ? 0 : found->second;
}

/// To the nearest UC.
Credits price(ModelRules const& model, Order const& order, std::int64_t hundredths_of_second) {
  constexpr std::int64_t one_uc = 10 * 100;
  if (model.makes_elements) return Credits::from_units((rate_of(order) * 100 + one_uc / 2) / one_uc);
  std::int64_t const uc = (rate_of(order) * hundredths_of_second + one_uc / 2) / one_uc;
  std::size_t const images =
      order.image_urls.size() + (order.image_start.empty() ? 0 : 1) + (order.image_end.empty() ? 0 : 1);
  std::size_t const paid = images - std::min(images, model.images_free);
  return Credits::from_units(uc + model.image_uc * static_cast<std::int64_t>(paid));
}

}  // namespace

Credits reserve_for(ModelRules const& model, Order const& order) {
  // What is reserved where nobody knows how long the video is.
  std::int64_t const unknown_ms = model.reserve == Reserve::input_up ? 5'000 : 10'000;
  std::int64_t const ms = order.video_length ? order.video_length->count() : unknown_ms;
  switch (model.reserve) {
    case Reserve::requested:
      return price(model, order, std::int64_t{order.seconds} * 100);
    case Reserve::input_nearest:
      return price(model, order, (ms + 500) / 1000 * 100);
    case Reserve::input_up:
      return price(model, order, (ms + 999) / 1000 * 100);
    case Reserve::input_hundredths:
      return price(model, order, std::max(std::int64_t{model.video_seconds_min} * 100, (ms + 9) / 10));
  }
  return {};
}

Credits final_price(ModelRules const& model, Order const& order) {
  bool const by_output = model.reserve == Reserve::input_nearest || model.reserve == Reserve::input_up;
  return by_output ? price(model, order, std::int64_t{order.seconds} * 100) : reserve_for(model, order);
}

}  // namespace callsheet::local_gateway
