#include "orchestrator/gateway/downloads.hpp"

#include "orchestrator/core/output_file.hpp"
#include "orchestrator/gateway/codec.hpp"
#include "orchestrator/gateway/follow.hpp"

#include <charconv>
#include <optional>
#include <system_error>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace callsheet::gateway {

namespace {

constexpr std::uint64_t clip_bytes_most = 2ull << 30;
constexpr int pieces_most = 8;  ///< a download may break off so often, less one

/// "bytes 100-199/200"; empty for anything else, and where the whole is not told.
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t total = 0;
};
std::optional<ContentRange> read_content_range(std::string_view text) {
  ContentRange range;
  char const* at = text.data();
  char const* const end = at + text.size();
  auto const number = [&](std::string_view before, std::uint64_t& out) {
    if (!std::string_view{at, end}.starts_with(before)) return false;
    auto const [stop, error] = std::from_chars(at + before.size(), end, out);
    at = stop;
    return error == std::errc{};
  };
  bool const read = number("bytes ", range.first) && number("-", range.last) && number("/", range.total);
  if (!read || at != end || range.first > range.last || range.last >= range.total) return std::nullopt;
  return range;
}

/// What tells whether a file is still the same, strongly enough to join two parts of it (RFC 9110, 13.1.5);
/// or empty.
std::string validator_in(http::Headers const& headers) {
  constexpr std::chrono::seconds settled{60};
  if (auto const tag = http::find_header(headers, "ETag"); tag && tag->starts_with('"'))
    return std::string{*tag};
  auto const modified = http::find_header(headers, "Last-Modified");
  auto const date = http::find_header(headers, "Date");
  if (!modified || !date) return {};
  auto const then = parse_http_date(*modified);
  auto const now = parse_http_date(*date);
  return then && now && *now - *then >= settled ? std::string{*modified} : std::string{};
}

/// The clip's file, which may come in several pieces.
class FileSink final : public http::BodySink {
 public:
  explicit FileSink(std::filesystem::path path) : path_{std::move(path)} {}

  Result<void> begin(http::Response const& head, std::optional<std::uint64_t> length) override {
    begun_ = true;
    to_file_ = head.status == 200 || head.status == 206;
    if (!to_file_) return {};
    if (head.status == 206) return go_on(head);
    validator_ = validator_in(head.headers);
    total_ = length;
    size_ = 0;
    return file_.open(path_) ? Result<void>{} : fail_to_write();
  }

  Result<void> write(std::string_view piece) override {
    if (!to_file_) return {};  // the text of an error page is of no use
    size_ += piece.size();
    if (size_ > clip_bytes_most) return fail(Code::too_large, "the clip is larger than allowed");
    return file_.write(piece) ? Result<void>{} : fail_to_write();
  }

  Result<std::uint64_t> finish() {
    if (!file_.close()) return fail_to_write();
    if (!begun_) return fail(Code::bad_answer, "the answer was empty");
    if (total_ && *total_ != size_)
      return fail(Code::bad_answer, fmt::format("{} bytes came of {} promised", size_, *total_));
    return size_;
  }

  /// Asks for what is missing, where the server can tell whether it still is the same file; else for all.
  void ask(http::Request& request) {
    begun_ = false;
    if (!can_go_on()) return;
    request.headers.push_back({"Range", fmt::format("bytes={}-", size_)});
    request.headers.push_back({"If-Range", validator_});
  }
  [[nodiscard]] bool can_go_on() const { return size_ > 0 && !validator_.empty(); }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// What has come is of no use: the next answer is taken from its beginning.
  void forget() {
    size_ = 0;
    validator_.clear();
  }

 private:
  [[nodiscard]] Result<void> go_on(http::Response const& head) {
    auto const text = http::find_header(head.headers, "Content-Range");
    auto const range = text ? read_content_range(*text) : std::nullopt;
    // Not every server looks at If-Range: parts of two files are never joined.
    auto const tag = http::find_header(head.headers, "ETag");
    auto const modified = http::find_header(head.headers, "Last-Modified");
    auto const& told = validator_.starts_with('"') ? tag : modified;
    if (told && *told != validator_) return fail(Code::bad_answer, "the clip is another one by now");
    bool const follows = can_go_on() && range && range->first == size_ && range->last + 1 == range->total &&
                         (!total_ || *total_ == range->total);
    if (!follows) return fail(Code::bad_answer, "what came is not the rest of the clip");
    total_ = range->total;
    return {};
  }

  [[nodiscard]] tl::unexpected<Error> fail_to_write() const {
    return fail(Code::file_system, fmt::format("cannot write '{}': {}", path_.string(), file_.why()),
                "free some space or mend the folder's rights; `callsheet resume` fetches the clip");
  }

  std::filesystem::path path_;
  OutputFile file_;
  std::string validator_;               ///< of the file that is coming; empty: its parts cannot be joined
  std::optional<std::uint64_t> total_;  ///< of the whole file, where it was told
  std::uint64_t size_ = 0;              ///< of what has come
  bool begun_ = false;                  ///< the latest answer: an empty one never begins
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
  request.body_most = clip_bytes_most;
  request.addresses = own || profile.private_links ? http::Addresses::any : http::Addresses::public_only;
  return request;
}

enum class Break {
  in_the_middle,  ///< some of the answer had come
  before_it,      ///< the server cannot be reached, or says nothing
  for_good,       ///< whatever was wrong will be wrong again
};
Break kind_of(http::TransferFailure const& failure) {
  bool const cut = failure.error.code == Code::unreachable || failure.error.code == Code::timed_out;
  if (!cut) return Break::for_good;
  return failure.answer_began ? Break::in_the_middle : Break::before_it;
}

using Steady = std::chrono::steady_clock;

/// When to ask for the rest of a file: at once, then at growing intervals for as long as a server may be
/// silent.
class Patience {
 public:
  explicit Patience(Steady::duration silence_most) : silence_most_{silence_most} {}

  void note_progress() {
    since_ = Steady::now();
    pause_ = first_pause;
  }
  [[nodiscard]] bool lasts() const { return Steady::now() + pause_ - since_ < silence_most_; }
  boost::asio::awaitable<void> pause() {
    boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor, pause_};
    pause_ *= 2;
    co_await timer.async_wait(boost::asio::use_awaitable);
  }

 private:
  static constexpr std::chrono::milliseconds first_pause{250};
  Steady::duration silence_most_;
  Steady::time_point since_ = Steady::now();
  std::chrono::milliseconds pause_ = first_pause;
};

}  // namespace

boost::asio::awaitable<tl::expected<Downloaded, DownloadFailure>> download_clip(http::Client& client,
                                                                                Profile const& profile,
                                                                                std::string link,
                                                                                std::filesystem::path to) {
  auto const end = Steady::now() + profile.time_outs.download;
  Patience patience{profile.time_outs.idle};
  FileSink sink{to};
  for (int piece = 1;;) {
    bool const whole = !sink.can_go_on();
    std::uint64_t const before = sink.size();
    http::Timeouts timeouts{.connect = profile.time_outs.connect, .idle = profile.time_outs.idle};
    timeouts.total = std::chrono::duration_cast<std::chrono::milliseconds>(end - Steady::now());
    RequestFor asking = [&profile, &sink, timeouts](http::Url const& url) -> Result<http::Request> {
      http::Request request = request_for(url, profile);
      request.timeouts = timeouts;
      sink.ask(request);
      return request;
    };
    Followed const followed = co_await follow(client, link, std::move(asking), sink);
    auto const& answer = followed.answer;
    bool const more = piece < pieces_most && Steady::now() < end;
    if (!answer) {
      http::TransferFailure const& failure = answer.error();
      Break const kind = kind_of(failure);
      if (more && sink.can_go_on() && kind == Break::in_the_middle && sink.size() != before) {
        ++piece;
        patience.note_progress();
        continue;
      }
      if (more && sink.can_go_on() && kind == Break::before_it && patience.lasts()) {
        co_await patience.pause();
        continue;
      }
      // A server that does not go on where it was asked to is asked for everything.
      bool const misled = !whole && failure.error.code == Code::bad_answer;
      if (!more || !misled) co_return failed(failure.error.what);
      ++piece;
      sink.forget();
      continue;
    }
    if (answer->status == 200 || answer->status == 206) {
      Result<std::uint64_t> size = sink.finish();
      if (size) co_return Downloaded{.size_bytes = *size};
      if (whole || !more || size.error().code != Code::bad_answer) co_return failed(size.error().what);
      ++piece;
      sink.forget();
      continue;
    }
    if (answer->status == 416 && !whole && more) {
      ++piece;
      sink.forget();
      continue;
    }
    bool const dead = answer->status == 403 || answer->status == 404 || answer->status == 410;
    co_return failed(fmt::format("{} answered {} for the clip", http::origin_of(followed.at), answer->status),
                     dead);
  }
}

}  // namespace callsheet::gateway
