#include "orchestrator/manifest/error_list.hpp"

#include <algorithm>
#include <utility>

namespace callsheet::manifest {

void ErrorList::add(Error error, std::string const& context) {
  if (full()) return;
  std::vector<Told>& told = places_[error.where];
  bool const known =
      std::any_of(told.begin(), told.end(), [&](Told const& one) { return one.message == error.what; });
  if (known || told.size() >= per_place_max) return;
  std::string message = error.what;
  error.what += context;
  told.push_back({std::move(message), std::move(error)});
  ++size_;
}

void ErrorList::add(std::vector<Error> errors) {
  for (Error& error : errors) add(std::move(error));
}

std::vector<Error> ErrorList::take() {
  std::vector<Error> out;
  out.reserve(size_);
  for (auto& [where, told] : places_)
    for (Told& one : told) out.push_back(std::move(one.error));
  places_.clear();
  size_ = 0;
  return out;
}

}  // namespace callsheet::manifest
