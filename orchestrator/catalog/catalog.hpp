#pragma once

#include "orchestrator/catalog/capability.hpp"
#include "orchestrator/catalog/model.hpp"
#include "orchestrator/catalog/price.hpp"
#include "orchestrator/core/gateway_profile.hpp"
#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet::catalog {

/// The models that can be asked, and what they cost in the price list in force. Immutable once loaded.
struct Catalog {
  std::vector<Model> models;  ///< in the file's order, which breaks ties of price
  /// Globs of the models that are asked where a manifest names none; empty: all. Another family's clips look
  /// different, so that its lower price is no reason of its own.
  std::vector<std::string> default_models;
  std::uint64_t upload_bytes_max = 0;    ///< of a local file; 0: no limit is known
  std::vector<GatewayProfile> gateways;  ///< the program's own first
  std::vector<PriceList> price_lists;
  std::size_t current = 0;  ///< index of the price list in force

  [[nodiscard]] PriceList const& prices() const { return price_lists[current]; }
  [[nodiscard]] Model const* find(ModelId const& id) const;
  /// Null: there is none of that name.
  [[nodiscard]] GatewayProfile const* gateway(std::string_view name) const;
  enum class Video { none, given };
  /// Null: the price list in force has no price for this model, used that way.
  [[nodiscard]] Tariff const* tariff(ModelId const& id, Video video = Video::none) const;
  [[nodiscard]] Tariff const* tariff(ModelId const& id, Request const& request) const {
    return tariff(id, request.video ? Video::given : Video::none);
  }
  /// What one clip of `request` at `quality` should cost; empty: no price. A video nobody has measured counts
  /// as long as the clip.
  [[nodiscard]] std::optional<Credits> expected(Model const& model, Request const& request, Quality quality,
                                                InputFacts const& inputs = {}) const;
  /// The most one attempt can cost: what a hold must cover. Settled by the request alone, that is what is
  /// expected; settled by the clip's length, a second more. A video counts by its longest track, and at least
  /// what the gateway reserves for one it cannot measure; one by URL as the longest the model takes, or empty
  /// where that has no bound.
  [[nodiscard]] std::optional<Credits> most(Model const& model, Request const& request, Quality quality,
                                            InputFacts const& inputs = {}) const;
  [[nodiscard]] std::vector<std::string> model_ids() const;
};

/// Which catalog to work with.
struct Choice {
  std::filesystem::path file;  ///< empty: the catalog the program was built with
  std::string price_list;      ///< empty: the file's default
};

/// Blocking when a file is named. Fails with Code::not_found for an unknown price list, file_system, or
/// invalid_input with file:line:column for a catalog that makes no sense.
[[nodiscard]] Result<Catalog> load(Choice const& choice = {});
/// `file` is the name errors show.
[[nodiscard]] Result<Catalog> parse(std::string const& file, std::string_view text,
                                    std::string const& price_list = {});
/// The text of the catalog the program was built with.
[[nodiscard]] std::string_view standard_text();

}  // namespace callsheet::catalog
