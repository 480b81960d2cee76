#include "orchestrator/report/amount_json.hpp"

#include <nlohmann/json.hpp>

namespace callsheet::report {

nlohmann::json amount_json(Credits credits) {
  return {{"credits", to_string(credits)}, {"units", credits.units()}};
}

}  // namespace callsheet::report
