#pragma once

namespace callsheet::cli {
inline constexpr char const* version = CALLSHEET_VERSION;
}
