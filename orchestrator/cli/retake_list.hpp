#pragma once

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/plan/retakes.hpp"
#include "orchestrator/review/review.hpp"

#include <map>
#include <string>
#include <vector>

namespace callsheet::cli {

/// What a review comes to: the takes whose latest clip was rejected, and why others that were are left alone.
struct RetakeList {
  plan::Retakes retakes;
  std::map<TaskIdentity, std::string> made_from = {};  ///< of each: the prompt of the clip that was rejected
  std::vector<std::string> left_alone = {};            ///< a sentence each
  int accepted = 0;                                    ///< takes that the manifest asks for
  /// The gateway of clips that were left alone because they are of another one; empty: there is none.
  std::string elsewhere = {};
};

/// Looks up every rejected take of the script's campaign in the ledger. A verdict is on one very clip: once
/// another has come in its place, or is paid for, there is nothing left to make anew; that is what keeps a
/// retake from being bought twice. Shows every error. Empty: the exit code says why.
[[nodiscard]] tl::expected<RetakeList, ExitCode> list_retakes(Script const& script, ledger::Ledger& ledger,
                                                              std::string const& gateway,
                                                              review::LocatedReview const& read);

}  // namespace callsheet::cli
