#include "orchestrator/manifest/include.hpp"

#include "orchestrator/manifest/error_list.hpp"
#include "orchestrator/manifest/schema.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

namespace fs = std::filesystem;

/// By their order of reading; the manifest is 0.
using FileNumber = std::size_t;

struct IncludedFile {
  fs::path shown;
  fs::path real;                 ///< what tells whether it is the same file
  std::set<FileNumber> below{};  ///< what it includes, and what they include
};

void stamp(Node& node, int file) {
  node.place.file = file;
  for (Node& item : node.items) stamp(item, file);
  for (Entry& entry : node.entries) {
    entry.place.file = file;
    stamp(entry.value, file);
  }
}

bool say_the_same(Node const& a, Node const& b) {
  return a.kind == b.kind && a.text == b.text &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), say_the_same) &&
         std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(), b.entries.end(),
                    [](Entry const& one, Entry const& other) {
                      return one.key == other.key && say_the_same(one.value, other.value);
                    });
}

fs::path real_path(fs::path const& path) {
  std::error_code failure;
  fs::path real = fs::weakly_canonical(path, failure);
  return failure ? fs::absolute(path).lexically_normal() : real;
}

/// Reads the manifest's files, depth first.
class IncludeReader {
 public:
  IncludeReader(Document manifest, fs::path const& path, IncludeLimits const& limits)
      : limits_{limits}, bytes_left_{limits.bytes_max} {
    documents.push_back(std::move(manifest));
    files.push_back({.shown = path, .real = real_path(path)});
  }

  void read() {
    open_.push_back(0);
    follow(0);
  }

  std::vector<Document> documents;  ///< by number
  std::vector<IncludedFile> files;  ///< by number
  std::vector<FileNumber> order;    ///< every file behind those that it includes
  ErrorList errors;

 private:
  void follow(FileNumber number) {
    Node const* const include = documents[number].root().find("include");
    std::vector<Node> names;  // a copy: documents move while they are read
    if (include != nullptr && include->kind == NodeKind::list) names = include->items;
    if (include != nullptr && include->kind == NodeKind::text) names = {*include};
    for (Node const& name : names) {
      if (name.kind != NodeKind::text || name.text.empty()) continue;
      if (full_) return;
      if (auto const below = file_named(name, number)) {
        files[number].below.insert(*below);
        files[number].below.insert(files[*below].below.begin(), files[*below].below.end());
      }
    }
    order.push_back(number);
  }

  void complain(FileNumber number, Node const& name, std::string what, std::string mend = {},
                Code code = Code::invalid_manifest) {
    errors.add(documents[number].error(name.place, std::move(what), std::move(mend), code));
  }

  /// What is no manifest is not read, and what is wrong in it not shown: it may be a key or a password.
  static bool is_manifest(fs::path const& file) {
    std::error_code failure;
    auto const type = fs::status(file, failure).type();
    bool const readable = type == fs::file_type::regular || type == fs::file_type::not_found;
    return readable && (file.extension() == ".yaml" || file.extension() == ".yml");
  }

  std::optional<FileNumber> file_named(Node const& name, FileNumber by) {
    if (name.text.find("://") != std::string::npos || name.text.find("{{") != std::string::npos) {
      complain(by, name, fmt::format("`{}` cannot be included", name.text),
               "name a file, without variables: common.yaml, or ../shared/common.yaml");
      return std::nullopt;
    }
    fs::path const shown = (files[by].shown.parent_path() / name.text).lexically_normal();
    if (!is_manifest(shown)) {
      complain(by, name, fmt::format("`{}` is no YAML file", name.text),
               "name a file that ends in .yaml or .yml: common.yaml, or ../shared/common.yaml");
      return std::nullopt;
    }
    fs::path const real = real_path(shown);
    auto const known =
        std::find_if(files.begin(), files.end(), [&](IncludedFile const& one) { return one.real == real; });
    if (known == files.end()) return new_file(name, by, shown, real);
    auto const number = static_cast<FileNumber>(known - files.begin());
    auto const begun = std::find(open_.begin(), open_.end(), number);
    if (begun == open_.end()) return number;
    std::string path;
    for (auto at = begun; at != open_.end(); ++at) path += files[*at].shown.string() + ", ";
    complain(by, name,
             fmt::format("{} includes itself: {}{}", known->shown.string(), path, known->shown.string()),
             "leave one of these `include` out");
    return std::nullopt;
  }

  std::optional<FileNumber> new_file(Node const& name, FileNumber by, fs::path const& shown,
                                     fs::path const& real) {
    if (files.size() >= limits_.files_max || static_cast<int>(open_.size()) > limits_.depth_max) {
      full_ = files.size() >= limits_.files_max;
      complain(by, name,
               full_ ? fmt::format("more than {} files come together here", limits_.files_max)
                     : fmt::format("included deeper than {} files", limits_.depth_max),
               "put what is shared into fewer files", Code::too_large);
      return std::nullopt;
    }
    DocumentLimits const bounds{.bytes_max = bytes_left_,
                                .expanded_bytes_max = limits_.expanded_bytes_max,
                                .nodes_max = limits_.nodes_max};
    Checked<Document> document = Document::read(shown, bounds);
    if (!document) {
      // What is wrong in the file has its place there; a file that cannot be read is this one's mistake.
      for (Error& error : document.error())
        if (error.code == Code::too_large)
          complain(by, name,
                   fmt::format("the included files are larger than {} MiB together", limits_.bytes_max >> 20),
                   "move rows to a CSV file under `data`", error.code);
        else if (error.where.line > 0 || error.where.file == shown.string())
          errors.add(std::move(error));
        else
          complain(by, name, std::move(error.what), std::move(error.mend), error.code);
      return std::nullopt;
    }
    if (document->root().kind != NodeKind::map) {
      complain(by, name, fmt::format("`{}` holds no group of key: value lines", name.text),
               "an included file has what a manifest has: `presets:`, `defaults:`, `vars:`");
      return std::nullopt;
    }
    std::error_code failure;
    bytes_left_ -= std::min(bytes_left_, static_cast<std::size_t>(fs::file_size(shown, failure)));
    check_included_schema(*document, errors);
    FileNumber const number = files.size();
    files.push_back({.shown = shown, .real = real});
    documents.push_back(*std::move(document));
    open_.push_back(number);
    follow(number);
    open_.pop_back();
    return number;
  }

  IncludeLimits const& limits_;
  std::size_t bytes_left_;
  std::vector<FileNumber> open_;  ///< the manifest, what it includes, what that includes …
  bool full_ = false;
};

constexpr std::array<std::string_view, 3> gathered{"tasks", "thresholds", "env"};

/// Puts the trees together.
class IncludeMerger {
 public:
  IncludeMerger(std::vector<Document> const& documents, std::vector<IncludedFile> const& files,
                std::vector<FileNumber> const& order, ErrorList& errors)
      : documents_{documents}, files_{files}, errors_{errors} {
    for (FileNumber const number : order) {
      Node root = documents[number].root();
      stamp(root, static_cast<int>(number));
      roots_.push_back(std::move(root));
    }
  }

  Node merge() {
    Node out;
    out.kind = NodeKind::map;
    out.place = roots_.back().place;
    for (Sayings& sayings : by_key(pointers(roots_)))
      if (sayings.key != "include" || is_own(sayings.entries.back()->value))
        out.entries.push_back(section(sayings));
    return out;
  }

 private:
  /// What several files say under one key.
  struct Sayings {
    std::string key;
    std::vector<Entry const*> entries;
  };

  static std::vector<Node const*> pointers(std::vector<Node> const& nodes) {
    std::vector<Node const*> out;
    out.reserve(nodes.size());
    for (Node const& node : nodes) out.push_back(&node);
    return out;
  }

  static bool is_own(Node const& node) { return node.place.file == 0; }

  /// In the order in which keys come up.
  static std::vector<Sayings> by_key(std::vector<Node const*> const& maps) {
    std::vector<Sayings> out;
    std::map<std::string_view, std::size_t> at;
    for (Node const* const map : maps)
      for (Entry const& entry : map->entries) {
        auto const [found, fresh] = at.emplace(entry.key, out.size());
        if (fresh) out.push_back({.key = entry.key, .entries = {}});
        out[found->second].entries.push_back(&entry);
      }
    return out;
  }

  Entry section(Sayings const& sayings) {
    std::vector<Entry const*> const& entries = sayings.entries;
    if (entries.size() == 1 || sayings.key == "include") return *entries.back();
    NodeKind const kind = entries.back()->value.kind;
    bool const alike = std::all_of(entries.begin(), entries.end(),
                                   [&](Entry const* one) { return one->value.kind == kind; });
    // Included files are of the right shape: another one is the manifest's, and its schema tells.
    if (!alike) return *entries.back();
    Entry out{.key = sayings.key, .place = entries.back()->place, .value = {}};
    out.value.kind = kind;
    out.value.place = entries.back()->value.place;
    if (kind == NodeKind::map) {
      std::vector<Node const*> maps;
      maps.reserve(entries.size());
      for (Entry const* const one : entries) maps.push_back(&one->value);
      for (Sayings const& below : by_key(maps))
        out.value.entries.push_back(winner(below, sayings.key + "." + below.key));
    } else if (std::find(gathered.begin(), gathered.end(), sayings.key) != gathered.end() &&
               kind == NodeKind::list) {
      for (Entry const* const one : entries) gather(one->value.items, sayings.key, out.value.items);
    } else {
      return winner(sayings, sayings.key);
    }
    return out;
  }

  /// The same task twice is a mistake, the same threshold or variable is not.
  static void gather(std::vector<Node> const& items, std::string_view key, std::vector<Node>& out) {
    for (Node const& item : items)
      if (key == "tasks" ||
          std::none_of(out.begin(), out.end(), [&](Node const& one) { return say_the_same(one, item); }))
        out.push_back(item);
  }

  [[nodiscard]] bool includes(Entry const& above, Entry const& below) const {
    return files_[static_cast<std::size_t>(above.place.file)].below.contains(
        static_cast<FileNumber>(below.place.file));
  }

  Entry winner(Sayings const& sayings, std::string const& name) {
    std::vector<Entry const*> highest;
    for (Entry const* const one : sayings.entries)
      if (std::none_of(sayings.entries.begin(), sayings.entries.end(),
                       [&](Entry const* other) { return includes(*other, *one); }))
        highest.push_back(one);
    for (Entry const* const other : highest)
      if (!say_the_same(other->value, highest.front()->value))
        errors_.add(document_of(*other).error(
            unstamped(other->place),
            fmt::format("`{}` is something else in line {} of {}", name, highest.front()->place.line,
                        document_of(*highest.front()).file()),
            fmt::format("keep one of them, or say it in {}, which includes both and wins",
                        documents_.front().file())));
    return *highest.front();
  }

  [[nodiscard]] Document const& document_of(Entry const& entry) const {
    return documents_[static_cast<std::size_t>(entry.place.file)];
  }
  static Place unstamped(Place place) {
    place.file = 0;
    return place;
  }

  std::vector<Document> const& documents_;
  std::vector<IncludedFile> const& files_;
  std::vector<Node> roots_;  ///< every one behind those that it includes; the manifest's is the last
  ErrorList& errors_;
};

}  // namespace

Checked<Document> with_includes(Document manifest, fs::path const& path, IncludeLimits limits) {
  if (manifest.root().kind != NodeKind::map || manifest.root().find("include") == nullptr) return manifest;
  IncludeReader reader{std::move(manifest), path, limits};
  reader.read();
  if (!reader.errors.empty()) return tl::unexpected{reader.errors.take()};
  Node root = IncludeMerger{reader.documents, reader.files, reader.order, reader.errors}.merge();
  if (!reader.errors.empty()) return tl::unexpected{reader.errors.take()};
  return Document::join(reader.documents, std::move(root));
}

}  // namespace callsheet::manifest
