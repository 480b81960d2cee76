#pragma once

#include "orchestrator/core/media_facts.hpp"

namespace callsheet::media {

/// Length and size of a video that is to go to the gateway, from its content, and its digest. Blocking. Fails
/// with Code::not_found, file_system, or invalid_input when the file is no whole MP4 or MOV.
[[nodiscard]] Result<VideoFacts> probe_video(std::string const& path);

}  // namespace callsheet::media
