#include "orchestrator/cli/retake_list.hpp"

#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/plan/plan_codec.hpp"

#include <map>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// A take as the manifest asks for it.
struct Asked {
  TaskIdentity identity;
  Request request;
  std::vector<Quality> ladder;
};

/// The takes with a verdict that the manifest still asks for.
tl::expected<std::map<review::Take, Asked>, ExitCode> find_in(Script const& script,
                                                              review::Review const& review) {
  std::map<review::Take, Asked> found;
  auto const terms = plan_script(script, [&](plan::PlannedTask&& task, std::size_t /*route*/) {
    if (plan::is_element(task)) return;
    review::Take take{.task = task.name, .number = task.take};
    if (review.verdicts.contains(take))
      found.emplace(std::move(take), Asked{task.identity, std::move(task.request), std::move(task.ladder)});
  });
  if (!terms) return tl::unexpected{terms.error()};
  return found;
}

/// What the clip was made from, where that is another prompt than the manifest's: that is what was seen.
Result<std::optional<std::string>> prompt_of(ledger::Ledger& ledger, ledger::KnownClip const& clip) {
  auto const task = ledger.find_task(clip.origin.run, clip.identity);
  if (!task) return fail(task.error());
  auto const planned = *task ? plan::decode_task((*task)->spec) : std::nullopt;
  return planned ? std::optional{planned->request.prompt} : std::nullopt;
}

class Listing {
 public:
  Listing(ledger::Ledger& ledger, std::string const& gateway, review::LocatedReview const& read,
          std::map<review::Take, Asked> const& asked)
      : ledger_{ledger}, gateway_{gateway}, read_{read}, asked_{asked} {}

  /// Fails when the ledger does.
  Result<void> go_through() {
    for (auto const& [take, verdict] : read_.review.verdicts)
      if (verdict.ruling == review::Ruling::accepted) {
        if (asked_.contains(take)) ++list.accepted;
        accepted_.emplace(verdict.clip.identity, &take);
      }
    for (auto const& [take, verdict] : read_.review.verdicts) {
      if (verdict.ruling == review::Ruling::accepted) continue;
      auto const asked = asked_.find(take);
      if (asked == asked_.end())
        leave(take, "the manifest does not ask for it");
      else if (auto const done = add(take, asked->second, verdict); !done)
        return done;
    }
    return {};
  }

  RetakeList list = {};
  std::vector<Error> errors = {};  ///< of the review

 private:
  Result<void> add(review::Take const& take, Asked const& asked, review::Verdict const& verdict) {
    auto const paid = ledger_.find_clips(gateway_, {asked.identity}, ledger::Clips::paid);
    if (!paid) return fail(paid.error());
    if (auto const& clip = paid->front()) {
      leave(take, fmt::format("run {} has paid for another, or may have", clip->origin.run.str()));
      return {};
    }
    auto const latest = latest_of(asked.identity);
    if (!latest) return fail(latest.error());
    if (!is_clip(*latest, verdict)) return leave_unseen(take, *latest, verdict);
    ledger::KnownClip const& clip = **latest;
    std::optional<std::string> made_from = asked.request.prompt;
    if (clip.identity != asked.identity) {
      auto prompt = prompt_of(ledger_, clip);
      if (!prompt) return fail(prompt.error());
      made_from = *std::move(prompt);
    }
    plan::Retake retake{.asked_in = read_.document, .asked_at = read_.places.at(take)};
    if (!verdict.prompt.empty()) {
      if (!asked.request.shots.empty()) {
        complain(take, fmt::format("the shots of `{}` have prompts of their own", to_string(take)),
                 "change them in the manifest, and leave the prompt out of the verdict", Code::usage);
        return {};
      }
      retake.prompt = verdict.prompt;
    } else if (clip.identity != asked.identity) {
      retake.prompt = made_from;
    }
    list.made_from.emplace(asked.identity, made_from.value_or(""));
    auto const apart = stays_apart(take, asked, retake);
    if (!apart) return apart;
    list.retakes.emplace(asked.identity, std::move(retake));
    return {};
  }

  Result<std::optional<ledger::KnownClip>> latest_of(TaskIdentity const& identity) {
    auto latest = ledger_.find_clips(gateway_, {identity}, ledger::Clips::latest);
    if (!latest) return fail(latest.error());
    return std::move(latest->front());
  }

  static bool is_clip(std::optional<ledger::KnownClip> const& clip, review::Verdict const& verdict) {
    return clip && clip->clip && verdict.clip.is_clip(clip->origin.run, clip->clip->sha256);
  }

  /// A clip that was accepted is not asked for once more, to stand in another place.
  Result<void> stays_apart(review::Take const& take, Asked const& asked, plan::Retake const& retake) {
    Request request = asked.request;
    if (retake.prompt) request.prompt = *retake.prompt;
    auto const twin = accepted_.find(identity_of(request, asked.ladder, take.number));
    if (twin == accepted_.end()) return {};
    review::Take const& other = *twin->second;
    auto const in_manifest = asked_.find(other);
    if (in_manifest == asked_.end()) return {};
    auto const latest = latest_of(in_manifest->second.identity);
    if (!latest) return fail(latest.error());
    if (is_clip(*latest, read_.review.verdicts.at(other)))
      complain(take,
               fmt::format("made anew from this, `{}` asks for the very same clip as `{}`, which is accepted",
                           to_string(take), to_string(other)),
               "give it a prompt of its own", Code::usage);
    return {};
  }

  void complain(review::Take const& take, std::string what, std::string mend, Code code) {
    errors.push_back(read_.document->error(read_.places.at(take), std::move(what), std::move(mend), code));
  }

  void leave(review::Take const& take, std::string const& why) {
    list.left_alone.push_back(fmt::format("{}: {}", plain(to_string(take)), why));
  }

  /// The clip that was seen is not the one that stands there.
  Result<void> leave_unseen(review::Take const& take, std::optional<ledger::KnownClip> const& latest,
                            review::Verdict const& verdict) {
    auto const seen = ledger_.summary(verdict.clip.run);
    if (!seen && seen.error().code != Code::not_found) return fail(seen.error());
    if (seen && seen->gateway != gateway_) {
      list.elsewhere = seen->gateway;
      leave(take, fmt::format("the clip that was rejected was made at the gateway {}", plain(seen->gateway)));
    } else if (!latest || !latest->clip) {
      leave(take, "this ledger knows of no clip that the manifest asks for");
    } else {
      leave(take, fmt::format("another clip has come since, in run {}", latest->origin.run.str()));
    }
    return {};
  }

  ledger::Ledger& ledger_;
  std::string const& gateway_;
  review::LocatedReview const& read_;
  std::map<review::Take, Asked> const& asked_;
  std::map<TaskIdentity, review::Take const*> accepted_;
};

}  // namespace

tl::expected<RetakeList, ExitCode> list_retakes(Script const& script, ledger::Ledger& ledger,
                                                std::string const& gateway,
                                                review::LocatedReview const& read) {
  auto const asked = find_in(script, read.review);
  if (!asked) return tl::unexpected{asked.error()};
  Listing listing{ledger, gateway, read, *asked};
  if (auto const done = listing.go_through(); !done) return tl::unexpected{refuse(done.error())};
  if (!listing.errors.empty()) return tl::unexpected{refuse(listing.errors)};
  return std::move(listing.list);
}

}  // namespace callsheet::cli
