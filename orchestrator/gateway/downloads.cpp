#include "orchestrator/gateway/downloads.hpp"

#include "orchestrator/core/output_file.hpp"

#include <fmt/format.h>

namespace callsheet::gateway {

namespace {

constexpr std::uint64_t clip_bytes_most = 2ull << 30;
constexpr int redirects_most = 5;

class FileSink final : public http::BodySink {
 public:
  explicit FileSink(std::filesystem::path path) : path_{std::move(path)} {}

  Result<void> begin(http::Response const& head, std::optional<std::uint64_t> length) override {
    to_file_ = head.status == 200;
    promised_ = length;
    size_ = 0;
    if (!to_file_) return {};
    return file_.open(path_) ? Result<void>{} : fail_to_write();
  }

  Result<void> write(std::string_view piece) override {
    if (!to_file_) return {};  // the text of an error page is of no use
    size_ += piece.size();
    return file_.write(piece) ? Result<void>{} : fail_to_write();
  }

  Result<std::uint64_t> finish() {
    if (!file_.close()) return fail_to_write();
    if (promised_ && *promised_ != size_)
      return fail(Code::bad_answer, fmt::format("{} bytes came of {} promised", size_, *promised_));
    return size_;
  }

 private:
  [[nodiscard]] tl::unexpected<Error> fail_to_write() const {
    return fail(Code::file_system, fmt::format("cannot write '{}': {}", path_.string(), file_.why()),
                "free some space or mend the folder's rights; `callsheet resume` fetches the clip");
  }

  std::filesystem::path path_;
  OutputFile file_;
  std::optional<std::uint64_t> promised_;
  std::uint64_t size_ = 0;
  bool to_file_ = false;
};

tl::unexpected<DownloadFailure> failed(std::string message, bool link_dead = false) {
  return tl::unexpected<DownloadFailure>{
      {.failure = {.kind = FailureKind::bad_clip, .message = std::move(message)}, .link_dead = link_dead}};
}

http::Request request_for(http::Url const& url, Profile const& profile) {
  bool const own = http::origin_of(url) == http::origin_of(profile.base) ||
                   http::origin_of(url) == http::origin_of(profile.files);
  http::Request request;
  request.url = url;
  request.timeouts = {.connect = profile.time_outs.connect,
                      .idle = profile.time_outs.idle,
                      .total = profile.time_outs.download};
  request.body_most = clip_bytes_most;
  request.addresses = own || profile.private_links ? http::Addresses::any : http::Addresses::public_only;
  return request;
}

}  // namespace

boost::asio::awaitable<tl::expected<Downloaded, DownloadFailure>> download_clip(http::Client& client,
                                                                                Profile const& profile,
                                                                                std::string link,
                                                                                std::filesystem::path to) {
  Result<http::Url> url = http::parse_url(link);
  for (int hop = 0; hop <= redirects_most; ++hop) {
    if (!url) co_return failed(url.error().what);
    FileSink sink{to};
    http::Request request = request_for(*url, profile);
    auto response = co_await client.stream(std::move(request), sink);
    if (!response) co_return failed(response.error().error.what);
    if (response->status == 200) {
      Result<std::uint64_t> size = sink.finish();
      if (!size) co_return failed(size.error().what);
      co_return Downloaded{.size_bytes = *size};
    }
    auto const location = http::find_header(response->headers, "location");
    bool const redirect = response->status >= 300 && response->status < 400 && location;
    if (!redirect) {
      bool const dead = response->status == 403 || response->status == 404 || response->status == 410;
      co_return failed(fmt::format("{} answered {} for the clip", http::origin_of(*url), response->status),
                       dead);
    }
    url = http::resolve(*url, *location);
  }
  co_return failed("the clip's link was redirected too often");
}

}  // namespace callsheet::gateway
