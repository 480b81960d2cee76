#include "orchestrator/cli/retake_list.hpp"

#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/plan/plan_codec.hpp"

#include <map>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

struct Rejected {
  TaskIdentity identity;  ///< in the manifest
  bool has_shots = false;
};

/// The rejected takes that the manifest still asks for.
tl::expected<std::map<review::Take, Rejected>, ExitCode> find_in(Script const& script,
                                                                 review::Review const& review) {
  std::map<review::Take, Rejected> found;
  auto const terms = plan_script(script, [&](plan::PlannedTask&& task, std::size_t /*route*/) {
    if (plan::is_element(task)) return;
    review::Take take{.task = task.name, .number = task.take};
    auto const verdict = review.verdicts.find(take);
    if (verdict == review.verdicts.end() || verdict->second.ruling != review::Ruling::rejected) return;
    found.emplace(std::move(take),
                  Rejected{.identity = task.identity, .has_shots = !task.request.shots.empty()});
  });
  if (!terms) return tl::unexpected{terms.error()};
  return found;
}

/// A clip that was made from another prompt than the manifest's: that one is what was seen and rejected.
Result<std::optional<std::string>> prompt_of(ledger::Ledger& ledger, ledger::KnownClip const& clip) {
  auto const task = ledger.find_task(clip.origin.run, clip.identity);
  if (!task) return fail(task.error());
  auto const planned = *task ? plan::decode_task((*task)->spec) : std::nullopt;
  return planned ? std::optional{planned->request.prompt} : std::nullopt;
}

class Listing {
 public:
  Listing(ledger::Ledger& ledger, std::string const& gateway) : ledger_{ledger}, gateway_{gateway} {}

  Result<void> add(review::Take const& take, Rejected const& rejected, review::Verdict const& verdict) {
    auto const paid = ledger_.find_clips(gateway_, {rejected.identity}, ledger::Clips::paid);
    if (!paid) return fail(paid.error());
    if (auto const& clip = paid->front())
      return leave(take, fmt::format("run {} has paid for another, or may have", clip->origin.run.str()));
    auto const latest = ledger_.find_clips(gateway_, {rejected.identity}, ledger::Clips::latest);
    if (!latest) return fail(latest.error());
    auto const& clip = latest->front();
    if (!clip || !clip->clip) return leave(take, "this ledger knows of no clip that the manifest asks for");
    if (!verdict.clip.is_clip(clip->origin.run, clip->clip->sha256))
      return leave(take, fmt::format("another clip has come since, in run {}", clip->origin.run.str()));
    plan::Retake retake;
    if (!verdict.prompt.empty()) {
      if (rejected.has_shots)
        return fail(Code::usage, fmt::format("{}: its shots have prompts of their own", to_string(take)),
                    "change them in the manifest, and leave the prompt out of the verdict");
      retake.prompt = verdict.prompt;
    } else if (clip->identity != rejected.identity) {
      auto prompt = prompt_of(ledger_, *clip);
      if (!prompt) return fail(prompt.error());
      retake.prompt = *std::move(prompt);
    }
    list.retakes.emplace(rejected.identity, std::move(retake));
    return {};
  }

  Result<void> leave(review::Take const& take, std::string const& why) {
    list.left_alone.push_back(fmt::format("{}: {}", plain(to_string(take)), why));
    return {};
  }

  RetakeList list = {};

 private:
  ledger::Ledger& ledger_;
  std::string const& gateway_;
};

}  // namespace

tl::expected<RetakeList, ExitCode> list_retakes(Script const& script, ledger::Ledger& ledger,
                                                std::string const& gateway, review::Review const& review) {
  auto const found = find_in(script, review);
  if (!found) return tl::unexpected{found.error()};
  Listing listing{ledger, gateway};
  for (auto const& [take, verdict] : review.verdicts) {
    if (verdict.ruling == review::Ruling::accepted) {
      ++listing.list.accepted;
      continue;
    }
    auto const rejected = found->find(take);
    auto const done = rejected == found->end() ? listing.leave(take, "the manifest does not ask for it")
                                               : listing.add(take, rejected->second, verdict);
    if (!done) return tl::unexpected{refuse(done.error())};
  }
  return std::move(listing.list);
}

}  // namespace callsheet::cli
