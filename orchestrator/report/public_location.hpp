#pragma once

#include "orchestrator/core/request.hpp"

#include <string>
#include <string_view>

namespace callsheet::report {

/// Where a picture or video comes from, fit to be handed on: the file's name without its folders, or the link
/// without user, query and fragment, which may carry keys. Reports leave the machine that made them.
std::string public_location(MediaInput const& image);

/// A relative path with '/' separators as a URL reference: every byte but letters, digits and -._~/ is
/// percent-encoded, so that '#', '?', '%', spaces and quotes stay part of the name.
std::string relative_url(std::string_view path);

}  // namespace callsheet::report
