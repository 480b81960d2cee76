#include "tools/local_gateway/studio.hpp"

#include "tools/local_gateway/animatic.hpp"

#include <boost/asio/post.hpp>

namespace callsheet::local_gateway {

namespace {

ClipClass class_of(Shoot const& shoot) {
  return {size_of(shoot), shoot.order.seconds, shoot.order.sound, shoot.flaw};
}

}  // namespace

Studio::Studio(boost::asio::any_io_executor executor, Options const& options, std::filesystem::path state_dir)
    : executor_{std::move(executor)},
      options_{options},
      state_dir_{std::move(state_dir)},
      pool_{options.render_threads} {}

Studio::~Studio() {
  stop();
}

Result<void> Studio::check_tools() {
  Command command;
  command.arguments = {"ffmpeg", "-hide_banner", "-version"};
  command.directory = state_dir_ / "tmp";
  Result<void> checked = children_.run(command);
  if (!checked) checked.error().mend = "install FFmpeg: the local gateway makes its clips with it";
  return checked;
}

void Studio::make(Shoot const& shoot, Done done) {
  if (options_.render == Render::fast || shoot.flaw)  // a flawed clip is no matter of beauty
    make_fast(class_of(shoot), std::move(done));
  else
    make_real(shoot, std::move(done));
}

void Studio::make_fast(ClipClass const& kind, Done done) {
  if (fast_.contains(kind)) return done({});
  std::vector<Done>& waiting = fast_waiting_[kind];
  waiting.push_back(std::move(done));
  if (waiting.size() > 1) return;
  pool_.submit([this, kind] {
    auto made = fast_clip(kind, state_dir_ / "fast", children_);
    boost::asio::post(executor_, [this, kind, made = std::move(made)] {
      if (made) fast_[kind] = *made;
      for (Done const& each : std::exchange(fast_waiting_[kind], {}))
        each(made ? Result<void>{} : Result<void>{fail(made.error())});
    });
  });
}

void Studio::make_real(Shoot const& shoot, Done done) {
  std::error_code ignored;
  if (std::filesystem::exists(result_file(shoot.task_id), ignored)) return done({});
  pool_.submit([this, shoot, done = std::move(done)] {
    AnimaticJob job{shoot, state_dir_ / "tmp", result_file(shoot.task_id), options_.captions};
    Result<void> made = make_animatic(job, children_);
    boost::asio::post(executor_, [done, made = std::move(made)] { done(made); });
  });
}

std::optional<Clip> Studio::find(Shoot const& shoot) {
  ClipClass const kind = class_of(shoot);
  if (auto const found = fast_.find(kind); found != fast_.end()) return Clip{found->second};
  std::error_code ignored;
  for (std::filesystem::path const& path :
       {result_file(shoot.task_id), fast_clip_file(kind, state_dir_ / "fast")})
    if (std::filesystem::exists(path, ignored)) return Clip{path};
  return std::nullopt;
}

std::filesystem::path Studio::result_file(std::string const& task_id) const {
  return state_dir_ / "results" / (task_id + ".mp4");
}

void Studio::stop() {
  children_.stop();
  pool_.stop();
}

}  // namespace callsheet::local_gateway
