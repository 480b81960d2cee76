#include "orchestrator/manifest/document.hpp"

#include "orchestrator/manifest/scalar_kind.hpp"
#include "orchestrator/manifest/syntax_advice.hpp"
#include "orchestrator/manifest/text_file.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace callsheet::manifest {

namespace {

constexpr std::size_t shown_width_max = 60;
constexpr std::string_view text_tag = "tag:yaml.org,2002:str";
constexpr std::string_view quoted_tag = "!";

/// Thrown through yaml-cpp to end parsing at the first thing that makes the rest meaningless.
struct Stop {
  Error error;
};

/// yaml-cpp counts from 0: this is the one place that knows.
Place place_of(YAML::Mark const& mark) {
  return {.line = mark.line + 1, .column = mark.column + 1, .width = 1};
}

std::size_t weight_nodes(Node const& node) {
  std::size_t sum = 1;
  for (Node const& item : node.items) sum += weight_nodes(item);
  for (Entry const& entry : node.entries) sum += weight_nodes(entry.value);
  return sum;
}

std::size_t weight_bytes(Node const& node) {
  std::size_t sum = node.text.size();
  for (Node const& item : node.items) sum += weight_bytes(item);
  for (Entry const& entry : node.entries) sum += entry.key.size() + weight_bytes(entry.value);
  return sum;
}

/// Whether the quoted scalar that begins at `at` (perhaps behind an anchor or tag) is closed: yaml-cpp lets
/// an open quote swallow the rest of the file in silence.
bool quote_is_closed(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == '&' || text[at] == '!')) {
    at = std::min(text.find_first_of(" \t\n", at), text.size());
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
  }
  if (at >= text.size() || (text[at] != '"' && text[at] != '\'')) return true;
  char const quote = text[at++];
  for (; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 >= text.size() || text[at + 1] != '\'') return true;
      ++at;
    }
  }
  return false;
}

}  // namespace

/// Turns yaml-cpp's events into the tree of one document; aliases are copied in, under the limits.
class DocumentBuilder final : public YAML::EventHandler {
 public:
  DocumentBuilder(Document& document, DocumentLimits limits) : document_{document}, limits_{limits} {}

  void OnDocumentStart(YAML::Mark const& mark) override {
    if (++documents_ > 1)
      stop(place_of(mark), "a second YAML document starts here",
           "one manifest per file: remove the `---` line");
  }
  void OnDocumentEnd() override {}
  void OnNull(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = pending_key_ ? pending_key_->place : place_of(mark);
    add(std::move(node), anchor);
  }
  void OnAlias(YAML::Mark const& mark, YAML::anchor_t anchor) override {
    auto const found = anchors_.find(anchor);
    if (found == anchors_.end()) stop(place_of(mark), "this alias refers to the value it stands in");
    spend(found->second.nodes, found->second.bytes, place_of(mark));
    // The depth below an alias is bounded by its own anchor's, so only the sum needs a look.
    if (static_cast<int>(open_.size()) + found->second.depth > limits_.depth_max) too_deep(place_of(mark));
    place_value(Node{found->second.node});
  }
  void OnScalar(YAML::Mark const& mark, std::string const& tag, YAML::anchor_t anchor,
                std::string const& value) override {
    Place place = place_of(mark);
    if (tag == quoted_tag &&
        !quote_is_closed(document_.sources_.front().text, static_cast<std::size_t>(mark.pos)))
      stop(place, "this quote is never closed", "put the same quote at the end of the text");
    place.width = width_of(value, tag == quoted_tag);
    if (expects_key()) return take_key(value, place);
    Node node;
    node.kind = tag == quoted_tag || tag == text_tag ? NodeKind::text : kind_of_plain_scalar(value);
    node.text = value;
    node.place = place;
    add(std::move(node), anchor);
  }
  void OnSequenceStart(YAML::Mark const& mark, std::string const&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(NodeKind::list, place_of(mark), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(YAML::Mark const& mark, std::string const&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(NodeKind::map, place_of(mark), anchor);
  }
  void OnMapEnd() override { close(); }

  Node root;
  std::vector<Error> errors;

 private:
  struct Anchored {
    Node node;
    std::size_t nodes;
    std::size_t bytes;
    int depth;
  };
  struct Open {
    Node node;
    YAML::anchor_t anchor;
    std::optional<Entry> entry;           // a map's key that waits for its value
    std::map<std::string, Place> seen{};  // a map's keys
    int depth_below = 0;
  };

  [[noreturn]] void stop(Place place, std::string what, std::string mend = {}) const {
    throw Stop{document_.error(place, std::move(what), std::move(mend))};
  }
  [[noreturn]] void too_deep(Place place) const {
    stop(place, fmt::format("nested deeper than {} levels", limits_.depth_max));
  }

  static int width_of(std::string const& value, bool quoted) {
    std::size_t const first_line = std::min(value.find('\n'), value.size());
    auto const bytes = std::min<std::size_t>(first_line, shown_width_max);
    auto const shown = std::count_if(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(bytes),
                                     [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    return std::max(1, static_cast<int>(shown) + (quoted && first_line == value.size() ? 2 : 0));
  }

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node.kind == NodeKind::map && !open_.back().entry;
  }

  void take_key(std::string const& key, Place place) {
    spend(0, key.size(), place);
    Open& map = open_.back();
    auto const [earlier, fresh] = map.seen.emplace(key, place);
    if (!fresh)
      errors.push_back(
          document_.error(place, fmt::format("`{}` is given twice", key),
                          fmt::format("the first one is in line {}: keep one", earlier->second.line)));
    map.entry = Entry{.key = key, .place = place, .value = {}};
    pending_key_ = &*map.entry;
  }

  void open(NodeKind kind, Place place, YAML::anchor_t anchor) {
    if (expects_key())
      stop(open_.back().node.place,
           "a value that begins with `{{` must stand in quotes, or YAML takes it for a map",
           R"(write "{{ ... }}" with the quotes)");
    if (static_cast<int>(open_.size()) >= limits_.depth_max) too_deep(place);
    spend(1, 0, place);
    Node node;
    node.kind = kind;
    node.place = place;
    open_.push_back(Open{.node = std::move(node), .anchor = anchor, .entry = {}});
    pending_key_ = nullptr;
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    int const depth = done.depth_below + 1;
    remember(done.anchor, done.node, depth);
    if (!open_.empty()) open_.back().depth_below = std::max(open_.back().depth_below, depth);
    place_value(std::move(done.node));
  }

  void add(Node node, YAML::anchor_t anchor) {
    spend(1, node.text.size(), node.place);
    if (expects_key()) return take_key(node.text, node.place);
    remember(anchor, node, 0);
    place_value(std::move(node));
  }

  void remember(YAML::anchor_t anchor, Node const& node, int depth) {
    if (anchor == YAML::NullAnchor) return;
    std::size_t const nodes = weight_nodes(node);
    std::size_t const bytes = weight_bytes(node);
    spend(nodes, bytes, node.place);  // the kept copy counts as well
    anchors_.insert_or_assign(anchor, Anchored{node, nodes, bytes, depth});
  }

  void place_value(Node node) {
    pending_key_ = nullptr;
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == NodeKind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.entry) {
      stop(node.place, "a key must be a text", "write the key itself instead of an alias");
    } else {
      parent.entry->value = std::move(node);
      if (parent.seen.size() > parent.node.entries.size())
        parent.node.entries.push_back(*std::move(parent.entry));
      parent.entry.reset();
    }
  }

  void spend(std::size_t nodes, std::size_t bytes, Place place) {
    nodes_ += nodes;
    bytes_ += bytes;
    if (nodes_ > limits_.nodes_max || bytes_ > limits_.expanded_bytes_max)
      stop(
          place, "the manifest grows too large here once its aliases are filled in",
          fmt::format("at most {} values and {} MiB: use a matrix or a data file instead of repeated aliases",
                      limits_.nodes_max, limits_.expanded_bytes_max >> 20));
  }

  Document& document_;
  DocumentLimits limits_;
  int documents_ = 0;
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
  std::vector<Open> open_;
  Entry const* pending_key_ = nullptr;
  std::map<YAML::anchor_t, Anchored> anchors_;
};

Node const* Node::find(std::string_view key) const {
  auto const found =
      std::find_if(entries.begin(), entries.end(), [&](Entry const& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

Checked<Document> Document::parse(std::string file, std::string text, DocumentLimits limits) {
  Document document;
  Source& source = document.sources_.emplace_back();
  source.file = std::move(file);
  if (text.size() > limits.bytes_max)
    return tl::unexpected{std::vector{
        document.error({}, fmt::format("the file is larger than {} MiB", limits.bytes_max >> 20),
                       "split the campaign, or move its rows to a CSV file under `data`", Code::too_large)}};
  source.text = std::move(text);
  source.line_starts = line_starts_of(source.text);
  if (auto const bad = find_bad_text(source.text)) {
    Error error = document.error({bad->line, bad->column, 1}, bad->what, bad->mend);
    error.source_line.clear();  // it cannot be shown
    return tl::unexpected{std::vector{std::move(error)}};
  }

  DocumentBuilder builder{document, limits};
  try {
    std::istringstream stream{source.text};
    YAML::Parser parser{stream};
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (Stop& stopped) {
    builder.errors.push_back(std::move(stopped.error));
  } catch (YAML::DeepRecursion const& deep) {
    builder.errors.push_back(
        document.error(place_of(deep.mark), fmt::format("nested deeper than {} levels", limits.depth_max)));
  } catch (YAML::Exception const& bad) {
    Place const place = place_of(bad.mark);
    Advice const advice =
        advice_on_syntax({source.text, source.line_starts, place.line, place.column}, bad.msg);
    builder.errors.push_back(document.error({advice.line, advice.column, 1}, advice.what, advice.mend));
  }
  if (!builder.errors.empty()) return tl::unexpected{std::move(builder.errors)};
  document.root_ = std::move(builder.root);
  return document;
}

Checked<Document> Document::read(std::filesystem::path const& path, DocumentLimits limits) {
  Result<std::string> text = read_text_file(path, path, limits.bytes_max);
  if (!text) return tl::unexpected{std::vector{std::move(text.error())}};
  return parse(path.string(), *std::move(text), limits);
}

Document Document::join(std::vector<Document> const& parts, Node root) {
  Document document;
  for (Document const& part : parts) document.sources_.push_back(part.sources_.front());
  document.root_ = std::move(root);
  return document;
}

Document::Source const& Document::source_of(Place place) const {
  return sources_[static_cast<std::size_t>(place.file)];
}

std::string const& Document::file_of(Place place) const {
  return source_of(place).file;
}

Place Document::place_at(SourceLocation const& where) const {
  for (std::size_t i = 0; i < sources_.size(); ++i)
    if (sources_[i].file == where.file)
      return {.line = where.line, .column = where.column, .file = static_cast<int>(i)};
  return {};
}

std::string Document::line_in_words(Place place, Place from) const {
  return place.file == from.file ? fmt::format("line {}", place.line)
                                 : fmt::format("line {} of {}", place.line, file_of(place));
}

Error Document::error(Place place, std::string what, std::string mend, Code code) const {
  Source const& source = source_of(place);
  return Error{.code = code,
               .what = std::move(what),
               .mend = std::move(mend),
               .where = {source.file, place.line, place.column},
               .source_line = std::string{line_of(source.text, source.line_starts, place.line)},
               .width = place.width};
}

Place Document::place_of_braces(Place start, std::size_t n) const {
  auto const& [file, text, line_starts] = source_of(start);
  if (start.line < 1 || static_cast<std::size_t>(start.line) > line_starts.size()) return start;
  std::size_t at =
      line_starts[static_cast<std::size_t>(start.line - 1)] + static_cast<std::size_t>(start.column - 1);
  for (std::size_t seen = 0;; ++seen, at += 2) {
    at = text.find("{{", at);
    if (at == std::string::npos) return start;
    if (seen == n) break;
  }
  auto const next = std::upper_bound(line_starts.begin(), line_starts.end(), at);
  auto const line_number = static_cast<int>(next - line_starts.begin());
  std::size_t const close = text.find("}}", at);
  std::string_view const shown = line_of(text, line_starts, line_number);
  auto const column = static_cast<int>(at - *std::prev(next)) + 1;
  auto const rest = static_cast<int>(shown.size()) - column + 1;
  int const width = close == std::string::npos ? 2 : static_cast<int>(close + 2 - at);
  return {.line = line_number,
          .column = column,
          .width = std::clamp(width, 1, std::max(1, rest)),
          .file = start.file};
}

}  // namespace callsheet::manifest
