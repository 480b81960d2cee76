#include "orchestrator/run/uploads.hpp"

#include <utility>

#include <fmt/format.h>

namespace callsheet::run {

namespace net = boost::asio;

namespace {
/// An upload that dies sooner is made anew: the gateway may read it some time after the request.
constexpr std::chrono::hours least_life{1};
}  // namespace

Uploads::Uploads(net::any_io_executor executor, Edges edges)
    : executor_{std::move(executor)}, edges_{edges} {}

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
  // The plan was priced and named for these bytes: others must not go out in their place.
  auto read = [this, path = image.location] { return edges_.files.digest_of(path); };
  Result<std::string> const digest = co_await edges_.desk.run(std::move(read));
  if (!digest || *digest != image.digest.str()) {
    entry->failure =
        Failure{.kind = FailureKind::invalid_request,
                .message = digest ? fmt::format("'{}' changed since the plan was made", image.location)
                                  : digest.error().what};
    co_return;
  }
  auto uploaded = co_await edges_.gateway.upload(image.location);
  if (!uploaded) {
    entry->failure = uploaded.error();
    co_return;
  }
  entry->upload = ledger::Upload{.url = uploaded->url, .expires = uploaded->expires};
  auto remember = [this, digest = image.digest, upload = *entry->upload] {
    return edges_.ledger.remember_upload(edges_.gateway.name(), digest, upload);
  };
  // Forgetting it would only cost another upload.
  Result<void> const remembered = co_await edges_.books.run(std::move(remember));
  static_cast<void>(remembered);
}

}  // namespace callsheet::run
