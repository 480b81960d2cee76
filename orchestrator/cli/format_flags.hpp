#pragma once

#include <map>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace callsheet::cli {

/// `--format`, and `--json` as the short way to one of them, for commands that can print what they else write
/// to files. `printed` (an optional, which outlives the command) stays empty where nothing is asked for.
template <class Printed>
void add_format_flags(CLI::App& command, Printed& printed, std::string const& help,
                      std::map<std::string, typename Printed::value_type> const& formats) {
  using Format = typename Printed::value_type;
  std::vector<std::string> names;
  for (auto const& [name, format] : formats) names.push_back(name);
  CLI::Option* const format =
      command
          .add_option_function<Format>(
              "--format", [&printed](Format const& chosen) { printed = chosen; }, help)
          ->transform(
              CLI::CheckedTransformer(formats).description(fmt::format("{{{}}}", fmt::join(names, ","))));
  command
      .add_flag_callback(
          "--json", [&printed, json = formats.at("json")] { printed = json; }, "The same as --format json")
      ->excludes(format);
}

}  // namespace callsheet::cli
