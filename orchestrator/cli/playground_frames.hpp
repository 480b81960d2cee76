#pragma once

#include "orchestrator/core/media_facts.hpp"
#include "orchestrator/core/output_file.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/web/playground_server.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace callsheet::cli {

/// Pictures that the playground's page has sent up, kept in a folder under names made from their content, so
/// that a manifest can refer to them for as long as people keep it. A page names them by id and never by
/// path.
class PlaygroundFrames {
 public:
  struct Kept {
    std::string id;
    ImageFacts facts;
  };

  /// `bytes_most`: of one picture. What is in the folder from before is known, too.
  PlaygroundFrames(std::filesystem::path folder, std::uint64_t bytes_most);
  ~PlaygroundFrames();  ///< what came up in part is thrown away
  PlaygroundFrames(PlaygroundFrames const&) = delete;
  PlaygroundFrames& operator=(PlaygroundFrames const&) = delete;

  /// Pieces come in order. With the last one the picture is looked at and kept; empty: there is more to come.
  /// Fails with Code::invalid_input when it is no picture or too large, usage, or file_system.
  [[nodiscard]] Result<std::optional<Kept>> take(web::FramePiece const& piece);

  [[nodiscard]] std::optional<web::Frame> find(std::string_view id) const;
  /// The file's name in the folder; of an id that is not known, one that is not there.
  [[nodiscard]] std::string file_name(std::string const& id) const;
  [[nodiscard]] std::filesystem::path const& folder() const { return folder_; }

 private:
  struct Upload {
    std::uint64_t number = 0;  ///< in the order in which they began
    std::uint64_t size = 0;
    std::uint64_t received = 0;
    OutputFile file;
  };
  [[nodiscard]] std::filesystem::path part_of(std::string const& upload) const;
  [[nodiscard]] Result<void> begin(std::string const& upload, std::uint64_t size);
  [[nodiscard]] Result<Kept> keep(std::string const& upload);
  void drop(std::string const& upload);

  std::filesystem::path folder_;
  std::uint64_t bytes_most_;
  std::uint64_t begun_ = 0;
  std::map<std::string, Upload, std::less<>> uploads_;
  std::map<std::string, ImageFormat, std::less<>> kept_;  ///< by id
};

}  // namespace callsheet::cli
