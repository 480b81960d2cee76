// FFmpeg's program and not its libraries: linked in, they and the 130 libraries they bring would make every
// command start in 50 ms instead of 13, and a fault in a decoder would take the run with it.

#include "orchestrator/media/clip_look.hpp"

#include "orchestrator/core/descriptor.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace callsheet::media {

namespace {

using std::chrono::seconds;

constexpr int pictures_a_second = 4;
constexpr std::size_t side =
    96;  // of a picture as it is looked at: each spot is many pixels, and noise evens out
constexpr int samples_a_second = 8000;
constexpr seconds beginning{2};
constexpr seconds most_of_a_clip{60};
constexpr seconds patience{60};  // a laden machine is no damage
// What is still or dark gets the second, longer look.
constexpr int moves = 7;
constexpr int shows = 24;
constexpr int sounds = 1;
constexpr int heard_least = 3;  // of 32768, some -80 dB

/// A file in memory, at a number that those of a started program do not take.
Descriptor file_in_memory(char const* name) {
  Descriptor const made{::memfd_create(name, MFD_CLOEXEC)};
  constexpr int beyond_those_given_on = 16;
  return Descriptor{made ? ::fcntl(made.number(), F_DUPFD_CLOEXEC, beyond_those_given_on) : -1};
}

std::string content_of(Descriptor const& file) {
  std::string bytes;
  std::array<char, 65536> piece{};
  for (off_t at = 0;;) {
    ssize_t const got = ::pread(file.number(), piece.data(), piece.size(), at);
    if (got <= 0) return bytes;
    bytes.append(piece.data(), static_cast<std::size_t>(got));
    at += got;
  }
}

/// FFmpeg's outputs: file descriptors 2, 3 and 4 of its process.
struct Outputs {
  Descriptor words = file_in_memory("words");
  Descriptor pictures = file_in_memory("pictures");
  Descriptor sound = file_in_memory("sound");
  [[nodiscard]] bool there() const { return words && pictures && sound; }
};

class StartActions {
 public:
  explicit StartActions(Outputs const& outputs) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, outputs.words.number(), 2);
    posix_spawn_file_actions_adddup2(&actions_, outputs.pictures.number(), 3);
    posix_spawn_file_actions_adddup2(&actions_, outputs.sound.number(), 4);
    posix_spawn_file_actions_addclosefrom_np(&actions_, 5);  // neither ledger nor socket
  }
  ~StartActions() { posix_spawn_file_actions_destroy(&actions_); }
  StartActions(StartActions const&) = delete;
  StartActions& operator=(StartActions const&) = delete;
  [[nodiscard]] posix_spawn_file_actions_t const* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

/// A group of its own: Ctrl-C is for us, and no verdict on a clip.
class StartAttributes {
 public:
  StartAttributes() {
    posix_spawnattr_init(&attributes_);
    // What this process ignores or blocks, its child would inherit.
    sigset_t defaults;
    sigset_t none;
    sigemptyset(&defaults);
    sigemptyset(&none);
    for (int const signal : {SIGCHLD, SIGPIPE, SIGTERM, SIGXCPU}) sigaddset(&defaults, signal);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setpgroup(&attributes_, 0);
  }
  ~StartAttributes() { posix_spawnattr_destroy(&attributes_); }
  StartAttributes(StartAttributes const&) = delete;
  StartAttributes& operator=(StartAttributes const&) = delete;
  [[nodiscard]] posix_spawnattr_t const* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// The exit status of the program, started without the environment, which holds the key. Empty: it did not
/// start, or did not end in time.
std::optional<int> run_program(std::vector<std::string> arguments, Outputs const& outputs) {
  char const* const path = std::getenv("PATH");
  std::vector<std::string> environment{fmt::format("PATH={}", path == nullptr ? "/usr/bin:/bin" : path),
                                       "LC_ALL=C"};
  if (char const* const libraries = std::getenv("LD_LIBRARY_PATH"))
    environment.push_back(fmt::format("LD_LIBRARY_PATH={}", libraries));
  StartActions const actions{outputs};
  StartAttributes const attributes;
  pid_t pid = 0;
  if (::posix_spawnp(&pid, arguments.front().c_str(), actions.get(), attributes.get(),
                     pointers_to(arguments).data(), pointers_to(environment).data()) != 0)
    return std::nullopt;
  Descriptor const process{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  pollfd ended{.fd = process.number(), .events = POLLIN, .revents = 0};
  auto const until = std::chrono::steady_clock::now() + patience;
  int woken = 0;
  do {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    woken = process ? ::poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) : 1;
  } while (woken < 0 && errno == EINTR);
  if (woken <= 0) ::kill(-pid, SIGKILL);  // its group: it may be a script that started another
  int status = 0;
  pid_t reaped = 0;
  while ((reaped = ::waitpid(pid, &status, 0)) < 0 && errno == EINTR) {
  }
  return reaped == pid && woken > 0 && WIFEXITED(status) ? std::optional{WEXITSTATUS(status)} : std::nullopt;
}

std::vector<std::string> arguments_for(std::filesystem::path const& file, bool has_sound, seconds length) {
  // The format is named, so that a hostile file cannot choose its own reader, and nothing but this file is
  // read.
  std::vector<std::string> arguments{"ffmpeg",
                                     "-v",
                                     "error",
                                     "-nostdin",
                                     "-xerror",
                                     "-threads",
                                     "2",
                                     "-f",
                                     "mov",
                                     "-protocol_whitelist",
                                     "file",
                                     "-t",
                                     fmt::to_string(length.count()),
                                     "-i",
                                     "file:" + std::filesystem::absolute(file).string()};
  auto const add = [&](std::initializer_list<std::string> more) { arguments.insert(arguments.end(), more); };
  add({"-map", "0:v:0", "-vf",
       fmt::format("fps={},scale={}:{}:flags=area,format=gray", pictures_a_second, side, side), "-f",
       "rawvideo", "pipe:3"});
  if (has_sound) add({"-map", "0:a:0", "-ar", fmt::to_string(samples_a_second), "-f", "s16le", "pipe:4"});
  return arguments;
}

void see(std::string const& pictures, ClipLook& look) {
  constexpr std::size_t size = side * side;
  auto const spot = [&](std::size_t at) {
    return static_cast<int>(static_cast<unsigned char>(pictures[at]));
  };
  std::size_t const whole = pictures.size() / size * size;
  look.pictures = static_cast<int>(whole / size);
  for (std::size_t at = 0; at < whole; ++at) {
    look.brightest = std::max(look.brightest, spot(at));
    look.difference = std::max(look.difference, std::abs(spot(at) - spot(at % size)));
  }
}

/// The highest peak of 16-bit samples of whatever channel, on the scale of a byte; 0 where nobody hears it.
int peak_of(std::string const& sound) {
  int peak = 0;
  for (std::size_t at = 0; at + 1 < sound.size(); at += 2) {
    auto const low = static_cast<unsigned char>(sound[at]);
    auto const high = static_cast<unsigned char>(sound[at + 1]);
    peak = std::max(peak, std::abs(static_cast<int>(static_cast<std::int16_t>(low | high << 8))));
  }
  return peak < heard_least ? 0 : std::max(1, peak * 255 / 32768);
}

/// FFmpeg's first line, without what differs from time to time or tells of this machine's folders.
std::string first_line(std::string text, std::filesystem::path const& file) {
  constexpr std::size_t most = 200;
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.starts_with('['))
    if (std::size_t const end = text.find("] "); end != std::string::npos) text.erase(0, end + 2);
  std::string const name = std::filesystem::absolute(file).string();
  for (std::size_t at = 0; (at = text.find(name)) != std::string::npos;)
    text.replace(at, name.size(), "the clip");
  text.resize(std::min(most, text.size()));
  return text;
}

/// Whether FFmpeg speaks of the clip, and not of itself: a library or a decoder it lacks, memory, rights.
bool is_of_the_clip(std::string const& words, ClipLook const& look) {
  for (std::string_view const own : {"Decoder (codec", "no decoder found", "Cannot allocate memory",
                                     "Permission denied", "No such file", "error while loading"})
    if (words.find(own) != std::string::npos) return false;
  if (look.pictures > 0) return !words.empty();
  for (std::string_view const damage :
       {"Invalid", "orrupt", "error while decoding", "missing picture", "moov atom"})
    if (words.find(damage) != std::string::npos) return true;
  return false;
}

std::optional<ClipLook> decode(std::filesystem::path const& file, bool has_sound, seconds length) {
  Outputs const outputs;
  if (!outputs.there()) return std::nullopt;
  std::optional<int> const status = run_program(arguments_for(file, has_sound, length), outputs);
  if (!status) return std::nullopt;
  ClipLook look;
  see(content_of(outputs.pictures), look);
  if (has_sound) look.loudest = peak_of(content_of(outputs.sound));
  if (*status == 0) return look;
  constexpr int not_started = 126;  // or 127: as a shell tells
  std::string const words = content_of(outputs.words);
  if (*status >= not_started || !is_of_the_clip(words, look)) return std::nullopt;
  look.damage = first_line(words, file);
  return look;
}

bool is_suspicious(ClipLook const& look) {
  return look.brightest < shows || look.difference < moves || (look.loudest && *look.loudest < sounds) ||
         !look.damage.empty();
}

std::optional<ClipLook> look_anew(std::filesystem::path const& file, bool has_sound) {
  std::optional<ClipLook> const first = decode(file, has_sound, beginning);
  return first && is_suspicious(*first) ? decode(file, has_sound, most_of_a_clip) : first;
}

/// What clips showed, by their content: the local gateway gives the same few of them thousands of times.
class Memory {
 public:
  std::optional<ClipLook> find(std::string const& content) {
    std::lock_guard const lock{mutex_};
    auto const found = looks_.find(content);
    return found == looks_.end() ? std::nullopt : std::optional{found->second};
  }
  void keep(std::string const& content, ClipLook const& look) {
    constexpr std::size_t most = 1000;
    std::lock_guard const lock{mutex_};
    if (looks_.size() < most) looks_[content] = look;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, ClipLook> looks_;
};

}  // namespace

std::optional<ClipLook> look_at_clip(std::filesystem::path const& file, bool has_sound,
                                     std::string const& sha256) {
  static Memory memory;
  if (sha256.empty()) return look_anew(file, has_sound);
  if (auto known = memory.find(sha256)) return known;
  std::optional<ClipLook> look = look_anew(file, has_sound);
  if (look) memory.keep(sha256, *look);
  return look;
}

bool can_look_at_clips() {
  char const* const path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/bin:/bin" : path;
  while (!rest.empty()) {
    std::string_view const folder = rest.substr(0, rest.find(':'));
    if (::access(fmt::format("{}/ffmpeg", folder).c_str(), X_OK) == 0) return true;
    rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
  }
  return false;
}

}  // namespace callsheet::media
