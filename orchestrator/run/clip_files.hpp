#pragma once

#include "orchestrator/core/request.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/record.hpp"
#include "orchestrator/media/clip_look.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace callsheet::run {

/// A downloaded file and where it belongs.
struct Placing {
  std::filesystem::path partial;
  std::filesystem::path place;
};

/// A file that goes to the gateway, open. Blocking, one call at a time, on any thread.
class InputReader {
 public:
  virtual ~InputReader() = default;
  /// When it was opened.
  [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;
  /// The bytes from `offset` on, as many as there are and fit. Fails with Code::file_system.
  [[nodiscard]] virtual Result<std::size_t> read(std::uint64_t offset, std::span<char> into) = 0;
};

/// Where clips are kept. A file appears under its own name only when it is whole and on disk, and never
/// replaces another file: what was paid for once stays. All blocking, on any thread, for several clips at a
/// time.
class ClipFiles {
 public:
  virtual ~ClipFiles() = default;

  /// Fails with Code::file_system.
  [[nodiscard]] virtual Result<void> make_folder(std::filesystem::path const& folder) = 0;

  /// Looks at the downloaded file and makes its content durable; `path` of the record stays empty. Fails with
  /// Code::bad_clip or file_system.
  [[nodiscard]] virtual Result<ledger::ClipRecord> check(std::filesystem::path const& partial) = 0;
  /// `wanted` if nothing is there, else the first free "name~2.mp4", "name~3.mp4", …
  [[nodiscard]] virtual std::filesystem::path free_place(std::filesystem::path const& wanted) = 0;
  /// Gives files their names and makes that durable: one flush of a folder serves all that go there. One
  /// outcome each, in order: Code::busy when something stands there, else file_system.
  [[nodiscard]] virtual std::vector<Result<void>> publish(std::vector<Placing> const& placings) = 0;
  /// Whether the very clip of that record stands at its place.
  [[nodiscard]] virtual bool stands(ledger::ClipRecord const& clip) = 0;
  /// In what that clip, wherever it is now, is not what was ordered at that quality: one sentence each;
  /// empty: in nothing. Looks into it, which may take a second.
  [[nodiscard]] virtual std::vector<std::string> differences(ledger::ClipRecord const& clip,
                                                             Request const& request, Quality bought) = 0;
  virtual void discard(std::filesystem::path const& partial) = 0;

  /// Fails with Code::file_system.
  [[nodiscard]] virtual Result<std::unique_ptr<InputReader>> open_input(
      std::filesystem::path const& file) = 0;
};

/// The temporary file a clip is downloaded to, beside its final place: always the same for a place, so that
/// what a killed process left behind is overwritten.
[[nodiscard]] std::filesystem::path partial_of(std::filesystem::path const& place);

/// The disk. With Drawing::stills each clip's stills are drawn when it is looked at, and wait for
/// media::take_stills(): where they go is not its business, and no clip waits for that.
[[nodiscard]] ClipFiles& disk_files(media::Drawing drawing = media::Drawing::none);

/// Makes the folder that clips will be kept in, and writes and removes a file there: a folder that cannot be
/// written has to be known before a clip is paid for. Blocking. Fails with Code::file_system.
[[nodiscard]] Result<void> prepare_output(std::filesystem::path const& folder);

/// Whether the recorded file is in place, unchanged in size. Blocking.
[[nodiscard]] bool in_place(ledger::ClipRecord const& clip);

/// Brings a clip of an earlier run to `wanted` as a hard link, or a copy where links do not reach; gives the
/// record of the file in its new place. Does nothing when it is there already. Its stills come along, as far
/// as they are there and nothing is in their way. Blocking.
[[nodiscard]] Result<ledger::ClipRecord> link_clip(ledger::ClipRecord clip,
                                                   std::filesystem::path const& wanted);

}  // namespace callsheet::run
