#pragma once

#include <array>
#include <string_view>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>

namespace callsheet {

/// A small JSON text, read: for what is read once per task, where a tree of single allocations costs more
/// than the reading. A text that is no JSON, or nested more than 32 deep, gives null.
class JsonTree {
 public:
  explicit JsonTree(std::string_view text);
  JsonTree(JsonTree const&) = delete;
  JsonTree& operator=(JsonTree const&) = delete;
  ~JsonTree() = default;

  [[nodiscard]] boost::json::value const& root() const { return root_; }
  /// It may be JSON, but is nested deeper than anything that is meant to be read.
  [[nodiscard]] bool too_deep() const { return too_deep_; }

 private:
  std::array<unsigned char, 4096> first_memory_;  // NOLINT(*-member-init): written before it is read
  boost::json::monotonic_resource memory_{first_memory_.data(), first_memory_.size()};
  boost::json::value root_ = boost::json::value(boost::json::storage_ptr(&memory_));
  bool too_deep_ = false;
};

}  // namespace callsheet
