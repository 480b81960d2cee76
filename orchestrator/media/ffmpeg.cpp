#include "orchestrator/media/ffmpeg.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>

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

constexpr std::chrono::seconds patience{60};  // a laden machine is no damage
constexpr int words_at = 2;
constexpr int first_output_at = 3;

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

class StartActions {
 public:
  StartActions(Descriptor const& words, std::vector<Descriptor> const& outputs) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, words.number(), words_at);
    int at = first_output_at;
    for (Descriptor const& output : outputs)
      posix_spawn_file_actions_adddup2(&actions_, output.number(), at++);
    posix_spawn_file_actions_addclosefrom_np(&actions_, at);  // neither ledger nor socket
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

}  // namespace

FfmpegCall::FfmpegCall(std::filesystem::path const& clip, std::initializer_list<std::string> before_input)
    : arguments_{"ffmpeg", "-v", "error", "-nostdin", "-threads", "2"}, words_{file_in_memory("words")} {
  add(before_input);
  add({"-f", "mov", "-protocol_whitelist", "file", "-i", "file:" + std::filesystem::absolute(clip).string()});
}

std::string FfmpegCall::add_output() {
  outputs_.push_back(file_in_memory("output"));
  return fmt::format("pipe:{}", first_output_at + static_cast<int>(outputs_.size()) - 1);
}

std::optional<int> FfmpegCall::run() {
  bool const there = words_ && std::all_of(outputs_.begin(), outputs_.end(),
                                           [](Descriptor const& output) { return bool{output}; });
  if (!there) return std::nullopt;
  char const* const path = std::getenv("PATH");
  std::vector<std::string> environment{fmt::format("PATH={}", path == nullptr ? "/usr/bin:/bin" : path),
                                       "LC_ALL=C"};
  if (char const* const libraries = std::getenv("LD_LIBRARY_PATH"))
    environment.push_back(fmt::format("LD_LIBRARY_PATH={}", libraries));
  StartActions const actions{words_, outputs_};
  StartAttributes const attributes;
  pid_t pid = 0;
  if (::posix_spawnp(&pid, arguments_.front().c_str(), actions.get(), attributes.get(),
                     pointers_to(arguments_).data(), pointers_to(environment).data()) != 0)
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

std::string FfmpegCall::output(std::size_t number) const {
  return content_of(outputs_.at(number));
}

std::string FfmpegCall::words() const {
  return content_of(words_);
}

}  // namespace callsheet::media
