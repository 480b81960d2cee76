#include "orchestrator/run/input_upload.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

namespace callsheet::run {

namespace {

constexpr std::uint64_t piece_bytes = 256 * 1024;

}  // namespace

InputUpload::InputUpload(BlockingPool& desk, std::unique_ptr<InputReader> reader, MediaInput const& input,
                         Progressed progressed)
    : desk_{desk},
      reader_{std::move(reader)},
      location_{input.location},
      digest_{input.digest.str()},
      name_{digest_.substr(0, 32) + std::filesystem::path{input.location}.extension().string()},
      progressed_{std::move(progressed)},
      piece_(static_cast<std::size_t>(std::min(piece_bytes, reader_->size_bytes()))) {}

void InputUpload::rewind() {
  read_ = 0;
  sent_ = 0;
  hash_ = Sha256{};
  fault_.reset();
}

boost::asio::awaitable<Result<std::string_view>> InputUpload::next() {
  sent_ = read_;
  progressed_(sent_);
  auto read = [this] { return read_piece(); };
  Result<std::size_t> const got = co_await desk_.run(std::move(read));
  if (!got) {
    fault_ = got.error();
    co_return fail(got.error());
  }
  read_ += *got;
  co_return std::string_view{piece_.data(), *got};
}

Result<std::size_t> InputUpload::read_piece() {
  std::uint64_t const size = reader_->size_bytes();
  std::span<char> const piece{piece_.data(),
                              static_cast<std::size_t>(std::min<std::uint64_t>(piece_.size(), size - read_))};
  Result<std::size_t> got = reader_->read(read_, piece);
  if (!got) return got;
  auto const changed = [this](char const* since) {
    return fail(Code::invalid_input, fmt::format("'{}' changed {}", location_, since));
  };
  constexpr char const* meanwhile = "while it was being sent";
  if (*got < piece.size()) return changed(meanwhile);
  hash_.add({piece.data(), piece.size()});
  if (read_ + piece.size() < size) return got;
  char more = 0;
  Result<std::size_t> beyond = reader_->read(size, {&more, 1});
  if (!beyond) return beyond;
  if (*beyond > 0) return changed(meanwhile);
  return hash_.hex() == digest_ ? got : changed("since the plan was made");
}

}  // namespace callsheet::run
