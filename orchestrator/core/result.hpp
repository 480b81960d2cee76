#pragma once

#include "orchestrator/core/error.hpp"

#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace callsheet {

/// What anything that can fail in a healthy program returns. Declare such functions [[nodiscard]]: an alias
/// cannot.
template <class T>
using Result = tl::expected<T, Error>;

/// The same where all errors are collected before giving up (a manifest). Never an empty list of errors.
template <class T>
using Checked = tl::expected<T, std::vector<Error>>;

inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>{std::move(error)};
}
inline tl::unexpected<Error> fail(Code code, std::string what, std::string mend = {}) {
  return tl::unexpected<Error>{Error{.code = code, .what = std::move(what), .mend = std::move(mend)}};
}

}  // namespace callsheet
