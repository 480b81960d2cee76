// The run over time: every attempt shown as a bar, stacked as they ran side by side.

#include "orchestrator/report/html_parts.hpp"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <map>
#include <queue>
#include <utility>

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

namespace callsheet::report {

namespace {

using kainjow::mustache::data;

// Across in thousandths of the chart, down in pixels.
constexpr int axis_width = 1000;
constexpr int pause_width = 24;  ///< of a time in which nothing was under way, however long
constexpr int tick_room = 90;
constexpr int height_most = 320;
constexpr int lane_most = 14;
constexpr Duration pause_least = std::chrono::minutes{2};

struct Bar {
  ClipLine const* clip = nullptr;
  AttemptLine const* attempt = nullptr;
  std::size_t card = 0;  ///< the clip's place on the page
  TimePoint from, to;
  std::size_t lane = 0;
};

/// From times to places. Long times in which nothing was under way, between two sessions say, are cut short.
class Axis {
 public:
  /// `bars` by `from`; at least one.
  explicit Axis(std::vector<Bar> const& bars) {
    TimePoint from = bars.front().from;
    TimePoint to = bars.front().to;
    Duration busy{0};
    for (Bar const& bar : bars) busy += std::max(Duration{0}, bar.to - bar.from);
    Duration const least = std::max(pause_least, busy / static_cast<std::int64_t>(bars.size() * 2));
    for (Bar const& bar : bars) {
      if (bar.from > to + least) {
        parts_.push_back({from, to, 0, 0});
        from = bar.from;
      }
      to = std::max(to, bar.to);
    }
    parts_.push_back({from, to, 0, 0});
    lay_out();
  }

  [[nodiscard]] int at(TimePoint time) const {
    for (Part const& part : parts_)
      if (time <= part.to) return place_in(part, time);
    return parts_.back().right;
  }

  struct Pause {
    int left, right;
    Duration length;
  };
  [[nodiscard]] std::vector<Pause> pauses() const {
    std::vector<Pause> pauses;
    for (std::size_t i = 1; i < parts_.size(); ++i)
      pauses.push_back({parts_[i - 1].right, parts_[i].left, parts_[i].from - parts_[i - 1].to});
    return pauses;
  }

  /// Round times, as many as there is room for.
  [[nodiscard]] std::vector<TimePoint> ticks() const {
    Duration shown{0};
    for (Part const& part : parts_) shown += part.to - part.from;
    Duration const step = step_for(shown / (axis_width / tick_room));
    std::vector<TimePoint> ticks;
    int last = -axis_width;
    for (Part const& part : parts_) {
      auto const past = part.from.time_since_epoch() % step;
      for (TimePoint tick = past == Duration{0} ? part.from : part.from + (step - past); tick <= part.to;
           tick += step) {
        int const place = place_in(part, tick);
        if (place - last < tick_room || place < tick_room / 3 || place > axis_width - tick_room / 3) continue;
        ticks.push_back(tick);
        last = place;
      }
    }
    return ticks;
  }

 private:
  struct Part {
    TimePoint from, to;
    int left, right;
  };

  static Duration step_for(Duration least) {
    using namespace std::chrono_literals;
    for (Duration const step : std::initializer_list<Duration>{1s, 2s, 5s, 10s, 15s, 30s, 1min, 2min, 5min,
                                                               10min, 15min, 30min, 1h, 2h, 3h, 6h, 12h})
      if (step >= least) return step;
    return 24h * (least / 24h + 1);
  }

  void lay_out() {
    std::int64_t whole = 0;
    for (Part const& part : parts_) whole += (part.to - part.from).count();
    int const pauses = static_cast<int>(parts_.size()) - 1;
    int const gap = pauses == 0 ? 0 : std::min(pause_width, axis_width / 2 / pauses);
    std::int64_t const width = axis_width - gap * pauses;
    std::int64_t past = 0;
    int i = 0;
    for (Part& part : parts_) {
      part.left = gap * i + static_cast<int>(whole == 0 ? 0 : past * width / whole);
      past += (part.to - part.from).count();
      part.right = gap * i++ + static_cast<int>(whole == 0 ? width : past * width / whole);
    }
  }

  static int place_in(Part const& part, TimePoint time) {
    std::int64_t const length = (part.to - part.from).count();
    std::int64_t const past = std::max<std::int64_t>(0, (time - part.from).count());
    return part.left + static_cast<int>(length == 0 ? 0 : past * (part.right - part.left) / length);
  }

  std::vector<Part> parts_;
};

std::vector<Bar> bars_of(ResultModel const& model) {
  std::vector<Bar> bars;
  TimePoint last = model.head.ended.value_or(model.head.started);
  auto const add = [&](ClipLine const& clip, std::size_t card) {
    for (AttemptLine const& attempt : clip.attempts) {
      bars.push_back({&clip, &attempt, card, attempt.submitted, attempt.ended.value_or(TimePoint{}), 0});
      last = std::max({last, attempt.submitted, attempt.ended.value_or(attempt.submitted)});
    }
  };
  for (ClipLine const& element : model.elements) add(element, model.clips.size());
  for (std::size_t i = 0; i < model.clips.size(); ++i) add(model.clips[i], i);
  for (Bar& bar : bars) bar.to = bar.attempt->ended ? std::max(bar.to, bar.from) : last;
  std::stable_sort(bars.begin(), bars.end(), [](Bar const& a, Bar const& b) { return a.from < b.from; });
  return bars;
}

/// Each into the first lane that is free; the number of lanes is what ran at once. `bars` by `from`.
std::size_t stack(std::vector<Bar>& bars) {
  using Busy = std::pair<TimePoint, std::size_t>;
  std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy;
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free;
  std::size_t lanes = 0;
  for (Bar& bar : bars) {
    for (; !busy.empty() && busy.top().first <= bar.from; busy.pop()) free.push(busy.top().second);
    if (free.empty()) free.push(lanes++);
    bar.lane = free.top();
    free.pop();
    busy.emplace(bar.to, bar.lane);
  }
  return lanes;
}

/// What the bar's colour says: a wait the gateway asked for is no failure.
std::string_view tone_of(AttemptLine const& attempt) {
  if (attempt.failure && attempt.failure->kind == FailureKind::rate_limited) return "pause";
  return to_string(attempt.state);
}

std::string clock_of(TimePoint at) {
  return format_rfc3339(at).substr(11, 8);
}

std::string title_of(Bar const& bar) {
  AttemptLine const& attempt = *bar.attempt;
  std::string text = fmt::format("{}: {}", name_of(*bar.clip), in_words(attempt.state));
  if (attempt.failure) text += fmt::format(", {}", in_words(attempt.failure->kind));
  text += fmt::format("; {} from {}", attempt.model.str(), clock_of(bar.from));
  text += attempt.ended ? fmt::format(", {}", format_duration(bar.to - bar.from)) : ", not ended";
  if (!attempt.waited.empty()) text += fmt::format("; had waited for {}", attempt.waited);
  return text;
}

std::string percent(int thousandths) {
  return fmt::format("{}.{}%", thousandths / 10, thousandths % 10);
}

data rectangle(int x, int width, std::size_t lane, int pitch) {
  data entry{data::type::object};
  entry["x"] = data{percent(x)};
  entry["width"] = data{percent(width)};
  entry["y"] = data{fmt::to_string(static_cast<int>(lane) * pitch)};
  entry["height"] = data{fmt::to_string(pitch > 3 ? pitch - 2 : pitch)};
  return entry;
}

/// "9 waited for the rate (limits.rate)", most first.
data waits(std::vector<Bar> const& bars) {
  std::map<std::string, int> counts;
  for (Bar const& bar : bars)
    if (!bar.attempt->waited.empty()) ++counts[bar.attempt->waited];
  std::vector<std::pair<std::string, int>> ordered(counts.begin(), counts.end());
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](auto const& a, auto const& b) { return a.second > b.second; });
  data list{data::type::list};
  for (auto const& [why, n] : ordered) list.push_back(data{fmt::format("{} waited for {}", n, why)});
  return list;
}

}  // namespace

data timeline(ResultModel const& model) {
  std::vector<Bar> bars = bars_of(model);
  if (bars.size() < 2) return data{data::type::bool_false};
  int const lanes = static_cast<int>(stack(bars));
  int const pitch = std::clamp(height_most / lanes, 1, lane_most);
  Axis const axis{bars};
  data list{data::type::list};
  for (Bar const& bar : bars) {
    int const x = std::min(axis.at(bar.from), axis_width - 2);
    data entry = rectangle(x, std::max(2, axis.at(bar.to) - x), bar.lane, pitch);
    entry["tone"] = data{std::string{tone_of(*bar.attempt)}};
    entry["title"] = data{title_of(bar)};
    entry["card"] = text_or_nothing(bar.card < model.clips.size() ? fmt::to_string(bar.card) : "");
    list.push_back(entry);
  }
  data pauses{data::type::list};
  for (Axis::Pause const& pause : axis.pauses()) {
    data entry{data::type::object};
    entry["x"] = data{percent((pause.left + pause.right) / 2)};
    entry["title"] = data{fmt::format("nothing was under way for {}", format_duration(pause.length))};
    pauses.push_back(entry);
  }
  std::vector<TimePoint> const times = axis.ticks();
  bool const seconds =
      std::any_of(times.begin(), times.end(), [](TimePoint at) { return !clock_of(at).ends_with(":00"); });
  data ticks{data::type::list};
  for (TimePoint const at : times) {
    data entry{data::type::object};
    entry["x"] = data{percent(axis.at(at))};
    entry["clock"] = data{clock_of(at).substr(0, seconds ? 8 : 5)};
    ticks.push_back(entry);
  }
  data shown{data::type::object};
  shown["ticks"] = std::move(ticks);
  shown["bars"] = std::move(list);
  shown["pauses"] = std::move(pauses);
  shown["waits"] = waits(bars);
  shown["at_once"] = data{fmt::to_string(lanes)};
  shown["number"] = data{fmt::to_string(bars.size())};
  shown["bars_height"] = data{fmt::to_string(lanes * pitch)};
  shown["clock_at"] = data{fmt::to_string(lanes * pitch + 16)};
  shown["chart_height"] = data{fmt::to_string(lanes * pitch + 22)};
  return shown;
}

}  // namespace callsheet::report
