#pragma once

#include "orchestrator/manifest/document.hpp"

#include <cstddef>
#include <filesystem>

namespace callsheet::manifest {

/// Shared files are bounded as manifests are.
struct IncludeLimits {
  std::size_t files_max = 32;  ///< the manifest counts
  int depth_max = 8;
  std::size_t bytes_max = std::size_t{16} << 20;          ///< of all that are included
  std::size_t expanded_bytes_max = std::size_t{8} << 20;  ///< of each, as are the nodes
  std::size_t nodes_max = 125'000;
};

/// `manifest` with what it includes, as one document; the same when it includes nothing, or when `include` is
/// of no shape that could be followed, which is for check_schema() to tell. Blocking. A file that is included
/// from several places is read once.
///
/// What is said in several files: a file wins over those that it includes, key by key one level down
/// (`budget.cap`, `presets.wide`); `tasks`, `thresholds` and `env` are put together, those of included files
/// first. When two files say different things of which neither includes the other, and no file that includes
/// both says it too, that is an error; so are files that include themselves.
[[nodiscard]] Checked<Document> with_includes(Document manifest, std::filesystem::path const& path,
                                              IncludeLimits limits = {});

}  // namespace callsheet::manifest
