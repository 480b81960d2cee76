#pragma once

#include "orchestrator/report/result_model.hpp"
#include "orchestrator/report/text_sink.hpp"

#include <string>

namespace callsheet::report {

/// JUnit XML as Jenkins reads it: a suite for the campaign with a test case for each clip, and one for the
/// thresholds of the manifest where it has any. Made and reused clips pass; a failed one is a failure, one in
/// doubt or outstanding an error (its outcome is not known, so that no gate takes it for good), one that the
/// budget or a deadline left out is skipped. Money is in the suite's properties and in each clip's output.
/// The class of a clip is the campaign and the value of the first matrix axis, by which tools group.
class JunitReport {
 public:
  /// A suite begins with its sums: `model` is of all the clips that will be added, and outlives the report.
  JunitReport(ResultModel const& model, TextSink out);
  void add(ClipLine const& clip);
  void end();

 private:
  ResultModel const& model_;
  TextSink out_;
  std::string text_;  ///< its memory is used again
};

}  // namespace callsheet::report
