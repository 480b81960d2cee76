#pragma once

#include "orchestrator/cli/exit_code.hpp"
#include "orchestrator/core/result.hpp"
#include "tools/local_gateway/local_gateway.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace callsheet::cli {

/// What the local gateway does wrong on purpose, under a name.
struct Storm {
  std::string name;
  local_gateway::Faults faults;
};

/// The storm a file describes (schemas/storm.schema.json). Reads the file: blocking. Unknown keys are errors;
/// each error stands at its place.
[[nodiscard]] Checked<Storm> load_storm(std::filesystem::path const& path);
/// The storms of manifests/storms, as they were when the program was built.
[[nodiscard]] Checked<std::vector<Storm>> built_in_storms();

/// Which storm: flags that several commands share.
struct StormFlags {
  std::filesystem::path file;  ///< empty: none
  std::optional<std::uint64_t> seed;
  /// The option that names the file, for what it needs beside it.
  CLI::Option* add_to(CLI::App& command);
};

/// No faults where no file is named. Shows every error; the exit code says why.
[[nodiscard]] tl::expected<local_gateway::Faults, ExitCode> read_storm(StormFlags const& flags);

}  // namespace callsheet::cli
