#include "tools/local_gateway/uploads.hpp"

#include "orchestrator/core/digest.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

namespace callsheet::local_gateway {

namespace {

constexpr std::size_t name_bytes_max = 120;

/// Letters, digits, '.', '_' and '-' pass; anything else becomes '-'. Never "", "." or "..".
std::string safe_name(std::string_view name) {
  std::string safe{name.substr(0, name_bytes_max)};
  std::replace_if(
      safe.begin(), safe.end(),
      [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                 c == '_');
      },
      '-');
  bool const dots = safe.find_first_not_of('.') == std::string::npos;
  return dots ? "file" + safe : safe;
}

std::string safe_folder(std::string_view folder) {
  std::string safe;
  while (!folder.empty()) {
    std::string_view const part = folder.substr(0, folder.find('/'));
    folder.remove_prefix(std::min(folder.size(), part.size() + 1));
    if (!part.empty()) safe += (safe.empty() ? "" : "/") + safe_name(part);
  }
  return safe.empty() ? "uploads" : safe;
}

}  // namespace

std::string link_path(Upload const& upload) {
  return fmt::format("/files/{}/{}", upload.folder, upload.file_name);
}

std::string_view mime_type_of(Upload const& upload) {
  return upload.video ? "video/mp4" : mime_type_of(upload.image.format);
}

std::uint64_t size_of(Upload const& upload) {
  return upload.video ? upload.video->bytes : upload.image.bytes;
}

Result<Upload> Uploads::store(Incoming const& incoming, TimePoint now, Duration life) const {
  std::optional<ImageFile> const image = identify_image(incoming.bytes);
  bool const is_video = !image && looks_like_video(incoming.bytes);
  if (!image && !is_video)
    return fail(Code::invalid_input, "only jpeg, png, gif and webp pictures and mp4 videos are accepted");
  Upload upload;
  upload.id = "file-" + random_hex(8);
  upload.original_name = incoming.name.empty() ? upload.id : incoming.name;
  upload.file_name = safe_name(upload.original_name);
  upload.folder = safe_folder(incoming.folder);
  upload.uploaded_at = now;
  upload.expires_at = now + life;
  if (image) upload.image = *image;
  std::filesystem::path const path = file_of(upload.id);
  std::ofstream file{path, std::ios::binary};
  file.write(incoming.bytes.data(), static_cast<std::streamsize>(incoming.bytes.size()));
  file.close();
  if (!file) return fail(Code::file_system, fmt::format("cannot write {}", path.string()));
  if (!is_video) return upload;
  Result<VideoFile> video = identify_video(path, scratch_, probes_);
  if (!video) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    return fail(video.error());
  }
  upload.video = *video;
  return upload;
}

void Uploads::add(Upload upload) {
  id_by_link_.insert_or_assign(link_path(upload), upload.id);
  std::string id = upload.id;
  by_id_.insert_or_assign(std::move(id), std::move(upload));
}

Upload const* Uploads::find(std::string_view id) const {
  auto const found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

Upload const* Uploads::find_by_link(std::string_view path) const {
  auto const found = id_by_link_.find(path);
  return found == id_by_link_.end() ? nullptr : find(found->second);
}

std::size_t Uploads::count(TimePoint now) const {
  return static_cast<std::size_t>(
      std::count_if(id_by_link_.begin(), id_by_link_.end(), [&](auto const& entry) {
        Upload const* const upload = find(entry.second);
        return upload != nullptr && upload->expires_at > now;
      }));
}

}  // namespace callsheet::local_gateway
