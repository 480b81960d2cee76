#pragma once

#include "orchestrator/core/digest.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/gateway/input_file.hpp"
#include "orchestrator/run/blocking.hpp"
#include "orchestrator/run/clip_files.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callsheet::run {

/// A picture or video of the plan while it is sent: one piece of it is in memory, and its digest is taken of
/// the very bytes that leave. The last piece is withheld where they are not those the plan was made for.
class InputUpload final : public gateway::InputFile {
 public:
  /// Told how many bytes have left, piece by piece.
  using Progressed = std::function<void(std::uint64_t sent_bytes)>;

  /// `desk` outlives it; what blocks is done there.
  InputUpload(BlockingPool& desk, std::unique_ptr<InputReader> reader, MediaInput const& input,
              Progressed progressed);

  [[nodiscard]] std::string const& name() const override { return name_; }
  [[nodiscard]] std::uint64_t size_bytes() const override { return reader_->size_bytes(); }
  void rewind() override;
  [[nodiscard]] boost::asio::awaitable<Result<std::string_view>> next() override;

  [[nodiscard]] std::uint64_t sent_bytes() const { return sent_; }
  /// Why the file is not what was to be sent, where it is not: to send it again would not help.
  [[nodiscard]] std::optional<Error> const& fault() const { return fault_; }

 private:
  /// So many bytes of the next piece. Blocking.
  [[nodiscard]] Result<std::size_t> read_piece();

  BlockingPool& desk_;
  std::unique_ptr<InputReader> reader_;
  std::string location_;
  std::string digest_;  ///< by the plan
  std::string name_;
  Progressed progressed_;
  std::vector<char> piece_;
  std::uint64_t read_ = 0;  ///< bytes, from the beginning
  std::uint64_t sent_ = 0;  ///< of these, what has left for certain
  Sha256 hash_;             ///< of what was read
  std::optional<Error> fault_;
};

}  // namespace callsheet::run
