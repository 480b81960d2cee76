#include "orchestrator/core/prompt_text.hpp"

namespace callsheet {

std::string prompt_text(Request const& request) {
  std::string text = request.prompt;
  for (Shot const& shot : request.shots) text += (text.empty() ? "" : " / ") + shot.prompt;
  return text;
}

}  // namespace callsheet
