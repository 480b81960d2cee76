#include "orchestrator/core/json_tree.hpp"

#include <boost/json/error.hpp>
#include <boost/json/parse.hpp>

namespace callsheet {

JsonTree::JsonTree(std::string_view text) {
  boost::system::error_code error;
  // Assigned within its own memory: nothing is copied. A failed parse gives null.
  root_ = boost::json::parse({text.data(), text.size()}, error, &memory_);
  too_deep_ = error == boost::json::error::too_deep;
}

}  // namespace callsheet
