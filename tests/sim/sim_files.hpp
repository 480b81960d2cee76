#pragma once

#include "orchestrator/run/clip_files.hpp"
#include "tests/sim/weather.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace callsheet::sim {

/// A disk for clips: outlives processes. A file's content is the id of the gateway's task it is the clip of.
class SimFiles final : public run::ClipFiles {
 public:
  struct File {
    std::string content;
    std::chrono::milliseconds length{0};
  };
  static constexpr char const* foreign = "somebody else's";

  SimFiles(Dice& dice, Weather const& weather, std::function<void(char const*)> touched)
      : dice_{dice}, weather_{weather}, touched_{std::move(touched)} {}

  std::map<std::string, File> files;

  /// What the gateway's download does.
  void write(std::filesystem::path const& path, File file) { files[path.string()] = std::move(file); }

  Result<void> make_folder(std::filesystem::path const& /*folder*/) override { return {}; }
  Result<ledger::ClipRecord> check(std::filesystem::path const& partial) override {
    touched_("check");
    auto const found = files.find(partial.string());
    if (found == files.end()) return fail(Code::bad_clip, "no file");
    return ledger::ClipRecord{.path = {},
                              .size_bytes = 1000 + found->second.content.size(),
                              .width = 16,
                              .height = 9,
                              .length = found->second.length};
  }
  std::filesystem::path free_place(std::filesystem::path const& wanted) override {
    std::string place = wanted.string();
    for (int n = 2; files.contains(place); ++n) place = wanted.string() + "~" + std::to_string(n);
    return place;
  }
  std::vector<Result<void>> publish(std::vector<run::Placing> const& placings) override {
    std::vector<Result<void>> outcomes;
    for (run::Placing const& placing : placings) outcomes.push_back(publish(placing));
    return outcomes;
  }
  bool stands(ledger::ClipRecord const& clip) override {
    auto const found = files.find(clip.path);
    return found != files.end() && found->second.content != foreign &&
           1000 + found->second.content.size() == clip.size_bytes && found->second.length == clip.length;
  }
  std::vector<std::string> differences(ledger::ClipRecord const& /*clip*/, Request const& /*request*/,
                                       Quality /*bought*/) override {
    touched_("look");
    return dice_.chance(weather_.wrong_clips) ? std::vector<std::string>{"it is black throughout"}
                                              : std::vector<std::string>{};
  }
  void discard(std::filesystem::path const& partial) override { files.erase(partial.string()); }
  Result<std::unique_ptr<run::InputReader>> open_input(std::filesystem::path const& file) override {
    return std::make_unique<Named>(file.string());
  }

 private:
  Result<void> publish(run::Placing const& placing) {
    touched_("publish");
    if (dice_.chance(weather_.failed_downloads / 3))
      return fail(Code::file_system, "no space left on device");
    if (files.contains(placing.place.string())) return fail(Code::busy, "there is a file");
    auto const found = files.find(placing.partial.string());
    if (found == files.end()) return fail(Code::file_system, "no such file");
    files[placing.place.string()] = found->second;
    files.erase(placing.partial.string());
    touched_("published");
    return {};
  }

  /// An input, whose content is its own path.
  class Named final : public run::InputReader {
   public:
    explicit Named(std::string content) : content_{std::move(content)} {}
    [[nodiscard]] std::uint64_t size_bytes() const override { return content_.size(); }
    Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
      return std::string_view{content_}.substr(offset).copy(into.data(), into.size());
    }

   private:
    std::string content_;
  };

  Dice& dice_;
  Weather const& weather_;
  std::function<void(char const*)> touched_;
};

}  // namespace callsheet::sim
