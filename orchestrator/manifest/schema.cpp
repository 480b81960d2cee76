#include "orchestrator/manifest/schema.hpp"

#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/manifest/schema_explainer.hpp"

#include <cmath>
#include <set>
#include <stdexcept>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace callsheet::assets {
extern std::string_view const campaign_schema;
}

namespace callsheet::manifest {

namespace {

using nlohmann::json;

/// Longer texts are cut for the check: its patterns look at short values only, and std::regex recurses per
/// character.
constexpr std::size_t checked_text_bytes_max = 1024;

std::string cut(std::string const& text) {
  if (text.size() <= checked_text_bytes_max) return text;
  std::size_t end = checked_text_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

/// A number for the schema's bounds only; money is read from the text itself.
json number_json(Node const& node) {
  json parsed = json::parse(node.text, nullptr, false);
  if (parsed.is_number()) return parsed;
  try {
    double const value = std::stod(node.text);
    constexpr double exact_integers_max = 9e15;
    if (node.kind == NodeKind::integer && std::abs(value) < exact_integers_max)
      return static_cast<std::int64_t>(value);
    return value;
  } catch (std::out_of_range const&) {
    return node.text;
  }
}

json to_json(Node const& node) {
  switch (node.kind) {
    case NodeKind::null:
      return nullptr;
    case NodeKind::boolean:
      return node.text.front() == 't' || node.text.front() == 'T';
    case NodeKind::integer:
    case NodeKind::number:
      return number_json(node);
    case NodeKind::text:
      return cut(node.text);
    case NodeKind::list: {
      json out = json::array();
      for (Node const& item : node.items) out.push_back(to_json(item));
      return out;
    }
    case NodeKind::map: {
      json out = json::object();
      for (Entry const& entry : node.entries) out[entry.key] = to_json(entry.value);
      return out;
    }
  }
  return nullptr;
}

/// valijson's context ("<root>", "[key]", "[3]") without the root and the brackets.
SchemaPath path_of(std::vector<std::string> const& context) {
  SchemaPath path;
  for (std::size_t i = 1; i < context.size(); ++i)
    path.push_back(context[i].substr(1, context[i].size() - 2));
  return path;
}

/// A schema, read.
struct Rules {
  explicit Rules(std::string_view from) : text(json::parse(from)) {  // braces would make a list of it
    valijson::SchemaParser parser;
    valijson::adapters::NlohmannJsonAdapter const adapter{text};
    parser.populateSchema(adapter, schema);
  }
  json text;
  valijson::Schema schema;
};

void check(Document const& document, Rules const& rules, ErrorList& errors) {
  if (document.root().kind == NodeKind::null) {
    errors.add(document.error({}, "the " + rules.text.value("x-file", "manifest") + " is empty",
                              rules.text.value("x-mend", "")));
    return;
  }
  json const value = to_json(document.root());
  valijson::Validator validator{valijson::Validator::kStrongTypes};
  valijson::ValidationResults results;
  valijson::adapters::NlohmannJsonAdapter const target{value};
  if (validator.validate(rules.schema, target, &results)) return;

  std::set<SchemaPath> failing;
  for (auto const& result : results) failing.insert(path_of(result.context));
  explain_schema_errors(document, rules.text, failing, errors);
}

}  // namespace

std::string_view schema_text() {
  return assets::campaign_schema;
}

void check_schema(Document const& document, ErrorList& errors) {
  // Read once a process: whoever checks many manifests (an editor, the fuzzer) would wait for little else.
  static Rules const rules{assets::campaign_schema};
  check(document, rules, errors);
}

void check_included_schema(Document const& document, ErrorList& errors) {
  static Rules const rules{[] {
    json text = json::parse(assets::campaign_schema);
    text.erase("required");
    text.at("properties").erase("campaign");
    // The manifest may say the rest of it.
    text.at("properties").at("budget").erase("required");
    text["x-file"] = "shared file";
    text["x-mend"] = "write into it what is to be shared, or leave it out of `include`";
    text["x-not-here"] = {{"campaign", "only the manifest that includes it has a name: leave it out"}};
    return text.dump();
  }()};
  check(document, rules, errors);
}

void check_schema(Document const& document, std::string_view text, ErrorList& errors) {
  check(document, Rules{text}, errors);
}

}  // namespace callsheet::manifest
