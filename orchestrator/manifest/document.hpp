#pragma once

#include "orchestrator/core/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// manifest/ turns a YAML file into a validated campaign and streams the tasks it stands for. It knows no
// models, prices, network or ledger.
namespace callsheet::manifest {

/// Where something stands in a document. Lines and columns (bytes) count from 1; line 0: the file as a whole.
struct Place {
  int line = 0;
  int column = 0;
  int width = 1;
  int file = 0;  ///< of the files a document was joined from, the first being its own
  friend bool operator==(Place const&, Place const&) = default;
};

enum class NodeKind { null, boolean, integer, number, text, list, map };

struct Entry;

/// A YAML value with its place. Plain scalars follow YAML 1.2's core types, so `on` and `off` are texts.
struct Node {
  NodeKind kind = NodeKind::null;
  std::string text;  ///< scalars: as written, quotes and escapes undone
  Place place;
  std::vector<Node> items;     ///< of a list
  std::vector<Entry> entries;  ///< of a map, in written order, keys unique

  /// The value under `key` of a map, or null.
  [[nodiscard]] Node const* find(std::string_view key) const;
};

struct Entry {
  std::string key;
  Place place;  ///< of the key
  Node value;
};

/// Foreign files are bounded, so that neither size nor nesting nor repeated aliases can exhaust memory.
struct DocumentLimits {
  std::size_t bytes_max = std::size_t{16} << 20;
  std::size_t expanded_bytes_max = std::size_t{64} << 20;  ///< scalars, after aliases
  std::size_t nodes_max = 1'000'000;                       ///< after aliases
  int depth_max = 64;
};

/// A parsed YAML file, or several joined to one: its tree and its text, so that errors can show the line they
/// are about. Immutable.
class Document {
 public:
  /// `file` is the name errors show. Errors: bad syntax, duplicate keys, beyond `limits`, not UTF-8.
  [[nodiscard]] static Checked<Document> parse(std::string file, std::string text,
                                               DocumentLimits limits = {});
  /// The same for a file on disk. Blocking.
  [[nodiscard]] static Checked<Document> read(std::filesystem::path const& path, DocumentLimits limits = {});

  /// Of several documents one, whose tree is `root`: its places name the files by their order in `parts`.
  [[nodiscard]] static Document join(std::vector<Document> const& parts, Node root);

  [[nodiscard]] Node const& root() const { return root_; }
  /// The names of its files as errors show them: one, unless it was joined.
  [[nodiscard]] std::size_t files() const { return sources_.size(); }
  [[nodiscard]] std::string const& file(std::size_t number = 0) const { return sources_[number].file; }
  [[nodiscard]] std::string const& file_of(Place place) const;
  /// The other way round; of a file that is none of its own, the document as a whole.
  [[nodiscard]] Place place_at(SourceLocation const& where) const;
  /// "line 5", with the file's name where `from` stands in another: "line 5 of common.yaml".
  [[nodiscard]] std::string line_in_words(Place place, Place from) const;

  /// An error about this document with its source line filled in.
  [[nodiscard]] Error error(Place place, std::string what, std::string mend = {},
                            Code code = Code::invalid_manifest) const;
  /// The place of the `n`-th (from 0) "{{" written at or after `start`; `start` when there are fewer.
  [[nodiscard]] Place place_of_braces(Place start, std::size_t n) const;

 private:
  struct Source {
    std::string file;
    std::string text;
    std::vector<std::size_t> line_starts;
  };
  std::vector<Source> sources_;  ///< at least one
  Node root_;

  friend class DocumentBuilder;
  [[nodiscard]] Source const& source_of(Place place) const;
};

}  // namespace callsheet::manifest
