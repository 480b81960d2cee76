#pragma once

#include "orchestrator/report/result_model.hpp"
#include "orchestrator/report/text_sink.hpp"

#include <cstddef>
#include <string>

namespace callsheet::report {

/// report.json: every line and its sums, version 1 (schemas/report.schema.json). Sorted keys, one line a
/// clip, ends with '\n'; the same run gives the same bytes. Amounts stand as {"credits": "7.2036", "units":
/// 72036}, never as floating point. Bytes that are no UTF-8 are replaced by U+FFFD. Local folders and the
/// query parts of links (where keys hide) are left out.
class JsonReport {
 public:
  JsonReport(RunHead const& head, TextSink out);
  void add(ClipLine const& clip);
  /// `model`: of all the clips that were added.
  void end(ResultModel const& model);

 private:
  TextSink out_;
  std::string line_;  ///< its memory is used again
  std::size_t clips_ = 0;
};

}  // namespace callsheet::report
