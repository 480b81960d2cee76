#pragma once

#include "orchestrator/http/body_source.hpp"

#include <string>

namespace callsheet::gateway {

/// A picture or video on its way to the gateway, read while it is sent. Its next() fails where the file is
/// not what was to be sent, and does so before the last byte: the gateway never has another file whole.
class InputFile : public http::BodySource {
 public:
  /// Made of the content: names of the user's disk are none of the gateway's business.
  [[nodiscard]] virtual std::string const& name() const = 0;
};

}  // namespace callsheet::gateway
