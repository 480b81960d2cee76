#include "orchestrator/cli/playground_frames.hpp"

#include "orchestrator/media/image_check.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// Of one page and its person; more are of a page that was left.
constexpr std::size_t uploads_most = 8;
constexpr std::size_t name_digits = 16;
constexpr std::uint64_t megabyte = 1'000'000;
constexpr char const* part_ending = ".part";
/// A picture comes up in seconds.
constexpr auto part_lives = std::chrono::hours{1};

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

/// A playground that was killed has left it; one that runs beside this one may be about to fill a later one.
bool is_left_behind(std::filesystem::path const& part) {
  std::error_code error;
  auto const written = std::filesystem::last_write_time(part, error);
  return !error && std::filesystem::file_time_type::clock::now() - written > part_lives;
}

Error cannot_keep(std::string const& why) {
  return {.code = Code::file_system, .what = fmt::format("cannot keep the picture: {}", why)};
}

}  // namespace

PlaygroundFrames::PlaygroundFrames(std::filesystem::path folder, std::uint64_t bytes_most)
    : folder_{std::move(folder)}, bytes_most_{bytes_most} {
  std::error_code ignored;
  for (auto const& entry : std::filesystem::directory_iterator{folder_, ignored}) {
    std::string const id = entry.path().stem().string();
    bool const in_part =
        entry.path().extension() == part_ending && id.starts_with('.') && is_name(id.substr(1));
    if (in_part && is_left_behind(entry.path())) std::filesystem::remove(entry.path(), ignored);
    for (ImageFormat const format : {ImageFormat::jpeg, ImageFormat::png, ImageFormat::webp})
      if (is_name(id) && entry.path().extension() == kind_of(format)->ending) kept_[id] = format;
  }
}

PlaygroundFrames::~PlaygroundFrames() {
  while (!uploads_.empty()) drop(std::string{uploads_.begin()->first});
}

std::filesystem::path PlaygroundFrames::part_of(std::string const& upload) const {
  return folder_ / ("." + upload + part_ending);
}

void PlaygroundFrames::drop(std::string const& upload) {
  std::error_code ignored;
  if (uploads_.erase(upload) > 0) std::filesystem::remove(part_of(upload), ignored);
}

Result<std::optional<PlaygroundFrames::Kept>> PlaygroundFrames::take(web::FramePiece const& piece) {
  std::string const upload{piece.upload};
  if (!is_name(upload)) return fail(Code::usage, "the page has sent what is no picture");
  if (piece.size > bytes_most_)
    return fail(Code::invalid_input,
                fmt::format("the picture has {} MB, and no model takes more than {} MB",
                            (piece.size + megabyte - 1) / megabyte, bytes_most_ / megabyte),
                "save it smaller");
  if (piece.offset == 0 && !uploads_.contains(upload))
    if (auto begun = begin(upload, piece.size); !begun) return fail(begun.error());
  auto const found = uploads_.find(upload);
  bool const fits =
      found != uploads_.end() && found->second.size == piece.size && found->second.received == piece.offset &&
      piece.bytes.size() <= piece.size - piece.offset && (!piece.bytes.empty() || piece.size == 0);
  if (!fits) {
    drop(upload);
    return fail(Code::usage, "the picture did not come up whole", "choose it again");
  }
  if (!found->second.file.write(piece.bytes)) {
    std::string const why = found->second.file.why();
    drop(upload);
    return fail(cannot_keep(why));
  }
  found->second.received += piece.bytes.size();
  if (found->second.received < piece.size) return std::optional<Kept>{};
  auto kept = keep(upload);
  drop(upload);
  if (!kept) return fail(kept.error());
  return std::optional{*std::move(kept)};
}

Result<void> PlaygroundFrames::begin(std::string const& upload, std::uint64_t size) {
  if (uploads_.size() == uploads_most) {
    auto const oldest = std::min_element(uploads_.begin(), uploads_.end(), [](auto const& a, auto const& b) {
      return a.second.number < b.second.number;
    });
    drop(std::string{oldest->first});
  }
  Upload& begun = uploads_[upload];
  begun.number = ++begun_;
  begun.size = size;
  if (begun.file.open(part_of(upload))) return {};
  std::string const why = begun.file.why();
  drop(upload);
  return fail(cannot_keep(why));
}

Result<PlaygroundFrames::Kept> PlaygroundFrames::keep(std::string const& upload) {
  std::filesystem::path const part = part_of(upload);
  OutputFile& file = uploads_.at(upload).file;
  if (!file.close()) return fail(cannot_keep(file.why()));
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
  if (error) return fail(cannot_keep(error.message()));
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
