#include "orchestrator/cli/run_words.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::cli {

std::string waited_for(ledger::RunSummary const& run) {
  constexpr std::size_t told_most = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(told_most, run.waiting_for.size()); ++i)
    text += fmt::format("{}run {}", i == 0 ? "for " : ", ", run.waiting_for[i].str());
  if (run.waiting_for.size() > told_most)
    text += fmt::format(" and {} more", run.waiting_for.size() - told_most);
  return text;
}

}  // namespace callsheet::cli
