#pragma once

#include "tools/local_gateway/image_file.hpp"
#include "tools/local_gateway/order.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace callsheet::local_gateway {

/// A picture of ours on disk.
struct StillImage {
  std::filesystem::path path;
  ImageFile facts;
};

/// One clip to be made.
struct Shoot {
  std::string task_id;
  Order order;
  std::optional<StillImage> start;  ///< empty: painted backdrops
  std::optional<StillImage> end;
};

}  // namespace callsheet::local_gateway
