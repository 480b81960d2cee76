#include "orchestrator/run/deliveries.hpp"

#include <utility>

namespace callsheet::run {

namespace net = boost::asio;
namespace fs = std::filesystem;

namespace {

tl::unexpected<gateway::DownloadFailure> not_delivered(Error const& error) {
  FailureKind const kind = error.code == Code::bad_clip ? FailureKind::bad_clip : FailureKind::temporary;
  return tl::unexpected<gateway::DownloadFailure>{
      {.failure = {.kind = kind, .message = error.what}, .link_dead = false}};
}

}  // namespace

net::awaitable<tl::expected<ledger::ClipRecord, gateway::DownloadFailure>> Deliveries::deliver(
    TaskId task, std::string link, std::optional<ledger::ClipRecord> earlier, fs::path wanted) {
  if (earlier) {
    // It may have been brought home by a process that died before it could say so.
    auto look = [this, clip = *earlier] { return edges_.files.stands(clip); };
    bool const there = co_await edges_.desk.run(std::move(look));
    if (there) co_return *std::move(earlier);
  }
  Result<fs::path> const partial = co_await partial_for(wanted);
  if (!partial) co_return not_delivered(partial.error());
  auto downloaded = co_await edges_.gateway.download(std::move(link), *partial);
  if (!downloaded) {
    edges_.files.discard(*partial);
    co_return tl::unexpected<gateway::DownloadFailure>{std::move(downloaded.error())};
  }
  Result<ledger::ClipRecord> clip = co_await publish(task, *partial, std::move(wanted));
  if (!clip) {
    edges_.files.discard(*partial);
    co_return not_delivered(clip.error());
  }
  co_return *std::move(clip);
}

net::awaitable<Result<fs::path>> Deliveries::partial_for(fs::path wanted) {
  auto make_folder = [this, wanted] { return edges_.files.partial_path(wanted); };
  if (folders_.contains(wanted.parent_path())) co_return make_folder();
  Result<fs::path> partial = co_await edges_.desk.run(std::move(make_folder));
  if (partial) folders_.insert(wanted.parent_path());
  co_return partial;
}

/// What the clip is and where it goes is recorded before it appears there: after a crash, what stands at that
/// place is known to be this clip if it is as recorded, and left alone if it is not.
net::awaitable<Result<ledger::ClipRecord>> Deliveries::publish(TaskId task, fs::path partial,
                                                               fs::path wanted) {
  auto check = [this, partial] { return edges_.files.check(partial); };
  Result<ledger::ClipRecord> clip = co_await edges_.desk.run(std::move(check));
  if (!clip) co_return fail(clip.error());
  clip->path = wanted.string();
  for (;;) {
    ledger::Record stored = ledger::ClipStored{.task = task, .clip = *clip};
    Result<ledger::Receipt> const recorded = co_await edges_.writer.write(std::move(stored));
    if (!recorded) co_return fail(recorded.error());
    auto put = [this, partial, place = clip->path] { return edges_.files.publish(partial, place); };
    Result<void> const done = co_await edges_.desk.run(std::move(put));
    if (done) co_return clip;
    if (done.error().code != Code::busy) co_return fail(done.error());
    // Somebody else's file has the name.
    auto look = [this, wanted] { return edges_.files.free_place(wanted); };
    fs::path const other = co_await edges_.desk.run(std::move(look));
    clip->path = other.string();
  }
}

}  // namespace callsheet::run
