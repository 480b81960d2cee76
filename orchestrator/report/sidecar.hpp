#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/report/result_model.hpp"
#include "orchestrator/report/run_reader.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A sidecar stands beside a clip and tells where it comes from: what was asked for, who made it, what it
// cost, what it is to the byte. Everything in it is a fact of the ledger, so that it can be written again at
// any time, and be held against the ledger.
namespace callsheet::report {

/// "out/a.mp4" -> "out/a.mp4.json". No clip can have that name: clips end in .mp4.
[[nodiscard]] std::filesystem::path sidecar_of(std::filesystem::path const& clip);

/// The whole text, with a line end. Its last members are the version of the program that wrote it and the
/// digest of all that stands before the digest. The clip has a file. Pure.
[[nodiscard]] std::string sidecar_text(RunHead const& head, ClipLine const& clip);

/// What a sidecar says of itself and of the clip beside it.
struct SidecarFacts {
  std::string run;
  TaskIdentity identity;
  std::string file;      ///< the clip's name, without folders
  ContentDigest sha256;  ///< of the clip; empty: not known when it was recorded
  std::uint64_t size_bytes = 0;
  std::string made;  ///< when the clip came to its place, RFC 3339 in UTC; empty: not known
};
/// Empty when the text is no sidecar, or not to the byte what was written: its own digest tells.
[[nodiscard]] std::optional<SidecarFacts> read_sidecar(std::string_view text);

/// Whether nothing of somebody else's is lost when the file is replaced: it is a sidecar, whole or not, or
/// what a crash left of one.
[[nodiscard]] bool is_sidecar(std::string_view text);

/// Whether two whole sidecars are the same to the byte; that different versions of the program wrote them is
/// no difference.
[[nodiscard]] bool same_facts(std::string_view sidecar, std::string_view expected);
/// Facts in which they differ, as JSON pointers ("/price/billed/units"). None, and still not the same: they
/// are only written differently, or a member stands in one of them twice.
[[nodiscard]] std::vector<std::string> differences(std::string_view sidecar, std::string_view expected);

/// Sidecars as the ledger has them. Blocking.
class Sidecars {
 public:
  /// `ledger` outlives it.
  Sidecars(ledger::Ledger& ledger, std::string program_version)
      : ledger_{&ledger}, program_version_{std::move(program_version)} {}

  /// For a clip in place. A reused one tells of the run that made it, where that can still be read. Fails
  /// with Code::ledger_unavailable.
  [[nodiscard]] Result<std::string> of(RunHead const& head, ClipLine const& clip);
  /// Whether the ledger has the run, and can read it.
  [[nodiscard]] bool knows(RunId const& run) { return reader_of(run) != nullptr; }
  /// For the clip with that identity of that run, as it stands under the name `file`; empty when the ledger
  /// does not know of such a clip.
  [[nodiscard]] Result<std::optional<std::string>> of(RunId const& run, TaskIdentity const& identity,
                                                      std::string const& file);

 private:
  [[nodiscard]] RunReader* reader_of(RunId const& run);

  ledger::Ledger* ledger_;
  std::string program_version_;
  std::map<RunId, std::optional<RunReader>> readers_;
};

}  // namespace callsheet::report
