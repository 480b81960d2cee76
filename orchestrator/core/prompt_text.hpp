#pragma once

#include "orchestrator/core/request.hpp"

#include <string>

namespace callsheet {

/// What a request asks for, for people: its prompt; where it has shots, theirs, one after the other.
[[nodiscard]] std::string prompt_text(Request const& request);

}  // namespace callsheet
