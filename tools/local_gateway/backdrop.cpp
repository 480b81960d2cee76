#include "tools/local_gateway/backdrop.hpp"

#include "tools/local_gateway/prompt_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <vector>

#include <fmt/format.h>

namespace callsheet::local_gateway {

namespace {

constexpr int longer_side_px = 1600;
constexpr int ridges = 4;

struct Colour {
  double r = 0, g = 0, b = 0;
};

Colour hex(std::uint32_t rgb) {
  return {static_cast<double>(rgb >> 16 & 255), static_cast<double>(rgb >> 8 & 255),
          static_cast<double>(rgb & 255)};
}
Colour mix(Colour a, Colour b, double share) {
  share = std::clamp(share, 0.0, 1.0);
  return {a.r + (b.r - a.r) * share, a.g + (b.g - a.g) * share, a.b + (b.b - a.b) * share};
}
/// Light upon light: comes near white, never beyond.
Colour shine(Colour a, Colour light, double share) {
  auto const part = [share](double under, double over) {
    return under + (255 - under) * std::min(1.0, share * over / 255);
  };
  return {part(a.r, light.r), part(a.g, light.g), part(a.b, light.b)};
}

struct Light {
  Colour top, middle, horizon, sun, near;  ///< near: the closest hills
  bool night = false;
};

Light light_of(std::string_view prompt, std::uint32_t seed) {
  static std::array const lights{
      Light{hex(0x2b3a67), hex(0xb56576), hex(0xf6bd60), hex(0xffe8b0), hex(0x1d1f33), false},  // dusk
      Light{hex(0x4a90c2), hex(0x9fcbe0), hex(0xf3ead2), hex(0xfffdf0), hex(0x23432f), false},  // day
      Light{hex(0x7a8fb5), hex(0xe3b7b4), hex(0xfde4cf), hex(0xfff4dc), hex(0x3a3550), false},  // dawn
      Light{hex(0x060b1e), hex(0x14254a), hex(0x3a5a80), hex(0xe8eefc), hex(0x05070f), true},   // night
      Light{hex(0x6d7f86), hex(0xa9b8b8), hex(0xdfe3da), hex(0xf7f7ee), hex(0x2c3a3a), false},  // mist
      Light{hex(0x3c2a4d), hex(0xd1495b), hex(0xedae49), hex(0xffe3a8), hex(0x22132b), false},  // ember
  };
  if (mentions(prompt, {"night", "moon", "star", "midnight", "neon"})) return lights[3];
  if (mentions(prompt, {"dusk", "sunset", "evening", "golden"})) return lights[0];
  if (mentions(prompt, {"dawn", "sunrise", "morning"})) return lights[2];
  if (mentions(prompt, {"fog", "mist", "rain", "cloud", "storm", "snow", "winter"})) return lights[4];
  if (mentions(prompt, {"desert", "fire", "lava", "autumn"})) return lights[5];
  if (mentions(prompt, {"day", "noon", "summer", "blue sky", "garden", "forest"})) return lights[1];
  return lights[seed % lights.size()];
}

/// Repeatable noise in [0, 1): smooth between whole coordinates.
class Noise {
 public:
  explicit Noise(std::uint32_t seed) : seed_{seed} {}
  [[nodiscard]] double at(double x, double y) const {
    double const fx = std::floor(x);
    double const fy = std::floor(y);
    double const u = ease(x - fx);
    double const v = ease(y - fy);
    auto const ix = static_cast<std::int32_t>(fx);
    auto const iy = static_cast<std::int32_t>(fy);
    double const upper = point(ix, iy) * (1 - u) + point(ix + 1, iy) * u;
    double const lower = point(ix, iy + 1) * (1 - u) + point(ix + 1, iy + 1) * u;
    return upper * (1 - v) + lower * v;
  }
  [[nodiscard]] double point(std::int32_t x, std::int32_t y) const {
    std::uint32_t h =
        seed_ + static_cast<std::uint32_t>(x) * 0x9e3779b1U + static_cast<std::uint32_t>(y) * 0x85ebca77U;
    h = (h ^ h >> 15) * 0x2c1b3c6dU;
    h = (h ^ h >> 12) * 0x297a2d39U;
    return static_cast<double>((h ^ h >> 15) & 0xffffff) / 16777216.0;
  }

 private:
  static double ease(double t) { return t * t * (3 - 2 * t); }
  std::uint32_t seed_;
};

class Painter {
 public:
  Painter(std::string_view prompt, int width, int height)
      : width_{width},
        height_{height},
        scale_{static_cast<double>(std::min(width, height))},
        seed_{seed_of(prompt)},
        noise_{seed_},
        light_{light_of(prompt, seed_ >> 8)},
        city_{mentions(prompt, {"city", "street", "skyline", "urban", "neon", "tower", "office"})},
        sea_{mentions(prompt, {"sea", "ocean", "beach", "lake", "river", "harbour", "harbor", "lighthouse",
                               "wave", "boat"})},
        horizon_{height * (sea_ ? 0.60 : 0.66)},
        sun_x_{width * (0.25 + 0.5 * noise_.point(7, 7))},
        sun_y_{horizon_ - scale_ * (0.10 + 0.22 * noise_.point(9, 9))} {
    for (int layer = 0; layer < ridges; ++layer) {
      std::vector<double>& line = lines_[static_cast<std::size_t>(layer)];
      for (int x = 0; x < width_; ++x) line.push_back(city_ ? roofs(layer, x) : hills(layer, x));
    }
  }

  [[nodiscard]] std::string ppm() const {
    std::string out = fmt::format("P6\n{} {}\n255\n", width_, height_);
    out.reserve(out.size() + static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_) * 3);
    for (int y = 0; y < height_; ++y)
      for (int x = 0; x < width_; ++x) {
        Colour const c = pixel(x, y);
        double const grain = noise_.point(x, y) * 3.0 - 1.5;  // against banding
        for (double const part : {c.r, c.g, c.b})
          out.push_back(static_cast<char>(static_cast<unsigned char>(std::clamp(part + grain, 0.0, 255.0))));
      }
    return out;
  }

 private:
  /// The height, in pixels from the top, of hill line `layer` (0 is the farthest).
  [[nodiscard]] double hills(int layer, int x) const {
    double const u = static_cast<double>(x) / scale_;
    double const far = 1.0 - static_cast<double>(layer) / ridges;
    double const wave = 0.55 * noise_.at(u * (1.3 + layer) + layer * 31, layer * 17) +
                        0.30 * noise_.at(u * 3.7 + layer * 13, layer * 5 + 0.5) +
                        0.10 * noise_.at(u * 11 + layer * 3, layer + 0.5) +
                        0.05 * noise_.at(u * 37, layer + 0.5);
    double const base =
        sea_ ? (layer < 2 ? horizon_ : height_ * 2.0) : horizon_ + (1 - far) * (height_ - horizon_) * 0.9;
    return base - wave * scale_ * (sea_ ? 0.09 : 0.10 + 0.16 * far);
  }

  [[nodiscard]] double roofs(int layer, int x) const {
    double const block = scale_ * (0.045 + 0.02 * layer);
    auto const index = static_cast<std::int32_t>(std::floor(x / block + layer * 0.37));
    double const tall = noise_.point(index, layer * 11);
    double const base = horizon_ + layer * (height_ - horizon_) * 0.16;
    return base - scale_ * (0.05 + 0.34 * tall * tall) * (1.0 - 0.12 * layer);
  }

  enum class Disc { shown, left_out };

  [[nodiscard]] Colour sky(double x, double y, Disc disc) const {
    double const t = std::clamp(y / horizon_, 0.0, 1.0);
    Colour c = t < 0.55 ? mix(light_.top, light_.middle, t / 0.55)
                        : mix(light_.middle, light_.horizon, (t - 0.55) / 0.45);
    double const distance = std::hypot(x - sun_x_, y - sun_y_) / scale_;
    c = shine(c, light_.sun, 0.45 * std::exp(-distance * 7) + 0.12 * std::exp(-distance * 2));
    double const radius = light_.night ? 0.035 : 0.05;
    if (disc == Disc::shown)
      c = mix(c, mix(light_.sun, hex(0xffffff), 0.6), (radius - distance) / 0.004 + 0.5);
    double const cloud = 0.6 * noise_.at(x / scale_ * 2.2, y / scale_ * 9) +
                         0.4 * noise_.at(x / scale_ * 6, y / scale_ * 23 + 50);
    c = mix(c, mix(light_.horizon, light_.sun, 0.5),
            std::clamp((cloud - 0.55) * 1.6, 0.0, 0.45) * (light_.night ? 0.25 : 1));
    if (light_.night && t < 0.85) {
      double const star = noise_.point(static_cast<std::int32_t>(x), static_cast<std::int32_t>(y) + 90'000);
      if (star > 0.9993) c = mix(c, hex(0xffffff), (star - 0.9993) / 0.0007 * (1 - t));
    }
    return c;
  }

  [[nodiscard]] Colour water(double x, double y) const {
    double const depth = (y - horizon_) / (height_ - horizon_);
    double const ripple = noise_.at(x / scale_ * (9 - 6 * depth), y / scale_ * (90 - 60 * depth)) - 0.5;
    Colour const mirrored = sky(x + ripple * scale_ * 0.05, horizon_ * (1 - 0.75 * depth), Disc::left_out);
    Colour const c = mix(mirrored, light_.near, 0.25 + 0.5 * depth);
    double const path = std::exp(-std::pow((x - sun_x_) / (scale_ * (0.05 + 0.2 * depth)), 2));
    return shine(c, light_.sun, std::max(0.0, ripple) * path * 1.1);
  }

  [[nodiscard]] Colour land(int layer, double x, double y) const {
    double const near = static_cast<double>(layer + 1) / ridges;
    Colour c = mix(mix(light_.horizon, light_.middle, 0.35), light_.near, 0.25 + 0.75 * near * near);
    double const top = lines_[static_cast<std::size_t>(layer)][static_cast<std::size_t>(x)];
    double const below = (y - top) / scale_;
    c = mix(c, light_.horizon,
            0.22 * std::exp(-below * 14) * (1.2 - near));  // light on the crest, haze below
    c = mix(c, light_.horizon, std::clamp(below * 0.9, 0.0, 0.25) * (1 - near));
    if (city_ && below > 0.012 && lit_window(layer, x, y))
      c = mix(c, hex(0xffd58a), light_.night ? 0.75 : 0.3);
    return c;
  }

  [[nodiscard]] bool lit_window(int layer, double x, double y) const {
    double const cell = scale_ * (0.0065 + 0.0022 * layer);
    double const u = x / cell - std::floor(x / cell);
    double const v = y / (cell * 1.5) - std::floor(y / (cell * 1.5));
    bool const pane = u > 0.3 && u < 0.75 && v > 0.3 && v < 0.75;
    return pane && noise_.point(static_cast<std::int32_t>(x / cell),
                                static_cast<std::int32_t>(y / (cell * 1.5)) + layer * 777) >
                       (light_.night ? 0.62 : 0.8);
  }

  /// How much of a pixel lies below hill line `layer`: 0..1, so that edges are smooth.
  [[nodiscard]] double covered(int layer, int column, double y) const {
    return std::clamp(y + 0.5 - lines_[static_cast<std::size_t>(layer)][static_cast<std::size_t>(column)],
                      0.0, 1.0);
  }

  [[nodiscard]] Colour pixel(int column, int row) const {
    double const x = column;
    double const y = row;
    Colour c;
    if (sea_ && !city_ && y >= horizon_) {
      c = water(x, y);
    } else {
      int behind = ridges - 1;
      while (behind >= 0 && covered(behind, column, y) < 1) --behind;
      c = behind >= 0 ? land(behind, x, y) : sky(x, y, Disc::shown);
      for (int layer = behind + 1; layer < ridges; ++layer)
        if (double const share = covered(layer, column, y); share > 0) c = mix(c, land(layer, x, y), share);
    }
    double const dx = x / width_ - 0.5;
    double const dy = y / height_ - 0.5;
    return mix(c, Colour{}, (dx * dx + dy * dy) * 0.45);  // a soft vignette
  }

  int width_;
  int height_;
  double scale_;
  std::uint32_t seed_;
  Noise noise_;
  Light light_;
  bool city_;
  bool sea_;
  double horizon_;
  double sun_x_;
  double sun_y_;
  std::array<std::vector<double>, ridges> lines_;
};

}  // namespace

Result<void> paint_backdrop(std::string_view prompt, int width, int height,
                            std::filesystem::path const& path) {
  double const shrink = std::min(1.0, static_cast<double>(longer_side_px) / std::max(width, height));
  Painter const painter{prompt, static_cast<int>(width * shrink), static_cast<int>(height * shrink)};
  std::string const bytes = painter.ppm();
  std::ofstream file{path, std::ios::binary};
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return fail(Code::file_system, fmt::format("cannot write {}", path.string()));
  return {};
}

}  // namespace callsheet::local_gateway
