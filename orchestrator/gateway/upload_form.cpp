#include "orchestrator/gateway/upload_form.hpp"

#include "orchestrator/core/digest.hpp"

#include <utility>

#include <fmt/format.h>

namespace callsheet::gateway {

UploadForm::UploadForm(InputFile& file)
    : file_{file},
      boundary_{"callsheet-" + random_hex(16)},
      head_{fmt::format("--{0}\r\nContent-Disposition: form-data; name=\"file_name\"\r\n\r\n{1}\r\n"
                        "--{0}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{1}\"\r\n"
                        "Content-Type: application/octet-stream\r\n\r\n",
                        boundary_, file.name())},
      tail_{fmt::format("\r\n--{}--\r\n", boundary_)} {}

std::string UploadForm::content_type() const {
  return "multipart/form-data; boundary=" + boundary_;
}

std::uint64_t UploadForm::size_bytes() const {
  return head_.size() + file_.size_bytes() + tail_.size();
}

void UploadForm::rewind() {
  begun_ = false;
  left_ = file_.size_bytes();
  file_.rewind();
}

boost::asio::awaitable<Result<std::string_view>> UploadForm::next() {
  if (!std::exchange(begun_, true)) co_return std::string_view{head_};
  if (left_ == 0) co_return std::string_view{tail_};
  Result<std::string_view> piece = co_await file_.next();
  if (piece) left_ -= piece->size();
  co_return piece;
}

}  // namespace callsheet::gateway
