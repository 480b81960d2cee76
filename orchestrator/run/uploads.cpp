#include "orchestrator/run/uploads.hpp"

#include "orchestrator/run/input_upload.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace callsheet::run {

namespace net = boost::asio;

namespace {
/// An upload that dies sooner is made anew: the gateway may read it some time after the request.
constexpr std::chrono::hours least_life{1};
/// What has just been uploaded is used for an hour, however soon the gateway says it dies: its clock may be
/// wrong, and a file that is never good enough would be sent again without end.
constexpr std::chrono::hours fresh_life = least_life + std::chrono::hours{1};
/// Smaller files are gone before anybody could look.
constexpr std::uint64_t told_bytes_least = 8'000'000;

/// The plan was priced and named for the bytes of a file: others must not go out in their place.
Failure never_again(Error const& fault) {
  return {.kind = FailureKind::invalid_request, .message = fault.what};
}
}  // namespace

Uploads::Uploads(net::any_io_executor executor, Edges edges)
    : executor_{std::move(executor)}, edges_{edges}, fewer_{executor_} {}

bool Uploads::lives(ledger::Upload const& upload) const {
  return upload.expires > edges_.clock.now() + least_life;
}

std::string Uploads::address_of(MediaInput const& input) const {
  if (input.kind == MediaInput::Kind::url) return input.location;
  auto const entry = entries_.find(input.digest);
  if (entry == entries_.end() || !entry->second->upload || !lives(*entry->second->upload)) return "";
  return entry->second->upload->url;
}

net::awaitable<std::optional<Failure>> Uploads::ensure(MediaInput image) {
  if (image.kind == MediaInput::Kind::url || !address_of(image).empty()) co_return std::nullopt;
  std::shared_ptr<Entry>& slot = entries_[image.digest];
  if (slot && slot->under_way) {
    std::shared_ptr<Entry> const other = slot;
    while (other->under_way) co_await other->done.wait();
    co_return other->failure;
  }
  slot = std::make_shared<Entry>(executor_);
  std::shared_ptr<Entry> const entry = slot;
  co_await make_known(std::move(image), entry);
  entry->under_way = false;
  entry->done.notify();
  co_return entry->failure;
}

net::awaitable<void> Uploads::make_known(MediaInput image, std::shared_ptr<Entry> entry) {
  auto look = [this, digest = image.digest] {
    return edges_.ledger.find_upload(edges_.gateway.name(), digest);
  };
  Result<std::optional<ledger::Upload>> known = co_await edges_.books.run(std::move(look));
  if (known && *known && lives(**known)) {
    entry->upload = **known;
    co_return;
  }
  // A few at a time share the line, and none of them comes to a standstill.
  constexpr int at_once = 4;
  while (sending_ == at_once) co_await fewer_.wait();
  ++sending_;
  auto uploaded = co_await send(image);
  --sending_;
  fewer_.notify();
  if (!uploaded) {
    entry->failure = uploaded.error();
    co_return;
  }
  entry->upload = ledger::Upload{.url = uploaded->url,
                                 .expires = std::max(uploaded->expires, edges_.clock.now() + fresh_life)};
  auto remember = [this, digest = image.digest, upload = *entry->upload] {
    return edges_.ledger.remember_upload(edges_.gateway.name(), digest, upload);
  };
  // Forgetting it would only cost another upload.
  Result<void> const remembered = co_await edges_.books.run(std::move(remember));
  static_cast<void>(remembered);
}

net::awaitable<tl::expected<gateway::UploadedFile, Failure>> Uploads::send(MediaInput const& input) {
  auto open = [this, path = input.location] { return edges_.files.open_input(path); };
  Result<std::unique_ptr<InputReader>> reader = co_await edges_.desk.run(std::move(open));
  if (!reader) co_return tl::unexpected<Failure>{never_again(reader.error())};
  std::uint64_t const size = (*reader)->size_bytes();
  if (size == 0)
    co_return tl::unexpected<Failure>{
        never_again({.code = Code::invalid_input, .what = fmt::format("'{}' is empty", input.location)})};
  std::uint64_t told = 0;
  auto const progressed = [&](std::uint64_t sent) {
    if (size < told_bytes_least || (sent != 0 && sent * 100 / size == told * 100 / size)) return;
    told = sent;
    edges_.tell(UploadProgressed{.file = input.location, .sent_bytes = sent, .size_bytes = size});
  };
  InputUpload file{edges_.desk, *std::move(reader), input, progressed};
  auto uploaded = co_await edges_.gateway.upload(file);
  UploadEnded ended{
      .file = input.location, .sent_bytes = file.sent_bytes(), .size_bytes = size, .failure = {}};
  if (!uploaded) {
    if (file.fault()) uploaded.error() = never_again(*file.fault());
    ended.failure = uploaded.error();
  } else {
    ended.sent_bytes = size;
  }
  if (!uploaded || size >= told_bytes_least) edges_.tell(ended);
  co_return uploaded;
}

}  // namespace callsheet::run
