#include "orchestrator/manifest/error_list.hpp"

#include <utility>

namespace callsheet::manifest {

void ErrorList::add(Error error) {
  if (errors_.size() >= shown_max) return;
  SourceLocation const where = error.where;
  errors_.emplace(where, std::move(error));
}

void ErrorList::add(std::vector<Error> errors) {
  for (Error& error : errors) add(std::move(error));
}

std::vector<Error> ErrorList::take() {
  std::vector<Error> out;
  out.reserve(errors_.size());
  for (auto& [where, error] : errors_) out.push_back(std::move(error));
  errors_.clear();
  return out;
}

}  // namespace callsheet::manifest
