#pragma once

#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/gateway/gateway.hpp"
#include "orchestrator/ledger/record.hpp"
#include "orchestrator/run/blocking.hpp"
#include "orchestrator/run/clip_files.hpp"
#include "orchestrator/run/late_answer.hpp"
#include "orchestrator/run/ledger_writer.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

namespace callsheet::run {

/// Brings clips home: from a link to a file in its place, checked, durable and recorded. One thread.
class Deliveries {
 public:
  struct Edges {
    gateway::Gateway& gateway;
    ClipFiles& files;
    BlockingPool& desk;  ///< for files
    LedgerWriter& writer;
  };
  explicit Deliveries(Edges edges) : edges_{edges} {}

  /// What a clip is measured against.
  struct Ordered {
    Request request;
    Quality bought = Quality::p720;
  };
  struct Delivered {
    ledger::ClipRecord clip;
    std::vector<std::string> differences;  ///< from what was ordered; empty: none
  };

  /// `earlier`: what was recorded of the task's clip before, by a process that may have died at it. `wanted`:
  /// where the clip belongs; it gets another name where somebody else's file has that one.
  boost::asio::awaitable<tl::expected<Delivered, gateway::DownloadFailure>> deliver(
      TaskId task, std::string link, std::optional<ledger::ClipRecord> earlier, std::filesystem::path wanted,
      Ordered ordered);

 private:
  struct Waiting {
    Placing placing;
    std::shared_ptr<Answer<Result<void>>> answer;
  };

  boost::asio::awaitable<Result<void>> make_folder_of(std::filesystem::path wanted);
  boost::asio::awaitable<Result<Delivered>> publish(TaskId task, std::filesystem::path partial,
                                                    std::filesystem::path wanted, Ordered ordered);
  boost::asio::awaitable<Result<void>> put(Placing placing);
  boost::asio::awaitable<void> put_all_waiting();

  Edges edges_;
  std::set<std::filesystem::path> folders_;  ///< of clips, known to be there
  std::vector<Waiting> waiting_;             ///< checked and recorded, for their names
  bool putting_ = false;
};

}  // namespace callsheet::run
