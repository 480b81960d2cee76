#include "tools/local_gateway/animatic.hpp"

#include "orchestrator/core/digest.hpp"
#include "tools/local_gateway/fast_clips.hpp"

namespace callsheet::local_gateway {

Result<void> make_animatic(AnimaticJob const& job, ChildProcesses& children) {
  std::optional<ImageFile> const first =
      job.shoot.start ? std::optional{job.shoot.start->facts} : std::nullopt;
  ClipClass const kind{frame_size(job.shoot.order, first), job.shoot.order.seconds, job.shoot.order.sound};
  auto const made = fast_clip(kind, job.scratch, children);
  if (!made) return fail(made.error());
  std::error_code error;
  std::filesystem::copy_file(fast_clip_file(kind, job.scratch), job.output, error);
  if (error) return fail(Code::file_system, "cannot keep the clip: " + error.message());
  return {};
}

}  // namespace callsheet::local_gateway
