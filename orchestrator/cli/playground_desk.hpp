#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/cli/gateway_choice.hpp"
#include "orchestrator/cli/playground_frames.hpp"
#include "orchestrator/cli/playground_quote.hpp"
#include "orchestrator/cli/playground_sends.hpp"
#include "orchestrator/web/playground_server.hpp"

#include <deque>
#include <filesystem>
#include <string>
#include <string_view>

namespace callsheet::cli {

/// What the playground's page asks, answered: from the catalog, by planning, by sending.
class PlaygroundDesk final : public web::PlaygroundDesk {
 public:
  struct Setup {
    std::filesystem::path folder;  ///< absolute, and there
    std::filesystem::path ledger;  ///< its file
    GatewaySite site;
  };
  /// `catalog` and `sends` outlive it.
  PlaygroundDesk(catalog::Catalog const& catalog, PlaygroundSends& sends, Setup setup);

  [[nodiscard]] std::string catalog() override;
  [[nodiscard]] std::string state() override;
  [[nodiscard]] Result<std::string> price(std::string_view form) override;
  [[nodiscard]] Result<std::string> send(std::string_view order) override;
  [[nodiscard]] Result<std::string> go_on(std::string_view order) override;
  [[nodiscard]] Result<std::string> take(web::FramePiece const& piece) override;
  [[nodiscard]] std::optional<web::Frame> frame(std::string_view id) override;
  [[nodiscard]] std::optional<std::filesystem::path> clip(std::string_view id) override;

  /// Where its frames are kept, of this folder.
  [[nodiscard]] static std::filesystem::path frames_in(std::filesystem::path const& folder);

 private:
  struct Order {
    PlaygroundForm form;
    std::string id;     ///< random: an order that comes twice is one
    Credits most;       ///< that the person was shown
    bool anew = false;  ///< also where it is made already
  };
  [[nodiscard]] static Result<Order> parse_order(std::string_view sent);
  [[nodiscard]] Result<PlaygroundQuote> quote(PlaygroundForm const& form) const;
  /// That what would be bought is what the person has ordered, and may be bought.
  [[nodiscard]] Result<void> check(Order const& order, PlaygroundQuote const& quote) const;

  catalog::Catalog const& catalog_;
  PlaygroundSends& sends_;
  Setup setup_;
  PlaygroundFrames frames_;
  PlaygroundPricing pricing_;
  std::deque<std::string> carried_out_;  ///< the latest orders
};

}  // namespace callsheet::cli
