#pragma once

#include "orchestrator/gateway/input_file.hpp"

#include <string>

namespace callsheet::gateway {

/// A file in the form that uploads are sent as (gateway-api.md section 9), one piece of it at a time. `file`
/// outlives it.
class UploadForm final : public http::BodySource {
 public:
  explicit UploadForm(InputFile& file);

  [[nodiscard]] std::string content_type() const;
  [[nodiscard]] std::uint64_t size_bytes() const override;
  void rewind() override;
  [[nodiscard]] boost::asio::awaitable<Result<std::string_view>> next() override;

 private:
  InputFile& file_;
  std::string boundary_;
  std::string head_;
  std::string tail_;
  bool begun_ = false;      ///< the head has been asked for
  std::uint64_t left_ = 0;  ///< of the file
};

}  // namespace callsheet::gateway
