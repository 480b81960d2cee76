#include "orchestrator/cli/playground_form.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

/// A fallback that costs more than this many times the first is no fallback anybody has looked at.
constexpr char const* price_ratio_max = "1.5";

bool read_text(json const& form, char const* name, std::string& into) {
  auto const found = form.find(name);
  if (found == form.end() || found->is_null()) return true;
  if (!found->is_string()) return false;
  into = found->get<std::string>();
  return true;
}

/// A YAML scalar that stands for exactly this text. JSON's strings are YAML's, and two braces would begin a
/// variable.
std::string yaml_text(std::string_view text) {
  std::string literal;
  for (std::size_t at = 0; at < text.size();) {
    bool const braces = text.substr(at, 2) == "{{";
    literal += braces ? std::string_view{"{{ '{{' }}"} : text.substr(at, 1);
    at += braces ? 2 : 1;
  }
  return json(literal).dump(-1, ' ', false, json::error_handler_t::replace);
}

/// A word of the vocabulary needs no quotes, and reads better without.
std::string yaml_word(std::string_view text) {
  auto const is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  auto const is_plain = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-'; };
  bool const plain =
      !text.empty() && text.front() != '-' && std::all_of(text.begin(), text.end(), is_plain) &&
      std::any_of(text.begin(), text.end(), is_letter) && text != "true" && text != "false" && text != "null";
  return plain ? std::string{text} : yaml_text(text);
}

constexpr int seconds_most = 3600;
constexpr std::size_t shots_most = 100;

std::optional<int> read_seconds(json const& value) {
  if (!value.is_number_integer() || value < 0 || value > seconds_most) return std::nullopt;
  return value.get<int>();
}

/// "auto", or a list of {"prompt", "duration"}.
bool read_shots(json const& form, PlaygroundForm& into) {
  auto const found = form.find("shots");
  if (found == form.end() || found->is_null()) return true;
  into.automatic_shots = *found == "auto";
  if (into.automatic_shots) return true;
  if (!found->is_array() || found->size() > shots_most) return false;
  for (json const& one : *found) {
    auto const duration = one.is_object() ? one.find("duration") : one.end();
    auto const seconds = one.is_object() && duration != one.end() ? read_seconds(*duration) : std::nullopt;
    Shot shot;
    if (!seconds || !read_text(one, "prompt", shot.prompt)) return false;
    shot.duration = std::chrono::seconds{*seconds};
    into.shots.push_back(std::move(shot));
  }
  return true;
}

void add_key(std::string& text, std::string_view key, std::string const& value) {
  if (!value.empty()) text += fmt::format("    {}: {}\n", key, value);
}

std::string text_if_any(std::string const& text) {
  return text.empty() ? "" : yaml_text(text);
}

std::string word_if_any(std::string const& text) {
  return text.empty() ? "" : yaml_word(text);
}

}  // namespace

Result<PlaygroundForm> parse_form(std::string_view text) {
  json const sent = json::parse(text, nullptr, false);
  auto const found = sent.is_object() ? sent.find("form") : sent.end();
  bool good = sent.is_object() && found != sent.end() && found->is_object();
  PlaygroundForm form;
  if (good) {
    for (auto const& [name, into] : {std::pair{"mode", &form.mode},
                                     {"prompt", &form.prompt},
                                     {"negative_prompt", &form.negative_prompt},
                                     {"image_start", &form.image_start},
                                     {"image_end", &form.image_end},
                                     {"quality", &form.quality},
                                     {"sound", &form.sound},
                                     {"aspect_ratio", &form.aspect_ratio},
                                     {"model", &form.model}})
      good = read_text(*found, name, *into) && good;
    auto const duration = found->find("duration");
    if (duration != found->end() && !duration->is_null()) {
      form.duration = read_seconds(*duration);
      good = good && form.duration.has_value();
    }
    good = read_shots(*found, form) && good;
    auto const watermark = found->find("watermark");
    if (watermark != found->end() && !watermark->is_null()) {
      good = good && watermark->is_boolean();
      if (good) form.watermark = watermark->get<bool>();
    }
  }
  if (!good) return fail(Code::usage, "the page has sent what is no form", "load the page again");
  return form;
}

std::string manifest_text(PlaygroundForm const& form, PlaygroundTerms const& terms,
                          std::function<std::string(std::string const&)> const& path_of) {
  std::string text = fmt::format("version: 1\ncampaign: {}\nbudget: {{cap: {} credits}}\n",
                                 yaml_word(terms.campaign), to_string(terms.cap));
  if (terms.every_model)
    text += "fallback: {allow: [\"*\"]}\n";
  else if (form.model.empty())
    text += fmt::format("fallback: {{max_price_ratio: {}}}\n", price_ratio_max);
  text += "tasks:\n  - name: clip\n";
  add_key(text, "mode", word_if_any(form.mode));
  if (form.shots.empty()) add_key(text, "prompt", text_if_any(form.prompt));
  add_key(text, "negative_prompt", text_if_any(form.negative_prompt));
  if (!form.image_start.empty()) add_key(text, "image_start", yaml_text(path_of(form.image_start)));
  if (!form.image_end.empty()) add_key(text, "image_end", yaml_text(path_of(form.image_end)));
  if (form.automatic_shots) add_key(text, "shots", "auto");
  if (!form.shots.empty()) text += "    shots:\n";
  for (Shot const& shot : form.shots)
    text +=
        fmt::format("      - {{prompt: {}, duration: {}}}\n", yaml_text(shot.prompt), shot.duration.count());
  if (form.shots.empty() && form.duration) add_key(text, "duration", fmt::to_string(*form.duration));
  add_key(text, "quality", word_if_any(form.quality));
  add_key(text, "sound", word_if_any(form.sound));
  add_key(text, "aspect_ratio", text_if_any(form.aspect_ratio));
  if (form.watermark) add_key(text, "watermark", *form.watermark ? "true" : "false");
  if (!terms.every_model) add_key(text, "model", word_if_any(form.model));
  return text + fmt::format("outputs: {{dir: {}, file: clip.mp4}}\n", yaml_word(terms.campaign));
}

}  // namespace callsheet::cli
