#include "tools/local_gateway/animatic.hpp"

#include "orchestrator/core/digest.hpp"
#include "tools/local_gateway/backdrop.hpp"
#include "tools/local_gateway/filter_graph.hpp"
#include "tools/local_gateway/prompt_words.hpp"

#include <fstream>

#include <fmt/format.h>

namespace callsheet::local_gateway {

namespace {

/// A folder for one render, gone with it.
class Scratch {
 public:
  explicit Scratch(std::filesystem::path const& below) : path_{below / ("render-" + random_hex(8))} {
    std::filesystem::create_directories(path_, error_);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(Scratch const&) = delete;
  Scratch& operator=(Scratch const&) = delete;
  [[nodiscard]] std::filesystem::path const& path() const { return path_; }
  [[nodiscard]] std::error_code error() const { return error_; }

 private:
  std::filesystem::path path_;
  std::error_code error_;
};

[[nodiscard]] Result<void> write_text(std::filesystem::path const& path, std::string_view text) {
  std::ofstream file{path, std::ios::binary};
  file << text;
  file.close();
  if (!file) return fail(Code::file_system, fmt::format("cannot write {}", path.string()));
  return {};
}

std::vector<OrderedShot> shots_of(Order const& order) {
  if (!order.shots.empty()) return order.shots;
  return {{order.prompt, order.seconds}};
}

std::string label_of(Order const& order, std::size_t index, int seconds) {
  if (order.shots.empty()) return fmt::format("{} s", seconds);
  return fmt::format("SHOT {}/{}   {} s", index + 1, order.shots.size(), seconds);
}

Film film_of(AnimaticJob const& job) {
  Order const& order = job.shoot.order;
  Film film;
  film.size = size_of(job.shoot);
  film.from_video = job.shoot.video.has_value();
  film.inset = film.from_video && job.shoot.start;
  std::vector<OrderedShot> const shots = shots_of(order);
  for (std::size_t i = 0; i < shots.size(); ++i)
    film.segments.push_back({camera_move(shots[i].prompt, job.shoot.start ? static_cast<int>(i) : 0),
                             shots[i].seconds, label_of(order, i, shots[i].seconds),
                             caption_line(shots[i].prompt, film.size)});
  film.end_frame = job.shoot.end.has_value() && order.shots.empty() && !film.from_video;
  film.captions = job.captions;
  film.watermark = order.watermark;
  film.sound = order.sound;
  film.sound_seed = seed_of(order.prompt);
  return film;
}

/// The format is named, so that a hostile file cannot choose its own reader.
void add_still(std::vector<std::string>& arguments, StillImage const& still) {
  arguments.insert(arguments.end(), {"-f", still.facts.format == ImageKind::png ? "png_pipe" : "jpeg_pipe",
                                     "-i", std::filesystem::absolute(still.path).string()});
}

/// One input for each segment, and the end frame.
[[nodiscard]] Result<void> add_pictures(std::vector<std::string>& arguments, AnimaticJob const& job,
                                        Film const& film, std::filesystem::path const& scratch) {
  if (job.shoot.video) {
    arguments.insert(arguments.end(), {"-f", "mov", "-protocol_whitelist", "file", "-i",
                                       std::filesystem::absolute(job.shoot.video->path).string()});
    if (film.inset) add_still(arguments, *job.shoot.start);
    return {};
  }
  std::vector<OrderedShot> const shots = shots_of(job.shoot.order);
  for (std::size_t i = 0; i < film.segments.size(); ++i) {
    if (job.shoot.start) {
      add_still(arguments, *job.shoot.start);
      continue;
    }
    std::string const name = fmt::format("backdrop{}.ppm", i);
    if (Result<void> painted =
            paint_backdrop(shots[i].prompt, film.size.width, film.size.height, scratch / name);
        !painted)
      return painted;
    arguments.insert(arguments.end(), {"-f", "ppm_pipe", "-i", name});
  }
  if (film.end_frame) add_still(arguments, *job.shoot.end);
  return {};
}

[[nodiscard]] Result<void> write_texts(Film const& film, std::filesystem::path const& scratch) {
  for (std::size_t i = 0; i < film.segments.size(); ++i) {
    Result<void> written = write_text(scratch / fmt::format("label{}.txt", i), film.segments[i].label);
    if (written) written = write_text(scratch / fmt::format("caption{}.txt", i), film.segments[i].caption);
    if (!written) return written;
  }
  return write_text(scratch / "clock.txt", clock_text());
}

void add_output(std::vector<std::string>& arguments, Film const& film) {
  auto const add = [&](std::initializer_list<std::string> more) { arguments.insert(arguments.end(), more); };
  add({"-filter_complex", filter_graph(film), "-map", "[v]"});
  if (film.sound) add({"-map", "[a]", "-c:a", "aac", "-b:a", "96k"});
  add({"-c:v", "libx264", "-preset", "superfast", "-crf", "21", "-r", std::to_string(frames_per_second),
       "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"});
  add({"-frames:v", std::to_string(film.seconds() * frames_per_second), "-t",
       std::to_string(film.seconds())});
  add({"-movflags", "+faststart", "-metadata", "comment=animatic of the local gateway, not made by a model",
       "clip.mp4"});
}

}  // namespace

Result<void> make_animatic(AnimaticJob const& job, ChildProcesses& children) {
  Scratch const scratch{job.scratch};
  if (scratch.error()) return fail(Code::file_system, "cannot make a folder: " + scratch.error().message());
  Film const film = film_of(job);
  Command command;
  command.directory = scratch.path();
  command.arguments = {"ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y"};
  if (Result<void> added = add_pictures(command.arguments, job, film, scratch.path()); !added) return added;
  if (Result<void> written = write_texts(film, scratch.path()); !written) return written;
  add_output(command.arguments, film);
  if (Result<void> made = children.run(command); !made) return made;
  std::error_code error;
  std::filesystem::rename(scratch.path() / "clip.mp4", job.output, error);
  if (error) return fail(Code::file_system, "cannot keep the clip: " + error.message());
  return {};
}

}  // namespace callsheet::local_gateway
