#include "orchestrator/manifest/schema_explainer.hpp"

#include "orchestrator/manifest/suggest.hpp"

#include <algorithm>
#include <charconv>
#include <regex>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::manifest {

namespace {

using nlohmann::json;

constexpr std::size_t quoted_text_max = 40;

/// A value of the document with the rule of the schema it must follow and the words to speak of it.
struct Spot {
  Node const* node;
  json const* rule;
  Place place;       ///< of the value
  std::string name;  ///< "`duration`", "entry 2 of `tasks`"
  std::string kind;  ///< what a key of it is a key of: "a task", "`budget`", "a manifest"
};

std::string text_or(json const& rule, char const* key, std::string fallback) {
  auto const found = rule.find(key);
  return found != rule.end() && found->is_string() ? found->get<std::string>() : std::move(fallback);
}

std::string found_in_words(Node const& node) {
  switch (node.kind) {
    case NodeKind::null:
      return "empty";
    case NodeKind::list:
      return "a list";
    case NodeKind::map:
      return "a group of keys";
    case NodeKind::boolean:
    case NodeKind::integer:
    case NodeKind::number:
      return node.text.substr(0, quoted_text_max);
    case NodeKind::text:
      break;
  }
  std::string shown = node.text.substr(0, std::min(node.text.find('\n'), quoted_text_max));
  while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0xC0) == 0x80) shown.pop_back();
  return fmt::format("the text \"{}\"{}", shown, shown.size() < node.text.size() ? "…" : "");
}

std::vector<std::string> strings_of(json const& list) {
  std::vector<std::string> out;
  for (json const& item : list)
    if (item.is_string()) out.push_back(item.get<std::string>());
  return out;
}

std::vector<std::string> keys_of(json const& object) {
  std::vector<std::string> out;
  for (auto const& [key, value] : object.items()) out.push_back(key);
  return out;
}

std::string kind_of_file(json const& schema) {
  return text_or(schema, "x-file", "manifest");
}

class Explainer {
 public:
  Explainer(Document const& document, json const& schema, ErrorList& errors)
      : document_{document}, schema_{schema}, errors_{errors} {}

  /// Whether it found words for what is wrong at `path` itself.
  bool explain(SchemaPath const& path) {
    Spot const spot = go_to(path);
    if (spot.node == nullptr) return false;
    if (!type_fits(spot)) return complain_of_value(spot);
    if (spot.node->kind == NodeKind::map) return explain_map(spot);
    if (spot.node->kind == NodeKind::list) return explain_list(spot);
    return complain_of_value(spot);
  }

 private:
  json const& resolve(json const& rule) const {
    auto const reference = rule.find("$ref");
    if (reference == rule.end()) return rule;
    return schema_.at(json::json_pointer{reference->get<std::string>().substr(1)});
  }

  Spot go_to(SchemaPath const& path) const {
    Spot spot{&document_.root(), &schema_, document_.root().place, "the " + kind_of_file(schema_),
              "a " + kind_of_file(schema_)};
    for (std::string const& step : path) {
      if (spot.node->kind == NodeKind::list) {
        std::size_t index = 0;
        std::from_chars(step.data(), step.data() + step.size(), index);
        if (index >= spot.node->items.size() || !spot.rule->contains("items"))
          return {nullptr, nullptr, {}, {}, {}};
        spot.node = &spot.node->items[index];
        spot.place = spot.node->place;
        spot.kind = spot.name == "`tasks`" ? "a task" : spot.name == "`shots`" ? "a shot" : "this entry";
        spot.name = fmt::format("entry {} of {}", index + 1, spot.name);
        spot.rule = &resolve(spot.rule->at("items"));
      } else {
        auto const entry = std::find_if(spot.node->entries.begin(), spot.node->entries.end(),
                                        [&](Entry const& e) { return e.key == step; });
        json const* rule = rule_of_key(*spot.rule, step);
        if (entry == spot.node->entries.end() || rule == nullptr) return {nullptr, nullptr, {}, {}, {}};
        spot.node = &entry->value;
        spot.place = entry->value.kind == NodeKind::null ? entry->place : entry->value.place;
        spot.name = fmt::format("`{}`", step);
        spot.kind = spot.name;
        spot.rule = &resolve(*rule);
      }
    }
    return spot;
  }

  static json const* rule_of_key(json const& rule, std::string const& key) {
    if (rule.contains("properties") && rule.at("properties").contains(key))
      return &rule.at("properties").at(key);
    auto const others = rule.find("additionalProperties");
    return others != rule.end() && others->is_object() ? &*others : nullptr;
  }

  static std::vector<std::string> types_of(json const& rule) {
    auto const type = rule.find("type");
    if (type == rule.end()) return {};
    return type->is_string() ? std::vector{type->get<std::string>()} : strings_of(*type);
  }

  static bool takes_scalars(json const& rule) {
    auto const types = types_of(rule);
    return std::any_of(types.begin(), types.end(),
                       [](auto const& type) { return type != "array" && type != "object"; });
  }

  static bool type_fits(Spot const& spot) {
    auto const type = spot.rule->find("type");
    if (type == spot.rule->end())
      return spot.node->kind != NodeKind::map && spot.node->kind != NodeKind::list;
    std::vector<std::string> const types = types_of(*spot.rule);
    auto const has = [&](char const* name) {
      return std::find(types.begin(), types.end(), name) != types.end();
    };
    switch (spot.node->kind) {
      case NodeKind::null:
        return false;
      case NodeKind::boolean:
        return has("boolean");
      case NodeKind::integer:
        return has("integer") || has("number");
      case NodeKind::number:
        return has("number");
      case NodeKind::text:
        return has("string");
      case NodeKind::list:
        return has("array");
      case NodeKind::map:
        return has("object");
    }
    return false;
  }

  bool complain_of_value(Spot const& spot) {
    std::vector<std::string> choices;
    for (char const* key : {"x-choices", "enum"})
      if (choices.empty() && spot.rule->contains(key)) choices = strings_of(spot.rule->at(key));
    Place place = spot.place;
    if (spot.node->kind == NodeKind::list || spot.node->kind == NodeKind::map) place.width = 1;
    if (!choices.empty()) {
      std::string list = fmt::format("{}", fmt::join(choices, ", "));
      std::string const mend = spot.node->text.empty() ? std::string{} : suggestion(spot.node->text, choices);
      errors_.add(document_.error(
          place, fmt::format("{} must be one of {}; it is {}", spot.name, list, found_in_words(*spot.node)),
          mend));
      return true;
    }
    std::string const expected = text_or(*spot.rule, "x-expected", "something else");
    std::string mend = text_or(*spot.rule, "x-mend", "");
    if (spot.node->kind == NodeKind::null && takes_scalars(*spot.rule))
      mend = "give it a value, or leave the key out";
    errors_.add(document_.error(
        place, fmt::format("{} must be {}; it is {}", spot.name, expected, found(spot)), std::move(mend)));
    return true;
  }

  static std::string found(Spot const& spot) {
    if (spot.node->kind == NodeKind::text && spot.node->text.empty()) return "an empty text";
    return found_in_words(*spot.node);
  }

  static std::string suggestion(std::string const& typed, std::vector<std::string> const& choices) {
    auto const meant = suggest(typed, choices);
    return meant ? fmt::format("did you mean `{}`?", *meant) : std::string{};
  }

  bool explain_map(Spot const& spot) {
    bool explained = false;
    json const none = json::object();
    json const& known = spot.rule->contains("properties") ? spot.rule->at("properties") : none;
    bool const closed =
        spot.rule->contains("additionalProperties") && spot.rule->at("additionalProperties") == false;
    for (Entry const& entry : spot.node->entries) {
      if (closed && !known.contains(entry.key)) {
        errors_.add(document_.error(entry.place, fmt::format("`{}` is not a key of {}", entry.key, spot.kind),
                                    mend_unknown_key(entry.key, spot, known)));
        explained = true;
      }
      if (auto const names = spot.rule->find("propertyNames"); names != spot.rule->end()) {
        if (entry.key.size() <= 64 &&
            std::regex_search(entry.key, std::regex{names->at("pattern").get<std::string>()}))
          continue;
        errors_.add(document_.error(entry.place,
                                    fmt::format("`{}` cannot be a name here", entry.key.substr(0, 64)),
                                    "use letters, digits, `_` and `-`, and begin with a letter"));
        explained = true;
      }
    }
    for (std::string const& key : strings_of(spot.rule->value("required", json::array()))) {
      if (spot.node->find(key) != nullptr || misspelt(key, *spot.node, known)) continue;
      Place place = spot.place;
      place.width = 1;
      errors_.add(document_.error(place, fmt::format("{} has no `{}`", spot.name, key),
                                  text_or(known.value(key, json::object()), "x-missing", "")));
      explained = true;
    }
    if (!explained && spot.rule->contains("minProperties") && spot.node->entries.empty())
      return complain_of_value(spot);
    std::size_t const most = spot.rule->value("maxProperties", spot.node->entries.size());
    if (!explained && spot.node->entries.size() > most) {
      errors_.add(document_.error(spot.node->entries[most].place,
                                  fmt::format("{} has {} keys; at most {} {} possible", spot.name,
                                              spot.node->entries.size(), most, most == 1 ? "is" : "are"),
                                  text_or(*spot.rule, "x-mend", "")));
      return true;
    }
    return explained;
  }

  /// Whether an unknown key of `node` already made us ask "did you mean `key`?": asking for it again is an
  /// echo.
  static bool misspelt(std::string const& key, Node const& node, json const& known) {
    return std::any_of(node.entries.begin(), node.entries.end(), [&](Entry const& entry) {
      return !known.contains(entry.key) && suggest(entry.key, keys_of(known)) == key;
    });
  }

  std::string mend_unknown_key(std::string const& key, Spot const& spot, json const& known) const {
    if (spot.node == &document_.root() && schema_.contains("x-not-here") &&
        schema_.at("x-not-here").contains(key))
      return schema_.at("x-not-here").at(key).get<std::string>();
    if (key == "<<") return "merge keys are not supported: put what tasks share under `defaults`";
    if (auto const meant = suggest(key, keys_of(known))) return fmt::format("did you mean `{}`?", *meant);
    if (std::string const home = home_of(key); !home.empty())
      return fmt::format("`{}` belongs {}", key, home);
    return fmt::format("the keys here are {}", fmt::join(keys_of(known), ", "));
  }

  /// Where in the schema a key of exactly this name has its place: "under `budget`"; empty when nowhere.
  std::string home_of(std::string const& key) const {
    json const& sections = schema_.at("properties");
    if (sections.contains(key))
      return "at the left margin, as a key of the " + kind_of_file(schema_) + " itself";
    json const& definitions = schema_.at("definitions");
    if (definitions.contains("task") && definitions.at("task").at("properties").contains(key))
      return "in a task or under `defaults`";
    for (auto const& [name, section] : sections.items())
      if (section.contains("properties") && section.at("properties").contains(key))
        return fmt::format("under `{}`", name);
    return {};
  }

  bool explain_list(Spot const& spot) {
    std::size_t const size = spot.node->items.size();
    if (size < spot.rule->value("minItems", std::size_t{0})) {
      errors_.add(document_.error(spot.place, fmt::format("{} is an empty list", spot.name),
                                  text_or(*spot.rule, "x-mend", "")));
      return true;
    }
    std::size_t const most = spot.rule->value("maxItems", size);
    if (size <= most) return false;
    errors_.add(document_.error(
        spot.place, fmt::format("{} has {} entries; at most {} are possible", spot.name, size, most)));
    return true;
  }

  Document const& document_;
  json const& schema_;
  ErrorList& errors_;
};

}  // namespace

void explain_schema_errors(Document const& document, json const& schema, std::set<SchemaPath> const& failing,
                           ErrorList& errors) {
  Explainer explainer{document, schema, errors};
  bool explained = false;
  for (SchemaPath const& path : failing) explained = explainer.explain(path) || explained;
  if (explained) return;
  // The validator is the judge: if it finds fault where we see none, say at least that much.
  std::string const name = text_or(schema, "$id", "");
  errors.add(document.error(document.root().place,
                            fmt::format("the {} does not follow schemas/{}", kind_of_file(schema),
                                        name.substr(name.rfind('/') + 1)),
                            "compare it with that file"));
}

}  // namespace callsheet::manifest
