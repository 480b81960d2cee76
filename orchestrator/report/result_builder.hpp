#pragma once

#include "orchestrator/report/result_model.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace callsheet::report {

/// Adds clips up to a ResultModel: the only place where totals come from.
class ResultBuilder {
 public:
  /// More clips of one status than that are counted, and not shown.
  static constexpr std::size_t shown_of_a_status = 2000;

  explicit ResultBuilder(RunHead head) { model_.head = std::move(head); }

  void add(ClipLine clip);
  [[nodiscard]] ResultModel finish() &&;

 private:
  void add_problem(ClipLine const& clip, Spend const& spend);

  ResultModel model_;
  std::map<ModelId, ModelTotals> by_model_;
  std::map<ClipStatus, std::size_t> shown_;
};

}  // namespace callsheet::report
