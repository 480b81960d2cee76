#include "orchestrator/run/uploads.hpp"

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
  // Files are read whole: a few at a time.
  constexpr int at_once = 4;
  while (reading_ == at_once) co_await fewer_.wait();
  ++reading_;
  auto uploaded = co_await read_and_send(image);
  --reading_;
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

net::awaitable<tl::expected<gateway::UploadedFile, Failure>> Uploads::read_and_send(MediaInput const& input) {
  auto read = [this, path = input.location] { return edges_.files.read_input(path); };
  Result<ClipFiles::Input> content = co_await edges_.desk.run(std::move(read));
  // The plan was priced and named for these bytes: others must not go out in their place.
  if (!content || content->digest != input.digest.str()) {
    Failure failure{.kind = FailureKind::invalid_request,
                    .message = content ? fmt::format("'{}' changed since the plan was made", input.location)
                                       : content.error().what};
    co_return tl::unexpected<Failure>{std::move(failure)};
  }
  gateway::InputFile file{
      .name = content->digest.substr(0, 32) + std::filesystem::path{input.location}.extension().string(),
      .bytes = std::move(content->bytes)};
  co_return co_await edges_.gateway.upload(std::move(file));
}

}  // namespace callsheet::run
