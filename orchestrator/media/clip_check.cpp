// Our own reader, and not a media library's: the check is part of every clip's way home, and FFmpeg's
// demuxers cost 65 microseconds a clip and 27 MiB of memory to tell the same six facts. Every length is
// checked before it is used; the fuzzer in tests/fuzz feeds it what it likes.

#include "orchestrator/media/clip_check.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace callsheet::media {

namespace {

using Bytes = std::span<unsigned char const>;

/// Clips of hours have a table of contents of some MiB.
constexpr std::uint64_t contents_bytes_most = 64u << 20;
constexpr int boxes_most = 100'000;
constexpr int depth_most = 8;

std::uint64_t number(Bytes bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | bytes[at + i];
  return value;
}

/// Where bytes come from: a file, or memory.
class Source {
 public:
  virtual ~Source() = default;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
  /// False: they could not be read.
  virtual bool read(std::uint64_t at, unsigned char* into, std::size_t count) const = 0;
};

class MemorySource final : public Source {
 public:
  explicit MemorySource(Bytes bytes) : bytes_{bytes} {}
  std::uint64_t size() const override { return bytes_.size(); }
  bool read(std::uint64_t at, unsigned char* into, std::size_t count) const override {
    if (at > bytes_.size() || count > bytes_.size() - at) return false;
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at), count, into);
    return true;
  }

 private:
  Bytes bytes_;
};

class FileSource final : public Source {
 public:
  explicit FileSource(Descriptor const& file) : file_{file} {
    struct stat facts {};
    if (::fstat(file.number(), &facts) == 0 && S_ISREG(facts.st_mode))
      size_ = static_cast<std::uint64_t>(facts.st_size);
  }

  std::uint64_t size() const override { return size_; }
  bool read(std::uint64_t at, unsigned char* into, std::size_t count) const override {
    if (count > window_.size()) return read_file(at, into, count) == count;
    bool const inside = at >= window_at_ && at - window_at_ + count <= window_size_;
    if (!inside) {
      window_size_ = read_file(at, window_.data(), window_.size());
      window_at_ = at;
    }
    if (window_size_ - (at - window_at_) < count) return false;
    std::copy_n(window_.begin() + static_cast<std::ptrdiff_t>(at - window_at_), count, into);
    return true;
  }

 private:
  /// How much there was, up to `count`.
  std::size_t read_file(std::uint64_t at, unsigned char* into, std::size_t count) const {
    std::size_t had = 0;
    while (had < count) {
      ssize_t const got = ::pread(file_.number(), into + had, count - had, static_cast<off_t>(at + had));
      if (got <= 0) break;
      had += static_cast<std::size_t>(got);
    }
    return had;
  }

  Descriptor const& file_;
  std::uint64_t size_ = 0;
  /// What was read last, a little further than was asked for: the boxes' heads lie close together.
  mutable std::array<unsigned char, 4096> window_{};
  mutable std::uint64_t window_at_ = 0;
  mutable std::size_t window_size_ = 0;
};

struct Box {
  std::string_view type;  ///< four bytes, of the header it was read from
  std::uint64_t header = 8;
  std::uint64_t size = 0;  ///< with its header
};

/// The box whose header begins at `head`, of which there are `left` bytes to its end. Empty: there is none
/// that fits.
std::optional<Box> read_box(Bytes head, std::uint64_t left) {
  if (head.size() < 8) return std::nullopt;
  Box box{.type = {reinterpret_cast<char const*>(head.data()) + 4, 4}, .size = number(head, 0, 4)};
  if (box.size == 1) {
    if (head.size() < 16) return std::nullopt;
    box.header = 16;
    box.size = number(head, 8, 8);
  } else if (box.size == 0) {
    box.size = left;  // up to the end
  }
  if (box.size < box.header || box.size > left) return std::nullopt;
  return box;
}

/// Calls `visit(type, content)` for each box in `bytes`; false when they do not fill it exactly.
template <class Visit>
bool for_each_box(Bytes bytes, Visit visit) {
  for (int count = 0; !bytes.empty(); ++count) {
    std::optional<Box> const box = read_box(bytes, bytes.size());
    if (!box || count == boxes_most) return false;
    visit(box->type, bytes.subspan(box->header, box->size - box->header));
    bytes = bytes.subspan(box->size);
  }
  return true;
}

/// A "full box" that tells a time scale and a duration: mvhd and mdhd have the same beginning.
std::optional<std::chrono::milliseconds> length_in(Bytes box) {
  if (box.size() < 4) return std::nullopt;
  bool const wide = box[0] == 1;
  std::size_t const at = wide ? 4 + 16 : 4 + 8;
  std::size_t const width = wide ? 8 : 4;
  if (box.size() < at + 4 + width) return std::nullopt;
  std::uint64_t const scale = number(box, at, 4);
  std::uint64_t const duration = number(box, at + 4, width);
  constexpr std::uint64_t longest = std::uint64_t{1} << 50;  // all ones stand for "not known"
  if (scale == 0 || duration == (wide ? UINT64_MAX : UINT32_MAX) || duration > longest) return std::nullopt;
  return std::chrono::milliseconds{static_cast<std::int64_t>((duration * 1000 + scale / 2) / scale)};
}

/// The samples an stts box counts; 0 when it makes no sense.
std::int64_t samples_in(Bytes box) {
  constexpr std::size_t entry_bytes = 8;  // how many, and how long each
  if (box.size() < 8) return 0;
  std::uint64_t const entries = number(box, 4, 4);
  if (entries > (box.size() - 8) / entry_bytes) return 0;
  std::uint64_t samples = 0;
  for (std::size_t i = 0; i < entries; ++i) samples += number(box, 8 + i * entry_bytes, 4);
  constexpr std::uint64_t samples_most = 1'000'000'000;  // more is no video, and cannot be reckoned with
  return samples > samples_most ? 0 : static_cast<std::int64_t>(samples);
}

struct Track {
  bool picture = false;
  bool sound = false;
  int width = 0;
  int height = 0;
  std::int64_t samples = 0;
  std::chrono::milliseconds length{0};
};

class Contents {
 public:
  explicit Contents(Bytes moov) { good_ = walk(moov, 0); }

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] std::vector<Track> const& tracks() const { return tracks_; }
  [[nodiscard]] std::chrono::milliseconds length() const { return length_; }

 private:
  bool walk(Bytes bytes, int depth) {
    if (depth > depth_most) return false;
    bool good = true;
    bool const whole = for_each_box(bytes, [&](std::string_view type, Bytes content) {
      if (type == "trak") tracks_.emplace_back();
      if (type == "trak" || type == "mdia" || type == "minf" || type == "stbl")
        good = walk(content, depth + 1) && good;
      if (type == "mvhd") length_ = length_in(content).value_or(length_);
      if (tracks_.empty()) return;
      if (type == "mdhd") tracks_.back().length = length_in(content).value_or(tracks_.back().length);
      if (type == "hdlr" && content.size() >= 12) {
        std::string_view const kind{reinterpret_cast<char const*>(content.data()) + 8, 4};
        // QuickTime has a second one, of the data, which says nothing of the kind.
        if (kind == "vide") tracks_.back().picture = true;
        if (kind == "soun") tracks_.back().sound = true;
      }
      if (type == "stsd") note_size(content);
      if (type == "stts") tracks_.back().samples = samples_in(content);
    });
    return whole && good;
  }

  /// The first sample entry of a picture track tells its size; in sound tracks these bytes mean something
  /// else.
  void note_size(Bytes content) {
    constexpr std::size_t entry = 8;  // version, flags, number of entries
    constexpr std::size_t width_at =
        entry + 8 + 24;  // after the entry's own header and what all entries share
    if (content.size() < width_at + 4) return;
    tracks_.back().width = static_cast<int>(number(content, width_at, 2));
    tracks_.back().height = static_cast<int>(number(content, width_at + 2, 2));
  }

  std::vector<Track> tracks_;
  std::chrono::milliseconds length_{0};
  bool good_ = false;
};

tl::unexpected<Error> bad_clip(std::string const& name, std::string_view why) {
  return fail(Code::bad_clip, fmt::format("{} is not a whole video: {}", name, why));
}

Result<ClipFacts> probe(Source const& source, std::string const& name) {
  ClipFacts facts{.size_bytes = source.size()};
  std::vector<unsigned char> moov;
  bool is_mp4 = false;
  bool has_media = false;
  std::uint64_t at = 0;
  for (int count = 0; at < source.size(); ++count) {
    unsigned char head[16] = {};
    std::uint64_t const left = source.size() - at;
    std::size_t const have = static_cast<std::size_t>(std::min<std::uint64_t>(left, sizeof head));
    if (count == boxes_most || !source.read(at, head, have)) return bad_clip(name, "it cannot be read");
    std::optional<Box> const box = read_box(Bytes{head, have}, left);
    if (!box) return bad_clip(name, is_mp4 ? "it ends too early" : "it is no MP4");
    if (box->type == "ftyp") is_mp4 = true;
    if (box->type == "mdat" && box->size > box->header) has_media = true;
    if (box->type == "moov" && moov.empty()) {
      std::uint64_t const size = box->size - box->header;
      if (size > contents_bytes_most) return bad_clip(name, "its table of contents is too large");
      moov.resize(static_cast<std::size_t>(size));
      if (!source.read(at + box->header, moov.data(), moov.size()))
        return bad_clip(name, "it cannot be read");
    }
    at += box->size;
  }
  if (!is_mp4) return bad_clip(name, source.size() == 0 ? "it is empty" : "it is no MP4");
  Contents const contents{moov};
  if (moov.empty() || !contents.good()) return bad_clip(name, "it has no table of contents");
  if (!has_media) return bad_clip(name, "it holds no picture or sound");
  Track const* picture = nullptr;
  facts.longest = contents.length();
  for (Track const& track : contents.tracks()) {
    facts.longest = std::max(facts.longest, track.length);
    if (track.picture && picture == nullptr) picture = &track;
    if (track.sound) facts.has_sound = true;
  }
  if (picture == nullptr) return bad_clip(name, "it has no picture track");
  if (picture->width <= 0 || picture->height <= 0) return bad_clip(name, "its picture has no size");
  facts.width = picture->width;
  facts.height = picture->height;
  facts.frames = picture->samples;
  facts.length = picture->length.count() > 0 ? picture->length : contents.length();
  return facts;
}

}  // namespace

Result<ClipFacts> probe_clip(Descriptor const& file, std::filesystem::path const& path) {
  return probe(FileSource{file}, fmt::format("'{}'", path.filename().string()));
}

Result<ClipFacts> probe_clip(std::span<unsigned char const> bytes) {
  return probe(MemorySource{bytes}, "the clip");
}

}  // namespace callsheet::media
