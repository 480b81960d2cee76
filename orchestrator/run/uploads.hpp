#pragma once

#include "orchestrator/core/request.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/gateway/gateway.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/run/blocking.hpp"
#include "orchestrator/run/clip_files.hpp"
#include "orchestrator/run/observer.hpp"
#include "orchestrator/run/signal.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace callsheet::run {

/// Local pictures and videos at the gateway: each content is uploaded once, also by many tasks at the same
/// time, remembered in the ledger and reused while it lives (72 h, gateway-api.md section 9). One thread.
class Uploads {
 public:
  struct Edges {
    gateway::Gateway& gateway;
    ledger::Ledger& ledger;
    ClipFiles& files;
    BlockingPool& books;  ///< for the ledger
    BlockingPool& desk;   ///< for files
    Clock const& clock;
    std::function<void(News const&)> tell;
  };
  Uploads(boost::asio::any_io_executor executor, Edges edges);

  /// Makes the picture's address known. Empty: it is.
  boost::asio::awaitable<std::optional<Failure>> ensure(MediaInput image);

  /// The address of a picture or video that ensure() made known, or of a URL; empty when it is not known or
  /// about to expire.
  [[nodiscard]] std::string address_of(MediaInput const& input) const;

 private:
  struct Entry {
    explicit Entry(boost::asio::any_io_executor const& executor) : done{executor} {}
    bool under_way = true;
    std::optional<ledger::Upload> upload;
    std::optional<Failure> failure;
    Signal done;
  };

  boost::asio::awaitable<void> make_known(MediaInput image, std::shared_ptr<Entry> entry);
  boost::asio::awaitable<tl::expected<gateway::UploadedFile, Failure>> send(MediaInput const& input);
  [[nodiscard]] bool lives(ledger::Upload const& upload) const;

  boost::asio::any_io_executor executor_;
  Edges edges_;
  std::map<ContentDigest, std::shared_ptr<Entry>> entries_;
  int sending_ = 0;  ///< files on their way
  Signal fewer_;
};

}  // namespace callsheet::run
