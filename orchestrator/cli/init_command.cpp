#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace callsheet::assets {
extern std::string_view const starter_manifest;
}

namespace callsheet::cli {

namespace {

/// Never replaces a file: what stands there may be a campaign.
Result<void> write_new(std::filesystem::path const& path, std::string_view text) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "wx"), &std::fclose};
  if (!file && errno == EEXIST)
    return fail(Code::usage, fmt::format("there is a file '{}' already", path.string()),
                "name another: `callsheet init FILE`");
  bool const written = file && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                       std::fclose(file.release()) == 0;
  if (!written)
    return fail(Code::file_system,
                fmt::format("cannot write '{}': {}", path.string(), std::generic_category().message(errno)),
                "name a file in a folder that is there and can be written");
  return {};
}

}  // namespace

void add_init(CLI::App& app, Globals& /*globals*/, Work& work) {
  auto path = std::make_shared<std::filesystem::path>("campaign.yaml");
  CLI::App* command = app.add_subcommand("init", "Write a manifest to start from, with comments");
  command->add_option("file", *path, "Where to; never replaces a file")
      ->type_name("FILE")
      ->capture_default_str();
  command->callback([path, &work] {
    work = [path] {
      if (Result<void> written = write_new(*path, assets::starter_manifest); !written)
        return refuse(written.error());
      say(fmt::format("next: callsheet plan {}\n", path->string()));
      print(path->string() + "\n");
      return ExitCode::done;
    };
  });
}

}  // namespace callsheet::cli
