#pragma once

#include "orchestrator/core/source_location.hpp"

#include <string>
#include <vector>

namespace callsheet {

/// What kind of thing went wrong: decisions read this, people read the text.
enum class Code {
  invalid_manifest,    ///< what the user wrote cannot be carried out
  nothing_to_make,     ///< the manifest is sound and stands for no task
  invalid_input,       ///< a picture or data file does not meet the gateway's limits
  not_found,           ///< a file, run or model that was named does not exist
  no_price,            ///< the catalog has no price for that combination
  no_candidate,        ///< no model can do the request
  usage,               ///< a command line that makes no sense
  busy,                ///< another process holds what is needed
  ledger_unavailable,  ///< the ledger cannot be opened, read or written
  ledger_version,      ///< the ledger was written by a newer callsheet
  file_system,         ///< reading or writing a file failed (missing rights, full disk)
  unreachable,         ///< the gateway cannot be reached: name, connection, TLS
  timed_out,           ///< an answer did not come in time
  refused_address,     ///< a link to a private or otherwise forbidden address
  too_large,           ///< an answer or file beyond its limit
  bad_answer,          ///< the other side answered something that makes no sense
  unauthorized,        ///< the key is missing, wrong or not allowed
  gateway_error,       ///< the gateway refused, with a reason of its own
  bad_clip,            ///< a downloaded clip is not what was paid for
};

/// An error is an interface: where, what, why, how to mend. `what` is a whole message without a final stop.
struct Error {
  Code code = Code::invalid_manifest;
  std::string what;
  std::string mend = {};         ///< what the user can do; empty when nothing is known
  SourceLocation where = {};     ///< empty file: not bound to a file
  std::string source_line = {};  ///< the line `where` points into; empty: not shown
  int width = 1;                 ///< how many columns the caret line underlines
};

/// The error as people see it: location, message, source line with caret, mend. Several lines, ends with
/// '\n'.
///     spring.yaml:14:15: error: duration 16 is outside what kling-v3-image-to-video can do (3 to 15 s)
///        14 |     duration: 16
///           |               ^~
///       mend: use 3..15
std::string render(Error const& error);

}  // namespace callsheet
