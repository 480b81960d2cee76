#pragma once

#include "orchestrator/run/clip_files.hpp"
#include "tests/sim/weather.hpp"

#include <functional>
#include <map>
#include <string>

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

  Result<std::filesystem::path> partial_path(std::filesystem::path const& place) override {
    return std::filesystem::path{place.string() + ".part"};
  }
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
  Result<void> publish(std::filesystem::path const& partial, std::filesystem::path const& place) override {
    touched_("publish");
    if (dice_.chance(weather_.failed_downloads / 3))
      return fail(Code::file_system, "no space left on device");
    if (files.contains(place.string())) return fail(Code::busy, "there is a file");
    auto const found = files.find(partial.string());
    if (found == files.end()) return fail(Code::file_system, "no such file");
    files[place.string()] = found->second;
    files.erase(partial.string());
    touched_("published");
    return {};
  }
  bool stands(ledger::ClipRecord const& clip) override {
    auto const found = files.find(clip.path);
    return found != files.end() && found->second.content != foreign &&
           1000 + found->second.content.size() == clip.size_bytes && found->second.length == clip.length;
  }
  void discard(std::filesystem::path const& partial) override { files.erase(partial.string()); }
  Result<std::string> digest_of(std::filesystem::path const& file) override {
    return "digest of " + file.string();
  }

 private:
  Dice& dice_;
  Weather const& weather_;
  std::function<void(char const*)> touched_;
};

}  // namespace callsheet::sim
