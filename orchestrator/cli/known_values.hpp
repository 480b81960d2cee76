#pragma once

#include "orchestrator/cli/command.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet::cli {

/// Kinds of values, as the parser names them, of which ledger or catalog know some.
inline constexpr std::array<std::string_view, 6> known_kinds{"ATTEMPT", "GATEWAY", "MODEL",
                                                             "PRICES",  "RUN",     "TASK"};

struct KnownValue {
  std::string value;    ///< of printable characters
  std::string meaning;  ///< for a person, in a few words; may be empty
};

/// What may stand where a value of `kind` is asked for, after `words` were typed: the latest runs, doubts of
/// the run that is named, models. Of the ledger and catalog that the words name, else the environment, else
/// the usual ones. Nothing where these cannot be read: a Tab is no place to tell of errors.
[[nodiscard]] std::vector<KnownValue> known_values(std::string_view kind, Globals globals,
                                                   std::vector<std::string> const& words);

}  // namespace callsheet::cli
