#pragma once

#include "orchestrator/core/request.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/gateway/gateway.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

namespace callsheet::run {

/// Local pictures at the gateway: each content is uploaded once, also by many tasks at the same time,
/// remembered in the ledger and reused while it lives (72 h, gateway-api.md section 9). One thread.
class Uploads {
 public:
  Uploads(boost::asio::any_io_executor executor, gateway::Gateway& gateway, ledger::Ledger& ledger,
          boost::asio::thread_pool& ledger_pool, boost::asio::thread_pool& file_pool, Clock const& clock);

  /// Makes the picture's address known. Empty: it is.
  boost::asio::awaitable<std::optional<Failure>> ensure(ImageInput image);

  /// The address of a picture that ensure() made known, or of a URL; empty when it is not known or about to
  /// expire.
  [[nodiscard]] std::string address_of(std::optional<ImageInput> const& image) const;

 private:
  struct Entry {
    explicit Entry(boost::asio::any_io_executor const& executor)
        : wake{executor, boost::asio::steady_timer::time_point::max()} {}
    bool under_way = true;
    std::optional<ledger::Upload> upload;
    std::optional<Failure> failure;
    boost::asio::steady_timer wake;
  };

  boost::asio::awaitable<void> make_known(ImageInput image, std::shared_ptr<Entry> entry);
  [[nodiscard]] bool lives(ledger::Upload const& upload) const;

  boost::asio::any_io_executor executor_;
  gateway::Gateway& gateway_;
  ledger::Ledger& ledger_;
  boost::asio::thread_pool& ledger_pool_;
  boost::asio::thread_pool& file_pool_;
  Clock const& clock_;
  std::map<ContentDigest, std::shared_ptr<Entry>> entries_;
};

}  // namespace callsheet::run
