#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/core/time.hpp"
#include "tools/local_gateway/image_file.hpp"
#include "tools/local_gateway/video_file.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace callsheet::local_gateway {

/// One uploaded file. Its bytes stand in the state folder under its id, whatever its name is.
struct Upload {
  std::string id;
  std::string original_name;  ///< foreign text
  std::string file_name;      ///< made safe for a URL
  std::string folder;         ///< upload_path, made safe for a URL; never empty
  TimePoint uploaded_at;
  TimePoint expires_at;
  ImageFile image;
  std::optional<VideoFile> video;  ///< then there is no image
};

/// "image/png", "video/mp4", ...
[[nodiscard]] std::string_view mime_type_of(Upload const& upload);
[[nodiscard]] std::uint64_t size_of(Upload const& upload);

/// The files host (gateway-api.md section 9). The same name in the same folder replaces the file behind the
/// link; bytes of a replaced file stay, since a task may have been made for them.
class Uploads {
 public:
  /// Probes of videos leave what they have to say in `scratch` for the moment.
  Uploads(std::filesystem::path directory, std::filesystem::path scratch)
      : directory_{std::move(directory)}, scratch_{std::move(scratch)} {}

  struct Incoming {
    std::string name;    ///< may be empty
    std::string folder;  ///< may be empty
    std::string_view bytes;
  };
  /// Writes the bytes to disk; the upload counts only once add() is called. Blocking: a video is probed.
  /// Fails with Code::invalid_input (neither a picture of a known kind nor a video) or Code::file_system.
  [[nodiscard]] Result<Upload> store(Incoming const& incoming, TimePoint now, Duration life) const;
  void add(Upload upload);

  [[nodiscard]] Upload const* find(std::string_view id) const;
  /// By the path of its public link, "/files/FOLDER/NAME".
  [[nodiscard]] Upload const* find_by_link(std::string_view path) const;
  [[nodiscard]] std::filesystem::path file_of(std::string_view id) const { return directory_ / id; }
  [[nodiscard]] std::size_t count(TimePoint now) const;

 private:
  std::filesystem::path directory_;
  std::filesystem::path scratch_;
  mutable ChildProcesses probes_;
  std::map<std::string, Upload, std::less<>> by_id_;
  std::map<std::string, std::string, std::less<>> id_by_link_;
};

/// "/files/FOLDER/NAME": the path of the public link.
std::string link_path(Upload const& upload);

}  // namespace callsheet::local_gateway
