#include "orchestrator/cli/json_text.hpp"

#include "orchestrator/report/amount_json.hpp"

#include <nlohmann/json.hpp>

namespace callsheet::cli {

using nlohmann::json;

std::string to_text(json const& value) {
  return value.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

json to_json(ledger::RunSummary const& run) {
  return {{"run", run.id.str()},
          {"campaign", run.campaign},
          {"gateway", run.gateway},
          {"status", to_string(run.status)},
          {"started", format_rfc3339(run.started)},
          {"ended", run.ended ? json(format_rfc3339(*run.ended)) : json(nullptr)},
          {"cap", report::amount_json(run.cap)},
          {"billed", report::amount_json(run.balance.billed)},
          {"held", report::amount_json(run.balance.held)},
          {"refund_expected", report::amount_json(run.balance.refund_expected)},
          {"clips",
           {{"total", run.tasks},
            {"made", run.made},
            {"mismatched", run.mismatched},
            {"reused", run.reused},
            {"failed", run.failed},
            {"in_doubt", run.in_doubt},
            {"skipped", run.skipped},
            {"outstanding", run.outstanding}}}};
}

}  // namespace callsheet::cli
