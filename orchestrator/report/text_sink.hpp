#pragma once

#include <functional>
#include <string_view>

namespace callsheet::report {

/// Takes a report piece by piece.
using TextSink = std::function<void(std::string_view piece)>;

}  // namespace callsheet::report
