#include "orchestrator/cli/json_text.hpp"

#include "orchestrator/report/amount_json.hpp"

#include <nlohmann/json.hpp>

namespace callsheet::cli {

using nlohmann::json;

std::string to_text(json const& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

namespace {

json to_json(ledger::TaskCounts const& counts) {
  return {{"total", counts.all},       {"made", counts.made},       {"mismatched", counts.mismatched},
          {"reused", counts.reused},   {"failed", counts.failed},   {"in_doubt", counts.in_doubt},
          {"waiting", counts.waiting}, {"skipped", counts.skipped}, {"outstanding", counts.outstanding}};
}

}  // namespace

json to_json(ledger::RunSummary const& run) {
  json out = {{"run", run.id.str()},
              {"campaign", run.campaign},
              {"gateway", run.gateway},
              {"status", to_string(run.status)},
              {"process", run.process ? json(*run.process) : json(nullptr)},
              {"process_gone", run.process_gone},
              {"started", format_rfc3339(run.started)},
              {"ended", run.ended ? json(format_rfc3339(*run.ended)) : json(nullptr)},
              {"cap", report::amount_json(run.cap)},
              {"billed", report::amount_json(run.balance.billed)},
              {"held", report::amount_json(run.balance.held)},
              {"refund_expected", report::amount_json(run.balance.refund_expected)},
              {"clips", to_json(run.clips())}};
  json waiting_for = json::array();
  for (RunId const& other : run.waiting_for) waiting_for.push_back(other.str());
  out["waiting_for"] = std::move(waiting_for);
  if (run.elements.all > 0) out["elements"] = to_json(run.elements);
  return out;
}

}  // namespace callsheet::cli
