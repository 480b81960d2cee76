#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/environment.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/past_run.hpp"
#include "orchestrator/cli/review_desk.hpp"
#include "orchestrator/cli/review_file.hpp"
#include "orchestrator/cli/review_lines.hpp"
#include "orchestrator/cli/still_files.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/manifest/text_file.hpp"
#include "orchestrator/plan/joint_plan.hpp"
#include "orchestrator/plan/router.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <algorithm>
#include <csignal>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;
using review::Review;
using review::Ruling;
using review::Verdict;

struct ReviewOptions {
  std::string run;
  std::vector<std::string> accept, reject, clear;
  std::optional<int> take;
  std::string note;
  std::string prompt;
  std::string by;
  std::vector<std::filesystem::path> merge;
  std::filesystem::path file;
  std::uint16_t port = 0;
  bool list = false;
  bool as_json = false;

  [[nodiscard]] bool rules() const {
    return !accept.empty() || !reject.empty() || !clear.empty() || !note.empty() || !prompt.empty();
  }
  /// Nothing is asked for that is done without a browser.
  [[nodiscard]] bool shows_page() const { return !rules() && merge.empty() && !list && !as_json; }
};

std::string reviewer(ReviewOptions const& flags) {
  return flags.by.empty() ? environment("USER") : flags.by;
}

/// The clips that a name or glob means. Fails when there is none.
Result<std::vector<ReviewLine const*>> named(std::vector<ReviewLine> const& lines, std::string const& glob,
                                             std::optional<int> take) {
  std::vector<ReviewLine const*> found;
  for (ReviewLine const& line : lines)
    if (plan::matches(glob, line.clip.task) && (!take || line.clip.take == *take)) found.push_back(&line);
  if (found.empty())
    return fail(Code::not_found,
                take ? fmt::format("no clip of the run is called '{}' (take {})", plain(glob), *take)
                     : fmt::format("no clip of the run is called '{}'", plain(glob)),
                "`callsheet review --list` names them; `*` stands for any text");
  return found;
}

class Changes {
 public:
  Changes(ReviewOptions const& flags, std::vector<ReviewLine> const& lines) : flags_{flags}, lines_{lines} {}

  Result<void> apply(Review& review) const {
    if (auto told = words_have_clips(); !told) return told;
    Ruled ruled;
    for (auto const& [globs, ruling] :
         {std::pair{&flags_.accept, Ruling::accepted}, {&flags_.reject, Ruling::rejected}})
      for (std::string const& glob : *globs)
        if (auto done = rule(review, glob, ruling, ruled); !done) return done;
    for (std::string const& glob : flags_.clear) {
      auto const found = named(lines_, glob, flags_.take);
      if (!found) return fail(found.error());
      for (ReviewLine const* line : *found) review.verdicts.erase(line->take());
    }
    return {};
  }

 private:
  [[nodiscard]] Result<void> words_have_clips() const {
    if (!flags_.prompt.empty() && flags_.reject.empty())
      return fail(Code::usage, "--prompt: nothing is rejected",
                  "a new prompt is for what is made anew: --reject TASK");
    if (!flags_.note.empty() && flags_.accept.empty() && flags_.reject.empty())
      return fail(Code::usage, "--note: nothing is accepted or rejected", "name clips: --reject TASK");
    return {};
  }

  using Ruled = std::map<review::Take, Ruling>;

  [[nodiscard]] Result<void> rule(Review& review, std::string const& glob, Ruling ruling,
                                  Ruled& ruled) const {
    auto const found = named(lines_, glob, flags_.take);
    if (!found) return fail(found.error());
    for (ReviewLine const* line : *found) {
      bool const rejected = ruling == Ruling::rejected;
      if (auto const [said, fresh] = ruled.emplace(line->take(), ruling); !fresh && said->second != ruling)
        return fail(Code::usage,
                    fmt::format("'{}' is accepted and rejected at once", plain(to_string(line->take()))),
                    "name it in one of --accept and --reject");
      if (rejected && !flags_.prompt.empty() && line->has_shots())
        return fail(
            Code::usage,
            fmt::format("--prompt: the shots of '{}' have prompts of their own", plain(line->clip.task)),
            "change them in the manifest");
      // What was said of this clip before stays, but for what is said now.
      Verdict const* const before = line->verdict(review);
      bool const again = before != nullptr && before->ruling == ruling;
      std::string const note = flags_.note.empty() && again ? before->note : flags_.note;
      std::string const prompt = flags_.prompt.empty() && again ? before->prompt : flags_.prompt;
      review.verdicts[line->take()] = Verdict{.ruling = ruling,
                                              .note = note,
                                              .prompt = rejected ? prompt : "",
                                              .by = reviewer(flags_),
                                              .at = SystemClock{}.now(),
                                              .clip = line->seen()};
    }
    return {};
  }

  ReviewOptions const& flags_;
  std::vector<ReviewLine> const& lines_;
};

/// Merges files of others, one after the other, and tells what came of each.
std::optional<ExitCode> merge(ReviewOptions const& flags, ReviewFile const& file) {
  for (std::filesystem::path const& path : flags.merge) {
    auto text = manifest::read_text_file(path, path, std::size_t{16} << 20U);
    if (!text) return refuse(text.error());
    auto const other = review::decode(path.string(), *std::move(text));
    if (!other) return refuse(other.error());
    review::Merged merged;
    auto const changed = file.change([&](Review& ours) -> Result<void> {
      auto done = review::merge(ours, *other);
      if (!done) return fail(done.error());
      merged = *std::move(done);
      return {};
    });
    if (!changed) return refuse(changed.error());
    say(fmt::format("{}: {} new, {} newer, {} older and left out, {} the same\n", path.string(), merged.added,
                    merged.replaced, merged.kept, merged.same));
    for (std::string const& conflict : merged.conflicts)
      say(fmt::format("  conflict: {}\n", plain(conflict)));
  }
  return std::nullopt;
}

std::string_view word_of(Verdict const* verdict) {
  return verdict == nullptr ? "undecided" : to_string(verdict->ruling);
}

/// What was said of this take, of another clip than the run's.
Verdict const* stale(Review const& review, ReviewLine const& line) {
  auto const found = review.verdicts.find(line.take());
  return found == review.verdicts.end() || line.verdict(review) != nullptr ? nullptr : &found->second;
}

/// A run's own clips, and those that its retake left as they are.
struct Shown {
  std::vector<ReviewLine> const& lines;
  std::vector<ReviewLine> const& kept;
};

json json_of(report::RunReader const& run, Shown const& shown, Review const& review,
             std::filesystem::path const& file) {
  std::vector<ReviewLine> const& lines = shown.lines;
  json clips = json::array();
  for (ReviewLine const& line : lines) {
    Verdict const* const verdict = line.verdict(review);
    json one{{"task", line.clip.task},
             {"take", line.clip.take},
             {"verdict", word_of(verdict)},
             {"stale", stale(review, line) != nullptr},
             {"price", report::amount_json(line.clip.price)},
             {"file", line.clip.file->path},
             {"sha256", line.clip.file->sha256.str()}};
    if (verdict != nullptr)
      one.update({{"note", verdict->note},
                  {"prompt", verdict->prompt},
                  {"by", verdict->by},
                  {"at", format_rfc3339(verdict->at)}});
    clips.push_back(std::move(one));
  }
  json kept = json::array();
  for (ReviewLine const& line : shown.kept)
    kept.push_back({{"task", line.clip.task},
                    {"take", line.clip.take},
                    {"made_by", line.made_by.str()},
                    {"file", line.clip.file->path},
                    {"sha256", line.clip.file->sha256.str()}});
  ReviewSums const sums = sums_of(lines, review);
  return {{"run", run.head().run.str()},
          {"campaign", run.head().campaign},
          {"file", file.string()},
          {"accepted", sums.accepted},
          {"rejected", sums.rejected},
          {"undecided", sums.undecided},
          {"retake", report::amount_json(sums.retake)},
          {"clips", std::move(clips)},
          {"kept", std::move(kept)}};
}

std::string text_of(report::RunReader const& run, Shown const& shown, Review const& review) {
  std::vector<ReviewLine> const& lines = shown.lines;
  std::string text = fmt::format("{:<32}  {:<9}  {:>10}  {}\n", "TAKE", "VERDICT", "CREDITS", "NOTE");
  for (ReviewLine const& line : lines) {
    Verdict const* const verdict = line.verdict(review);
    std::string note = verdict == nullptr ? "" : plain(verdict->note, 60);
    if (verdict != nullptr && !verdict->prompt.empty())
      note += fmt::format("{}prompt: {}", note.empty() ? "" : "; ", plain(verdict->prompt, 60));
    if (Verdict const* const other = stale(review, line))
      note = fmt::format("another clip of this take was {}", to_string(other->ruling));
    text += fmt::format("{:<32}  {:<9}  {:>10}  {}\n", plain(to_string(line.take()), 32), word_of(verdict),
                        to_string(line.clip.price), note);
  }
  for (ReviewLine const& line : shown.kept)
    text += fmt::format("{:<32}  {:<9}  {:>10}  kept, of run {}\n", plain(to_string(line.take()), 32),
                        "accepted", "", line.made_by.str());
  ReviewSums const sums = sums_of(lines, review);
  text += fmt::format("\n{}: {} accepted, {} rejected, {} undecided{}\n",
                      count_of(static_cast<std::int64_t>(lines.size()), "clip"), sums.accepted, sums.rejected,
                      sums.undecided,
                      shown.kept.empty() ? "" : fmt::format("; {} kept as they are", shown.kept.size()));
  if (sums.rejected > 0)
    text += fmt::format("to make the rejected ones anew: {} credits ({}); {}\n", to_string(sums.retake),
                        approximate_usd(sums.retake, run.head().usd_rate),
                        plan::campaigns_in(run.head().campaign).size() == 1
                            ? fmt::format("`callsheet retake MANIFEST{}` does",
                                          report::is_rehearsal(run.head()) ? " --local" : "")
                            : "run their campaign by itself, which buys nothing, and review that run");
  return text;
}

/// Until the person is done, or Ctrl-C.
ExitCode serve(RunDesk& desk, ReviewOptions const& flags) {
  if (auto const read = desk.read(); !read) return refuse(read.error());
  boost::asio::io_context io{1};
  boost::asio::signal_set signals{io, SIGINT, SIGTERM};
  std::unique_ptr<web::ReviewServer> server;
  // The answer to the last click has to leave first: the server ends the connections that are idle.
  auto opened = web::ReviewServer::open(io, desk, flags.port, [&] { signals.cancel(); });
  if (!opened) return refuse(opened.error());
  server = *std::move(opened);
  signals.async_wait([&](boost::system::error_code const&, int) { io.stop(); });
  say("Review in a browser on this machine; every verdict is saved at once. Done there, or Ctrl-C here, ends it.\n");
  print(server->address() + "\n");
  io.run();
  server->stop();
  ReviewSums const sums = sums_of(desk.lines(), desk.review());
  say(fmt::format("{} accepted, {} rejected, {} undecided\n", sums.accepted, sums.rejected, sums.undecided));
  return ExitCode::done;
}

void name_stills(report::RunReader const& run, std::vector<ReviewLine>& lines) {
  StillFiles stills{StillWish::none};
  for (ReviewLine& line : lines) stills.keep(run.output_dir(), *line.clip.file);
}

ExitCode review_run(ReviewOptions const& flags, Globals const& globals) {
  auto past = open_past_run(globals, flags.run);
  if (!past) return refuse(past.error());
  report::RunReader& run = past->reader;
  auto lines = review_lines(run);
  if (!lines) return refuse(lines.error());
  ReviewFile const file{flags.file.empty() ? ReviewFile::beside_report(run.output_dir()) : flags.file,
                        run.head().campaign};
  if (flags.shows_page()) {
    if (lines->empty())
      return refuse({.code = Code::not_found,
                     .what = fmt::format("run {} has no clip to look at", run.head().run.str()),
                     .mend = "`callsheet history` names others"});
    name_stills(run, *lines);
    RunDesk desk{run, *lines, file, reviewer(flags)};
    auto const review = file.read();
    if (!review) return refuse(review.error());
    auto kept = kept_lines(run, *lines, *review);
    if (!kept) return refuse(kept.error());
    name_stills(run, *kept);
    desk.keep(*std::move(kept));
    return serve(desk, flags);
  }
  if (auto const code = merge(flags, file)) return *code;
  Changes const changes{flags, *lines};
  auto const review =
      flags.rules() ? file.change([&](Review& ours) { return changes.apply(ours); }) : file.read();
  if (!review) return refuse(review.error());
  auto const kept = kept_lines(run, *lines, *review);
  if (!kept) return refuse(kept.error());
  Shown const shown{.lines = *lines, .kept = *kept};
  if (flags.as_json)
    print(to_text(json_of(run, shown, *review, file.path())));
  else
    print(text_of(run, shown, *review));
  return ExitCode::done;
}

}  // namespace

void add_review(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<ReviewOptions>();
  CLI::App* command = app.add_subcommand(
      "review", "Look at clips in a browser: accept, reject, note, change prompts, for `retake`");
  command->add_option("run", flags->run, "The run, as `history` names it (default: the latest)")
      ->type_name("RUN");
  struct Names {
    char const* flag;
    std::vector<std::string>& names;
    char const* help;
  };
  for (Names const& one :
       {Names{"--accept", flags->accept, "Accept the clips of this task; * stands for any text"},
        Names{"--reject", flags->reject, "Reject them: `retake` makes them anew"},
        Names{"--clear", flags->clear, "Take their verdicts back"}})
    command->add_option(one.flag, one.names, one.help)->type_name("TASK")->allow_extra_args(false);
  command->add_option("--take", flags->take, "Only this take of those tasks")->check(CLI::Range(1, 1000));
  command->add_option("--note", flags->note, "Why, for people");
  command->add_option("--prompt", flags->prompt, "What the rejected clips are made from anew");
  command->add_option("--by", flags->by, "Who says so (default: the user's name)")
      ->envname("CALLSHEET_REVIEWER");
  command
      ->add_option("--merge", flags->merge, "Take over the verdicts of this review; of two the newer stands")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_option("--review", flags->file, "The review (default: review.json in the run's output folder)")
      ->type_name("FILE");
  command->add_option("--port", flags->port, "Port of the page on 127.0.0.1 (default: a free one)")
      ->check(CLI::Range(0, 65'535))
      ->type_name("PORT");
  command->add_flag("--list", flags->list, "No page: list the clips with their verdicts");
  command->add_flag("--json", flags->as_json, "The same as JSON");
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return review_run(*flags, globals); }; });
}

}  // namespace callsheet::cli
