#include "orchestrator/manifest/decode.hpp"

#include "orchestrator/manifest/decode_elements.hpp"
#include "orchestrator/manifest/decode_matrix.hpp"
#include "orchestrator/manifest/decode_task.hpp"
#include "orchestrator/manifest/include.hpp"
#include "orchestrator/manifest/schema.hpp"
#include "orchestrator/manifest/suggest.hpp"
#include "orchestrator/manifest/table.hpp"
#include "orchestrator/manifest/text_file.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

TableFormat table_format(std::string_view name) {
  if (name == "json") return TableFormat::json;
  if (name == "jsonl") return TableFormat::jsonl;
  if (name == "yaml") return TableFormat::yaml;
  return TableFormat::csv;
}

/// "400", "400.5", "400 credits": the schema has let nothing else through but exponents and too many
/// decimals.
std::optional<Credits> credits_in(std::string_view text) {
  return Credits::parse(text.substr(0, text.find_first_of(" c")));
}

int integer_in(Node const& node) {
  int value = 0;
  std::string_view text = node.text;
  if (text.starts_with('+')) text.remove_prefix(1);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::chrono::milliseconds window_in(std::string_view text) {
  std::int64_t count = 1;
  auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  std::string_view const unit =
      failure == std::errc{} ? text.substr(static_cast<std::size_t>(end - text.data())) : text;
  if (failure != std::errc{}) count = 1;
  using namespace std::chrono_literals;
  if (unit == "ms") return count * 1ms;
  if (unit == "s") return count * 1s;
  if (unit == "m") return count * 1min;
  return count * 1h;
}

/// "90s", "30m", "2h": the shape is the schema's.
std::chrono::seconds time_in(std::string_view text) {
  return std::chrono::duration_cast<std::chrono::seconds>(window_in(text));
}

/// "50/1m", "2/s": the shape is the schema's.
Rate rate_in(std::string_view text) {
  Rate rate;
  std::size_t const slash = text.find('/');
  std::from_chars(text.data(), text.data() + slash, rate.count);
  rate.window = window_in(text.substr(slash + 1));
  return rate;
}

class Decoder {
 public:
  Decoder(Campaign& campaign, ErrorList& errors)
      : campaign_{campaign}, document_{*campaign.document}, root_{document_.root()}, errors_{errors} {}

  void run() {
    campaign_.name = root_.find("campaign")->text;
    budget(*root_.find("budget"));
    if (Node const* node = root_.find("limits")) limits(*node);
    if (Node const* node = root_.find("fallback")) fallback(*node);
    if (Node const* node = root_.find("gateway")) gateway(*node);
    if (Node const* node = root_.find("webhooks")) webhooks(*node);
    if (Node const* node = root_.find("thresholds")) thresholds(*node);
    if (Node const* node = root_.find("deadline")) deadline(*node);
    if (Node const* node = root_.find("elements")) decode_elements(*node, campaign_, errors_);
    auto const shared = constants();
    std::map<std::string, Table> const tables = data();
    bool const readable = errors_.empty();
    Scope scope = decode_matrix(root_.find("matrix"), tables, campaign_, errors_);
    // Without the rows, or their columns, every other complaint about their names would be a guess.
    bool const nameless = std::any_of(tables.begin(), tables.end(),
                                      [](auto const& table) { return table.second.columns.empty(); });
    if (!readable || (nameless && !errors_.empty())) return;
    for (auto const& [name, table] : tables) scope.data.push_back(name);
    scope.constants = shared;
    if (Node const* node = root_.find("budget")->find("groups")) groups(*node);
    if (Node const* node = root_.find("budget")->find("fit")) fit(*node);
    decode_tasks(root_, scope, campaign_, errors_);
    outputs(root_.find("outputs"), scope);
  }

 private:
  void deadline(Node const& node) {
    campaign_.deadline = parse_deadline(node.text);
    if (!campaign_.deadline)
      errors_.add(document_.error(node.place, fmt::format("there is no such time: `{}`", node.text),
                                  "for example 2026-12-01T18:00:00Z, or 2h after the run's start"));
  }

  Credits amount(Node const& value) {
    auto const credits = credits_in(value.text);
    if (!credits)
      errors_.add(document_.error(value.place, fmt::format("`{}` is not an amount of credits", value.text),
                                  "write it with at most four decimals: 400, 12.5"));
    return credits.value_or(Credits{});
  }

  void budget(Node const& node) {
    campaign_.budget.cap = amount(*node.find("cap"));
    if (Node const* value = node.find("per_task")) campaign_.budget.per_task = amount(*value);
    if (Node const* value = node.find("daily")) campaign_.budget.daily = amount(*value);
    if (Node const* value = node.find("when_short"))
      campaign_.budget.when_short = value->text == "degrade" ? WhenShort::degrade
                                    : value->text == "skip"  ? WhenShort::skip
                                                             : WhenShort::stop;
  }

  /// Its index; an error where the matrix has none of that name.
  std::optional<std::uint32_t> axis_named(std::string const& name, Place place) {
    auto const& axes = campaign_.matrix.axes;
    auto const axis =
        std::find_if(axes.begin(), axes.end(), [&](Axis const& one) { return one.name == name; });
    if (axis != axes.end()) return static_cast<std::uint32_t>(axis - axes.begin());
    std::vector<std::string> names;
    names.reserve(axes.size());
    for (Axis const& one : axes) names.push_back(one.name);
    errors_.add(document_.error(
        place, fmt::format("the matrix has no axis `{}`", name),
        names.empty() ? "groups are the values of an axis: add a `matrix`" : mend_with_choices(name, names)));
    return std::nullopt;
  }

  void share(Node const& value) {
    auto const parsed = Credits::parse(value.text);
    if (parsed && *parsed > Credits{}) {
      campaign_.fit.step_down = parsed->units();
      return;
    }
    errors_.add(document_.error(value.place, fmt::format("`{}` is not a share above 0", value.text),
                                "write it with at most four decimals: 0.7"));
  }

  void fit(Node const& node) {
    if (Node const* value = node.find("cover")) campaign_.fit.cover = axis_named(value->text, value->place);
    if (Node const* value = node.find("at_least")) campaign_.fit.at_least = std::stoi(value->text);
    if (Node const* value = node.find("step_down")) share(*value);
  }

  /// Caps by matrix value: the matrix has to be known.
  void groups(Node const& node) {
    for (Entry const& entry : node.entries) {
      auto const axis = axis_named(entry.key, entry.place);
      if (!axis) continue;
      GroupRule rule;
      rule.axis = *axis;
      if (entry.value.entries.empty()) rule.each = amount(entry.value);
      for (Entry const& cap : entry.value.entries) group_cap(campaign_.matrix.axes[*axis], cap, rule);
      campaign_.groups.push_back(std::move(rule));
    }
  }

  void group_cap(Axis const& axis, Entry const& entry, GroupRule& rule) {
    std::vector<std::string> values;
    for (AxisValue const& value : axis.values) values.push_back(value.text);
    if (std::find(values.begin(), values.end(), entry.key) == values.end())
      errors_.add(document_.error(entry.place, fmt::format("`{}` has no value `{}`", axis.name, entry.key),
                                  mend_with_choices(entry.key, values)));
    rule.of.emplace(entry.key, amount(entry.value));
  }

  static std::string mend_of_threshold(std::string const& text) {
    std::vector<std::string> const names = metric_names();
    std::string const name = text.substr(0, text.find_first_of(" <>="));
    if (auto const meant = suggest(name, names); meant && *meant != name)
      return fmt::format("did you mean `{}`?", *meant);
    return fmt::format("for example \"failed_ratio < 0.05\"; metrics: {}", fmt::join(names, ", "));
  }

  void thresholds(Node const& node) {
    for (Node const& item : node.items) {
      Node const& check = item.kind == NodeKind::map ? *item.find("check") : item;
      std::string why;
      std::optional<Threshold> threshold = parse_threshold(check.text, why);
      if (!threshold) {
        errors_.add(document_.error(check.place, fmt::format("`{}` is no threshold: {}", check.text, why),
                                    mend_of_threshold(check.text)));
        continue;
      }
      if (item.kind == NodeKind::map) {
        if (Node const* value = item.find("grace")) threshold->grace = integer_in(*value);
        if (Node const* value = item.find("stop")) threshold->stops_the_run = value->text == "true";
      }
      campaign_.thresholds.push_back(*std::move(threshold));
    }
  }

  void limits(Node const& node) {
    campaign_.limits.rate = rate(node);
    if (Node const* value = node.find("in_flight")) campaign_.limits.in_flight = integer_in(*value);
    if (Node const* value = node.find("patience")) campaign_.patience = time_in(value->text);
    Node const* models = node.find("models");
    if (models == nullptr) return;
    for (Entry const& entry : models->entries) {
      ModelLimits limits;
      limits.rate = rate(entry.value);
      if (Node const* value = entry.value.find("in_flight")) limits.in_flight = integer_in(*value);
      campaign_.limits.models.emplace(ModelId{entry.key}, limits);
      campaign_.limit_places.emplace(ModelId{entry.key}, entry.place);
    }
  }

  std::optional<Rate> rate(Node const& node) {
    Node const* const value = node.find("rate");
    Node const* const burst = node.find("burst");
    if (value == nullptr) {
      if (burst != nullptr)
        errors_.add(document_.error(burst->place, "`burst` stands without a `rate`",
                                    "a burst is how many of a rate may go at once: add `rate: 50/1m`, say"));
      return std::nullopt;
    }
    Rate rate = rate_in(value->text);
    if (burst != nullptr) {
      rate.burst = integer_in(*burst);
      if (rate.burst > rate.count)
        errors_.add(
            document_.error(burst->place,
                            fmt::format("a burst of {} is more than the rate allows in a whole window ({})",
                                        rate.burst, rate.count),
                            fmt::format("use 1..{}", rate.count)));
    }
    return rate;
  }

  void fallback(Node const& node) {
    if (Node const* refused = node.find("refused_content"))
      campaign_.fallback.refused_content =
          refused->text == "next_model" ? RefusedContent::next_model : RefusedContent::give_up;
    if (Node const* allow = node.find("allow"))
      for (Node const& item : allow->items) campaign_.fallback.allow.push_back({item.text, item.place});
    if (Node const* ratio = node.find("max_price_ratio")) {
      constexpr double ratio_units = 10'000;
      campaign_.fallback.max_price_ratio = std::llround(std::stod(ratio->text) * ratio_units);
    }
  }

  void gateway(Node const& node) {
    if (Node const* profile = node.find("profile")) {
      campaign_.gateway.profile = profile->text;
      campaign_.gateway.profile_place = profile->place;
    }
    if (Node const* idempotency = node.find("idempotency"))
      campaign_.gateway.idempotency = parse_idempotency(idempotency->text);
    if (Node const* list = node.find("task_list")) campaign_.gateway.listing = parse_listing(list->text);
  }

  [[nodiscard]] std::string path_in(Node const& node) const {
    return campaign_.resolve(node.text, node.place).string();
  }

  void webhooks(Node const& node) {
    Node const& listen = *node.find("listen");
    std::size_t const colon = listen.text.rfind(':');
    std::string address = listen.text.substr(0, colon);
    if (address.starts_with('[')) address = address.substr(1, address.size() - 2);
    constexpr int port_most = 65'535;
    int const port = std::stoi(listen.text.substr(colon + 1));
    if (port > port_most)
      errors_.add(document_.error(listen.place, fmt::format("there is no port {}", port), "use 1..65535"));
    campaign_.webhooks = Webhooks{.address = std::move(address),
                                  .port = static_cast<std::uint16_t>(port),
                                  .public_url = node.find("public_url")->text,
                                  .tls = {}};
    // Only the machine that the run is on has these files: they are looked at when it begins.
    if (Node const* tls = node.find("tls"))
      campaign_.webhooks->tls =
          Webhooks::Tls{.certificate = path_in(*tls->find("certificate")), .key = path_in(*tls->find("key"))};
  }

  /// `vars`, and what the environment holds of `env`.
  std::vector<std::pair<std::string, std::string>> constants() {
    std::vector<std::pair<std::string, std::string>> constants;
    if (Node const* node = root_.find("vars"))
      for (Entry const& entry : node->entries) {
        if (entry.value.text.find("{{") != std::string::npos)
          errors_.add(document_.error(entry.value.place,
                                      "`vars` holds plain texts, without variables in them",
                                      "put the variable where the text is used"));
        constants.emplace_back("vars." + entry.key,
                               entry.value.kind == NodeKind::null ? std::string{} : entry.value.text);
      }
    if (Node const* node = root_.find("env"))
      for (Node const& name : node->items) {
        char const* const value = std::getenv(name.text.c_str());
        if (name.text.starts_with("EVOLINK_API_KEY"))
          errors_.add(document_.error(name.place, "the gateway's key does not belong into texts",
                                      "leave it out: callsheet reads it by itself"));
        else if (value == nullptr)
          errors_.add(document_.error(name.place,
                                      fmt::format("the environment variable `{}` is not set", name.text),
                                      "set it where callsheet runs, or leave it out of `env`"));
        else if (find_bad_text(value))
          errors_.add(document_.error(
              name.place, fmt::format("the environment variable `{}` is not UTF-8 text", name.text)));
        else
          constants.emplace_back("env." + name.text, value);
      }
    return constants;
  }

  std::map<std::string, Table> data() {
    std::map<std::string, Table> tables;
    Node const* node = root_.find("data");
    if (node == nullptr) return tables;
    for (Entry const& entry : node->entries) {
      // The schema lets through exactly one of the formats.
      Entry const& named = entry.value.entries.front();
      Node const& file = named.value;
      std::filesystem::path const beside = std::filesystem::path{document_.file_of(file.place)}.parent_path();
      Checked<Table> table =
          read_table(table_format(named.key), campaign_.resolve(file.text, file.place), beside / file.text);
      if (table) {
        table->file = file.place.file == 0 ? file.text : (beside / file.text).lexically_normal().string();
        tables.emplace(entry.key, *std::move(table));
        continue;
      }
      for (Error& error : table.error()) {
        // Errors inside the file name their own place; a file that cannot be read is the manifest's.
        if (error.where.line > 0)
          errors_.add(std::move(error));
        else
          errors_.add(document_.error(file.place, std::move(error.what), std::move(error.mend), error.code));
      }
    }
    return tables;
  }

  void outputs(Node const* node, Scope scope) {
    Node const* dir = node == nullptr ? nullptr : node->find("dir");
    Node const* file = node == nullptr ? nullptr : node->find("file");
    scope.task_name = true;
    Scope dir_scope;
    dir_scope.constants = scope.constants;
    campaign_.output_dir = campaign_.folder / "out" / campaign_.name;
    if (dir != nullptr) {
      Bindings bindings;
      bindings.campaign = campaign_.name;
      if (auto const text = Template::compile(document_, *dir, dir_scope, errors_))
        campaign_.output_dir = (campaign_.folder / text->render(bindings)).lexically_normal();
    }
    scope.take = true;
    Node standard;
    standard.kind = NodeKind::text;
    standard.text = "{{ task.name }}-{{ take }}.mp4";
    campaign_.output_file = Template::compile(document_, file == nullptr ? standard : *file, scope, errors_);
    if (!campaign_.output_file) return;
    std::set<std::uint32_t> axes;
    campaign_.output_file->collect_axes(axes);
    for (TaskTemplate& task : campaign_.tasks) {
      std::set<std::uint32_t> all{task.axes.begin(), task.axes.end()};
      all.insert(axes.begin(), axes.end());
      task.axes.assign(all.begin(), all.end());
    }
  }

  Campaign& campaign_;
  Document const& document_;
  Node const& root_;
  ErrorList& errors_;
};

Checked<Campaign> load_document(Checked<Document> document, std::filesystem::path const& path) {
  if (document) document = with_includes(*std::move(document), path);
  if (!document) return tl::unexpected{std::move(document.error())};
  ErrorList errors;
  auto const shared = std::make_shared<Document const>(*std::move(document));
  check_schema(*shared, errors);
  if (!errors.empty()) return tl::unexpected{errors.take()};
  Campaign campaign = decode(shared, path.parent_path(), errors);
  if (!errors.empty()) return tl::unexpected{errors.take()};
  return campaign;
}

}  // namespace

Campaign decode(std::shared_ptr<Document const> document, std::filesystem::path const& folder,
                ErrorList& errors) {
  Campaign campaign;
  campaign.document = std::move(document);
  campaign.shown_folder = folder;
  campaign.folder = std::filesystem::absolute(folder / ".").lexically_normal().parent_path();
  campaign.folders.push_back(campaign.folder);
  for (std::size_t i = 1; i < campaign.document->files(); ++i)
    campaign.folders.push_back(
        std::filesystem::absolute(campaign.document->file(i)).lexically_normal().parent_path());
  Decoder{campaign, errors}.run();
  return campaign;
}

Checked<Campaign> load(std::filesystem::path const& path) {
  return load_document(Document::read(path), path);
}

Checked<Campaign> load_text(std::filesystem::path const& path, std::string text) {
  return load_document(Document::parse(path.string(), std::move(text)), path);
}

}  // namespace callsheet::manifest
