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
  /// `digests`: of the local pictures, by their path; outlives the object.
  explicit ModelledFiles(std::map<std::string, std::string> const& digests) : digests_{digests} {}

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
  Result<Input> read_input(std::filesystem::path const& file) override {
    auto const found = digests_.find(file.string());
    if (found == digests_.end()) return fail(Code::file_system, "no such file in the plan");
    return Input{.bytes = {}, .digest = found->second};
  }

 private:
  std::map<std::string, std::string> const& digests_;
  std::map<std::string, std::chrono::milliseconds> lengths_;
};

}  // namespace callsheet::forecast
