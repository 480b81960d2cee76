#pragma once

#include "orchestrator/core/media_facts.hpp"

// media/ looks at pictures and clips, at what they are and not what they are called.
namespace callsheet::media {

/// Format and size from the content, and its digest. Blocking. Fails with Code::not_found, file_system, or
/// invalid_input when the file is no picture.
[[nodiscard]] Result<ImageFacts> probe_image(std::string const& path);

}  // namespace callsheet::media
