#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/review/review.hpp"

#include <filesystem>
#include <functional>
#include <set>
#include <string>

namespace callsheet::cli {

/// review.json beside the report of a campaign, which people share: everything in it is checked when it is
/// read, and it only ever appears whole. Blocking.
class ReviewFile {
 public:
  /// `campaign`: whose it has to be; empty: whoever's.
  ReviewFile(std::filesystem::path path, std::string campaign)
      : path_{std::move(path)}, campaign_{std::move(campaign)} {}

  [[nodiscard]] static std::filesystem::path beside_report(std::filesystem::path const& output_dir) {
    return output_dir / "review.json";
  }

  [[nodiscard]] std::filesystem::path const& path() const { return path_; }

  /// An empty review where there is no file yet. Fails with every error, also where it is another campaign's.
  [[nodiscard]] Checked<review::Review> read() const;
  /// The same, with the places in it.
  [[nodiscard]] Checked<review::LocatedReview> read_located() const;
  /// Reads, lets `change` change, writes, and gives what was written. Others who change it meanwhile wait.
  [[nodiscard]] Checked<review::Review> change(
      std::function<Result<void>(review::Review&)> const& change) const;

 private:
  std::filesystem::path path_;
  std::string campaign_;
};

/// What that review has accepted, as Reusing has it.
[[nodiscard]] std::set<TaskIdentity> accepted_in(review::Review const& review);
/// The same of the reviews in these folders, where there are any. Fails with every error of the first bad
/// one.
[[nodiscard]] Checked<std::set<TaskIdentity>> accepted_in(std::set<std::filesystem::path> const& output_dirs);

}  // namespace callsheet::cli
