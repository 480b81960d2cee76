#include "orchestrator/media/ffmpeg.hpp"

#include "orchestrator/core/spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace callsheet::media {

namespace {

constexpr int first_output_at = 3;
// A frame of 8K, its sides rounded up as codecs do.
constexpr std::string_view pixels_most = "35651584";
constexpr std::size_t output_most = std::size_t{16} << 20U;

Descriptor file_in_memory(char const* name) {
  return Descriptor{::memfd_create(name, MFD_CLOEXEC)};
}

std::string content_of(Descriptor const& file) {
  std::string bytes;
  std::array<char, 65536> piece{};
  while (bytes.size() < output_most) {
    ssize_t const got = ::pread(file.number(), piece.data(), piece.size(), static_cast<off_t>(bytes.size()));
    if (got <= 0) break;
    bytes.append(piece.data(), static_cast<std::size_t>(got));
  }
  return bytes;
}

/// For what is foreign: to what it uses and gives, as far as the system can tell.
void set_bounds(pid_t pid) {
  constexpr rlim_t memory_most = rlim_t{2} << 30U;
  for (auto const& [what, most] : std::array<std::pair<__rlimit_resource, rlim_t>, 3>{
           {{RLIMIT_DATA, memory_most}, {RLIMIT_FSIZE, rlim_t{output_most}}, {RLIMIT_CORE, 0}}}) {
    rlimit const bound{.rlim_cur = most, .rlim_max = most};
    ::prlimit(pid, what, &bound, nullptr);
  }
}

/// False: it took longer.
bool ends_within(Descriptor const& process, std::chrono::milliseconds patience) {
  pollfd ended{.fd = process.number(), .events = POLLIN, .revents = 0};
  auto const until = std::chrono::steady_clock::now() + patience;
  int woken = 0;
  do {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    woken = ::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  } while (woken < 0 && errno == EINTR);
  return woken > 0;
}

}  // namespace

FfmpegCall::FfmpegCall(std::filesystem::path const& clip, std::initializer_list<std::string> before_input)
    : arguments_{"ffmpeg",   "-v", "error",       "-nostdin",
                 "-threads", "2",  "-max_pixels", std::string{pixels_most}},
      words_{file_in_memory("words")} {
  add(before_input);
  add({"-f", "mov", "-protocol_whitelist", "file", "-i", "file:" + std::filesystem::absolute(clip).string()});
}

std::string FfmpegCall::add_output() {
  outputs_.push_back(file_in_memory("output"));
  return fmt::format("pipe:{}", first_output_at + static_cast<int>(outputs_.size()) - 1);
}

std::optional<int> FfmpegCall::run(std::chrono::milliseconds patience) {
  bool const there = words_ && std::all_of(outputs_.begin(), outputs_.end(),
                                           [](Descriptor const& output) { return bool{output}; });
  if (!there) return std::nullopt;
  Program ffmpeg{.file = arguments_.front(), .arguments = arguments_, .outputs = {-1, words_.number()}};
  for (Descriptor const& output : outputs_) ffmpeg.outputs.push_back(output.number());
  char const* const path = std::getenv("PATH");
  ffmpeg.environment = {fmt::format("PATH={}", path == nullptr ? "/usr/bin:/bin" : path), "LC_ALL=C"};
  if (char const* const libraries = std::getenv("LD_LIBRARY_PATH"))
    ffmpeg.environment.push_back(fmt::format("LD_LIBRARY_PATH={}", libraries));
  auto const process = start(std::move(ffmpeg));
  if (!process) return std::nullopt;
  set_bounds(process->pid);
  timed_out_ = !ends_within(process->ended, patience);
  if (timed_out_) ::kill(-process->pid, SIGKILL);  // its group: it may be a script that started another
  auto const status = reap(process->pid);
  return status && !timed_out_ && WIFEXITED(*status) ? std::optional{WEXITSTATUS(*status)} : std::nullopt;
}

std::string FfmpegCall::output(std::size_t number) const {
  return content_of(outputs_.at(number));
}

std::string FfmpegCall::words() const {
  return content_of(words_);
}

}  // namespace callsheet::media
