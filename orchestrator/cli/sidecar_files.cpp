#include "orchestrator/cli/sidecar_files.hpp"

#include "orchestrator/cli/small_file.hpp"
#include "orchestrator/cli/version.hpp"
#include "orchestrator/cli/whole_file.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"

#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fmt/format.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

namespace {

Result<void> put_sidecar(fs::path const& path, std::string_view text) {
  WholeFile file{path};
  file.sink()(text);
  return file.publish();
}

class SidecarProgress final : public Progress {
 public:
  SidecarProgress(std::unique_ptr<Progress> shown, fs::path ledger_file, RunId run, StillWish stills)
      : shown_{std::move(shown)},
        ledger_file_{std::move(ledger_file)},
        run_{std::move(run)},
        wish_{stills == StillWish::none ? StillWish::none : StillWish::drawn},
        stills_{wish_} {}
  ~SidecarProgress() override { clerk_.join(); }

  void on(run::News const& news, TimePoint now) override {
    shown_->on(news, now);
    auto const* const closed = std::get_if<run::TaskClosed>(&news);
    if (closed == nullptr) return;
    if (closed->outcome == TaskOutcome::made || closed->outcome == TaskOutcome::mismatched)
      made_.push_back(closed->task);
  }
  void tick(TimePoint now) override {
    shown_->tick(now);
    hand_over();
  }
  void show_state(engine::Engine const& engine, TimePoint now) override { shown_->show_state(engine, now); }
  void close() override {
    shown_->close();
    hand_over();
    clerk_.join();
  }

 private:
  /// What was made since the last tick goes together: one look into the ledger serves all.
  void hand_over() {
    if (made_.empty()) return;
    boost::asio::post(clerk_, [this, tasks = std::exchange(made_, {})] { write(tasks); });
  }

  // What follows is the clerk's alone. What fails here is told when the reports are written.

  void write(std::vector<TaskId> const& tasks) {
    if (!opened_) open();
    if (!files_) return;
    std::vector<report::ClipFile> clips;
    (void)ledger_->at_one_moment([&]() -> Result<void> {
      for (TaskId const task : tasks) {
        auto const clip = reader_->at(task);
        if (!clip) return fail(clip.error());
        if (*clip) files_->keep(**clip);
        if (*clip && (*clip)->file && wish_ != StillWish::none) clips.push_back(*(*clip)->file);
      }
      return {};
    });
    // They are large: nobody's view of the ledger is kept open for that.
    for (report::ClipFile& clip : clips) stills_.keep(reader_->output_dir(), clip);
  }

  void open() {
    opened_ = true;
    auto ledger = ledger::open_sqlite_ledger(ledger_file_, ledger::Access::read);
    if (!ledger) return;
    ledger_ = *std::move(ledger);
    auto reader = report::RunReader::open(*ledger_, run_, {.version = version});
    if (!reader) return;
    reader_.emplace(*std::move(reader));
    files_.emplace(*reader_);
  }

  std::unique_ptr<Progress> shown_;
  fs::path ledger_file_;
  RunId run_;
  StillWish wish_;
  std::vector<TaskId> made_;
  StillFiles stills_;
  bool opened_ = false;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::optional<report::RunReader> reader_;
  std::optional<SidecarFiles> files_;
  boost::asio::thread_pool clerk_{1};
};

}  // namespace

SidecarFiles::SidecarFiles(report::RunReader& run)
    : run_{run}, texts_{run.ledger(), run.head().program_version} {}

void SidecarFiles::keep(report::ClipLine const& clip) {
  if (!clip.file) return;
  fs::path const place = run_.output_dir() / clip.file->path;
  if (!may_hold(place, *clip.file)) return;
  Result<void> const kept = keep_beside(place, clip);
  if (!kept && !trouble_) trouble_ = kept.error();
}

Result<void> SidecarFiles::keep_beside(fs::path const& place, report::ClipLine const& clip) {
  auto const text = texts_.of(run_.head(), clip);
  if (!text) return fail(text.error());
  fs::path const path = report::sidecar_of(place);
  auto const there = read_small_file(path);
  if (!there) return fail(there.error());
  if (!*there) return put_sidecar(path, *text);
  if (**there == *text) return {};
  if (!report::is_sidecar(**there))
    return fail(Code::file_system, fmt::format("'{}' is no sidecar, and is left alone", path.string()),
                "move it away; `callsheet report` then writes the clip's sidecar");
  auto const right = is_right(place, **there, *text);
  if (!right) return fail(right.error());
  return *right ? Result<void>{} : put_sidecar(path, *text);
}

/// Whether a sidecar that is not this run's tells the truth all the same: another run has put a clip of its
/// own in this place since. Of two that are the same to the byte, the later one stands there.
Result<bool> SidecarFiles::is_right(fs::path const& place, std::string_view sidecar,
                                    std::string_view wanted) {
  auto const facts = report::read_sidecar(sidecar);
  if (!facts || facts->file != place.filename() || facts->sha256.empty()) return false;
  auto const own = report::read_sidecar(wanted);
  if (own && own->sha256 == facts->sha256 && facts->made <= own->made) return false;
  auto const expected = texts_.of(RunId{facts->run}, facts->identity, facts->file);
  if (!expected) return fail(expected.error());
  if (!*expected || !report::same_facts(sidecar, **expected)) return false;
  auto const digest = sha256_of_file(place);
  if (!digest) return fail(digest.error());
  return *digest == facts->sha256.str();
}

std::unique_ptr<Progress> with_sidecars(std::unique_ptr<Progress> shown, ledger::Ledger const& ledger,
                                        RunId const& run, StillWish stills) {
  return std::make_unique<SidecarProgress>(std::move(shown), ledger.file(), run, stills);
}

}  // namespace callsheet::cli
