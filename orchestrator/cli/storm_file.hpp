#pragma once

#include "orchestrator/cli/exit_code.hpp"
#include "orchestrator/core/result.hpp"
#include "tools/local_gateway/local_gateway.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

#include <CLI/App.hpp>

namespace callsheet::cli {

/// The storm a file describes (schemas/storm.schema.json): what the local gateway does wrong on purpose.
/// Reads the file: blocking. Unknown keys are errors; each error stands at its place.
[[nodiscard]] Checked<local_gateway::Faults> load_storm(std::filesystem::path const& path);

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
