#pragma once

#include "orchestrator/run/clip_files.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace callsheet::forecast {

/// A disk on which every clip fits and nothing else is: it keeps how long clips are, and no clips.
class ModelledFiles final : public run::ClipFiles {
 public:
  void downloaded(std::filesystem::path const& partial, std::chrono::milliseconds length) {
    lengths_[partial.string()] = length;
  }

  Result<void> make_folder(std::filesystem::path const& /*folder*/) override { return {}; }
  Result<ledger::ClipRecord> check(std::filesystem::path const& partial) override {
    auto const found = lengths_.find(partial.string());
    if (found == lengths_.end()) return fail(Code::bad_clip, "no clip was downloaded there");
    return ledger::ClipRecord{.path = {}, .size_bytes = 1, .length = found->second};
  }
  std::filesystem::path free_place(std::filesystem::path const& wanted) override { return wanted; }
  std::vector<Result<void>> publish(std::vector<run::Placing> const& placings) override {
    for (run::Placing const& placing : placings) lengths_.erase(placing.partial.string());
    return std::vector<Result<void>>(placings.size());
  }
  bool stands(ledger::ClipRecord const& /*clip*/) override { return false; }
  std::vector<std::string> differences(ledger::ClipRecord const& /*clip*/, Request const& /*request*/,
                                       Quality /*bought*/) override {
    return {};
  }
  void discard(std::filesystem::path const& partial) override { lengths_.erase(partial.string()); }
  Result<std::unique_ptr<run::InputReader>> open_input(std::filesystem::path const& /*file*/) override {
    return std::make_unique<Unread>();
  }

 private:
  /// The modelled gateway looks into no file.
  class Unread final : public run::InputReader {
   public:
    [[nodiscard]] std::uint64_t size_bytes() const override { return 1; }
    Result<std::size_t> read(std::uint64_t /*offset*/, std::span<char> /*into*/) override {
      return std::size_t{0};
    }
  };

  std::map<std::string, std::chrono::milliseconds> lengths_;
};

}  // namespace callsheet::forecast
