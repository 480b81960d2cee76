#include "orchestrator/run/deliveries.hpp"

#include <utility>

#include <boost/asio/this_coro.hpp>

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

net::awaitable<tl::expected<Deliveries::Delivered, gateway::DownloadFailure>> Deliveries::deliver(
    TaskId task, std::string link, std::optional<ledger::ClipRecord> earlier, fs::path wanted,
    Ordered ordered) {
  if (earlier) {
    // It may have been brought home by a process that died before it could say so.
    auto look = [this, clip = *earlier, ordered]() -> std::optional<Delivered> {
      if (!edges_.files.stands(clip)) return std::nullopt;
      return Delivered{.clip = clip,
                       .differences = edges_.files.differences(clip, ordered.request, ordered.bought)};
    };
    std::optional<Delivered> there = co_await edges_.desk.run(std::move(look));
    if (there) co_return *std::move(there);
  }
  Result<void> const made = co_await make_folder_of(wanted);
  if (!made) co_return not_delivered(made.error());
  fs::path const partial = partial_of(wanted);
  auto downloaded = co_await edges_.gateway.download(std::move(link), partial);
  if (!downloaded) {
    edges_.files.discard(partial);
    folders_.erase(partial.parent_path());  // it may be gone: the next one looks
    co_return tl::unexpected<gateway::DownloadFailure>{std::move(downloaded.error())};
  }
  Result<Delivered> clip = co_await publish(task, partial, std::move(wanted), std::move(ordered));
  if (!clip) {
    edges_.files.discard(partial);
    folders_.erase(partial.parent_path());
    co_return not_delivered(clip.error());
  }
  co_return *std::move(clip);
}

net::awaitable<Result<void>> Deliveries::make_folder_of(fs::path wanted) {
  fs::path const folder = wanted.parent_path();
  if (folders_.contains(folder)) co_return Result<void>{};
  auto make = [this, folder] { return edges_.files.make_folder(folder); };
  Result<void> const made = co_await edges_.desk.run(std::move(make));
  if (made) folders_.insert(folder);
  co_return made;
}

/// What the clip is and where it goes is recorded before it appears there: after a crash, what stands at that
/// place is known to be this clip if it is as recorded, and left alone if it is not.
net::awaitable<Result<Deliveries::Delivered>> Deliveries::publish(TaskId task, fs::path partial,
                                                                  fs::path wanted, Ordered ordered) {
  // One hop to the desk for both: a hop costs more than most of what is done there.
  auto check = [this, partial, ordered = std::move(ordered)]() -> Result<Delivered> {
    Result<ledger::ClipRecord> measured = edges_.files.check(partial);
    if (!measured) return fail(measured.error());
    measured->path = partial.string();
    auto differences = edges_.files.differences(*measured, ordered.request, ordered.bought);
    return Delivered{.clip = *std::move(measured), .differences = std::move(differences)};
  };
  Result<Delivered> delivered = co_await edges_.desk.run(std::move(check));
  if (!delivered) co_return fail(delivered.error());
  ledger::ClipRecord* const clip = &delivered->clip;
  clip->path = wanted.string();
  for (;;) {
    ledger::Record stored = ledger::ClipStored{.task = task, .clip = *clip};
    Result<ledger::Receipt> const recorded = co_await edges_.writer.write(std::move(stored));
    if (!recorded) co_return fail(recorded.error());
    Placing placing{.partial = partial, .place = clip->path};
    Result<void> const done = co_await put(std::move(placing));
    if (done) co_return delivered;
    if (done.error().code != Code::busy) co_return fail(done.error());
    // Somebody else's file has the name.
    auto look = [this, wanted] { return edges_.files.free_place(wanted); };
    fs::path const other = co_await edges_.desk.run(std::move(look));
    clip->path = other.string();
  }
}

/// What comes while a folder is being flushed shares the next flush. Whoever finds nobody at it puts all that
/// wait.
net::awaitable<Result<void>> Deliveries::put(Placing placing) {
  auto const answer = std::make_shared<Answer<Result<void>>>(co_await net::this_coro::executor);
  waiting_.push_back({std::move(placing), answer});
  while (!answer->value) {
    if (putting_)
      co_await answer->arrived.wait();
    else
      co_await put_all_waiting();
  }
  co_return *std::move(answer->value);
}

net::awaitable<void> Deliveries::put_all_waiting() {
  putting_ = true;
  std::vector<Waiting> const batch = std::exchange(waiting_, {});
  std::vector<Placing> placings;
  placings.reserve(batch.size());
  for (Waiting const& one : batch) placings.push_back(one.placing);
  auto publish = [this, placings = std::move(placings)] { return edges_.files.publish(placings); };
  std::vector<Result<void>> outcomes = co_await edges_.desk.run(std::move(publish));
  putting_ = false;
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].answer->give(std::move(outcomes[i]));
  if (!waiting_.empty()) waiting_.front().answer->arrived.notify();
}

}  // namespace callsheet::run
