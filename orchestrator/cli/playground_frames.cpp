#include "orchestrator/cli/playground_frames.hpp"

#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/media/image_check.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace callsheet::cli {

namespace {

/// Of one page and its person; more are of a page that was left.
constexpr std::size_t uploads_most = 8;
constexpr std::size_t name_digits = 16;
constexpr std::uint64_t megabyte = 1'000'000;

bool is_name(std::string_view text) {
  return text.size() == name_digits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

struct Kind {
  char const* ending;
  char const* type;
};
std::optional<Kind> kind_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
      return Kind{".jpg", "image/jpeg"};
    case ImageFormat::png:
      return Kind{".png", "image/png"};
    case ImageFormat::webp:
      return Kind{".webp", "image/webp"};
    case ImageFormat::other:
      return std::nullopt;
  }
  return std::nullopt;
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t const count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return false;
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

PlaygroundFrames::PlaygroundFrames(std::filesystem::path folder, std::uint64_t bytes_most)
    : folder_{std::move(folder)}, bytes_most_{bytes_most} {
  std::error_code ignored;
  for (auto const& entry : std::filesystem::directory_iterator{folder_, ignored}) {
    std::string const id = entry.path().stem().string();
    for (ImageFormat const format : {ImageFormat::jpeg, ImageFormat::png, ImageFormat::webp})
      if (is_name(id) && entry.path().extension() == kind_of(format)->ending) kept_[id] = format;
  }
}

PlaygroundFrames::~PlaygroundFrames() {
  while (!uploads_.empty()) drop(std::string{uploads_.begin()->first});
}

std::filesystem::path PlaygroundFrames::part_of(std::string const& upload) const {
  return folder_ / ("." + upload + ".part");
}

void PlaygroundFrames::drop(std::string const& upload) {
  std::error_code ignored;
  std::filesystem::remove(part_of(upload), ignored);
  uploads_.erase(upload);
}

Result<std::optional<PlaygroundFrames::Kept>> PlaygroundFrames::take(web::FramePiece const& piece) {
  std::string const upload{piece.upload};
  if (!is_name(upload)) return fail(Code::usage, "the page has sent what is no picture");
  if (piece.size > bytes_most_)
    return fail(Code::invalid_input,
                fmt::format("the picture has {} MB, and no model takes more than {} MB",
                            (piece.size + megabyte - 1) / megabyte, bytes_most_ / megabyte),
                "save it smaller");
  if (piece.offset == 0 && !uploads_.contains(upload)) {
    if (uploads_.size() == uploads_most) drop(std::string{uploads_.begin()->first});
    uploads_[upload].size = piece.size;
  }
  auto const found = uploads_.find(upload);
  bool const fits =
      found != uploads_.end() && found->second.size == piece.size && found->second.received == piece.offset &&
      piece.bytes.size() <= piece.size - piece.offset && (!piece.bytes.empty() || piece.size == 0);
  if (!fits) {
    drop(upload);
    return fail(Code::usage, "the picture did not come up whole", "choose it again");
  }
  if (auto const written = append(upload, piece.bytes, piece.offset); !written) {
    drop(upload);
    return fail(written.error());
  }
  found->second.received += piece.bytes.size();
  if (found->second.received < piece.size) return std::optional<Kept>{};
  auto kept = keep(upload);
  drop(upload);
  if (!kept) return fail(kept.error());
  return std::optional{*std::move(kept)};
}

Result<void> PlaygroundFrames::append(std::string const& upload, std::string_view bytes,
                                      std::uint64_t offset) {
  int const how = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (offset == 0 ? O_TRUNC : 0);
  Descriptor file{::open(part_of(upload).c_str(), how, 0644)};
  if (!file || !write_all(file.number(), bytes) || !file.close())
    return fail(Code::file_system, fmt::format("cannot keep the picture: {}", std::strerror(errno)));
  return {};
}

Result<PlaygroundFrames::Kept> PlaygroundFrames::keep(std::string const& upload) {
  std::filesystem::path const part = part_of(upload);
  auto facts = media::probe_image(part.string());
  // Its name here is none that the person knows.
  if (!facts && facts.error().code == Code::invalid_input)
    return fail(Code::invalid_input, "the picture is damaged", facts.error().mend);
  if (!facts) return fail(facts.error());
  auto const kind = kind_of(facts->format);
  if (!kind)
    return fail(Code::invalid_input, "this is no picture that a model takes", "choose a JPEG, PNG or WebP");
  Kept kept{.id = facts->digest.str().substr(0, name_digits), .facts = *std::move(facts)};
  std::error_code error;
  std::filesystem::rename(part, folder_ / (kept.id + kind->ending), error);
  if (error) return fail(Code::file_system, fmt::format("cannot keep the picture: {}", error.message()));
  kept_[kept.id] = kept.facts.format;
  return kept;
}

std::optional<web::Frame> PlaygroundFrames::find(std::string_view id) const {
  auto const found = kept_.find(id);
  if (found == kept_.end()) return std::nullopt;
  auto const kind = kind_of(found->second);
  if (!kind) return std::nullopt;
  return web::Frame{.file = folder_ / (found->first + kind->ending), .type = kind->type};
}

std::string PlaygroundFrames::file_name(std::string const& id) const {
  auto const frame = find(id);
  return frame ? frame->file.filename().string() : "missing.png";
}

}  // namespace callsheet::cli
