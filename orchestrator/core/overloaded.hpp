#pragma once

namespace callsheet {

/// One function object from several lambdas, for std::visit.
template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
/// clang 14 needs it spelled out.
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace callsheet
