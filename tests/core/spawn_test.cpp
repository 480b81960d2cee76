#include "orchestrator/core/spawn.hpp"

#include <array>
#include <cerrno>
#include <csignal>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

using namespace callsheet;

namespace {

Descriptor memory() {
  return Descriptor{::memfd_create("spawn-test", MFD_CLOEXEC)};
}

std::string content_of(Descriptor const& file) {
  std::array<char, 4096> bytes{};
  ssize_t const got = ::pread(file.number(), bytes.data(), bytes.size(), 0);
  return got < 0 ? "" : std::string{bytes.data(), static_cast<std::size_t>(got)};
}

Program shell(std::string script) {
  return {
      .file = "/bin/sh", .arguments = {"sh", "-c", std::move(script)}, .environment = {"PATH=/usr/bin:/bin"}};
}

}  // namespace

TEST_CASE("spawn: outputs come at their numbers, whatever they are here, and nothing else is open") {
  std::array<Descriptor, 6> const files{memory(), memory(), memory(), memory(), memory(), memory()};
  Descriptor const inheritable{::fcntl(files[0].number(), F_DUPFD, 9)};
  REQUIRE(inheritable);
  Program program = shell(
      "printf first; for n in 2 3 4 5 6; do eval \"printf $n >&$n\"; done; "
      "read line || printf ' nothing'; (printf open >&" +
      std::to_string(inheritable.number()) + ") 2>/dev/null || printf ' closed'");
  // In the reverse order: numbers that are given were those of others.
  for (auto file = files.rbegin(); file != files.rend(); ++file) program.outputs.push_back(file->number());
  auto const process = start(std::move(program));
  REQUIRE(process.has_value());
  CHECK(reap(process->pid) == 0);
  CHECK(content_of(files[5]) == "first nothing closed");
  for (std::size_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    CHECK(content_of(files.at(i)) == std::to_string(6 - i));
  }
}

TEST_CASE("spawn: it has a group and signals of its own") {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  REQUIRE(::pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
  auto const ignored = std::signal(SIGUSR1, SIG_IGN);
  for (int const signal : {SIGTERM, SIGUSR1}) {
    auto const process = start(shell("kill -" + std::to_string(signal) + " $$; exit 7"));
    REQUIRE(process.has_value());
    auto const status = reap(process->pid);
    REQUIRE(status.has_value());
    CHECK(WIFSIGNALED(*status));
    CHECK(WTERMSIG(*status) == signal);
  }
  std::signal(SIGUSR1, ignored);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  auto const process = start(shell("kill -9 0"));  // all of its group: not us
  REQUIRE(process.has_value());
  CHECK(reap(process->pid) == SIGKILL);
  CHECK_FALSE(reap(process->pid).has_value());
}

TEST_CASE("spawn: what cannot be started is told, with its reason") {
  CHECK_FALSE(start({.file = "/nowhere/at/all", .arguments = {"all"}}).has_value());
  CHECK(errno == ENOENT);
  Program program = shell("exit 0");
  program.outputs = {12'345};
  CHECK_FALSE(start(std::move(program)).has_value());
  CHECK(errno == EBADF);
}
