#pragma once

#include "orchestrator/cli/review_file.hpp"
#include "orchestrator/cli/review_lines.hpp"
#include "orchestrator/web/review_server.hpp"

#include <string>
#include <vector>

namespace callsheet::cli {

/// A run's clips and the review that is kept of them, for the page. What is said there is said by `reviewer`.
class RunDesk final : public web::ReviewDesk {
 public:
  /// `run` outlives it.
  RunDesk(report::RunReader const& run, std::vector<ReviewLine> lines, ReviewFile file, std::string reviewer)
      : run_{run}, lines_{std::move(lines)}, file_{std::move(file)}, reviewer_{std::move(reviewer)} {}

  /// Shown behind the run's own clips, and not to be ruled on.
  void keep(std::vector<ReviewLine> kept) { kept_ = std::move(kept); }

  /// Fails when the review cannot be read. state() shows what was read last.
  [[nodiscard]] Checked<void> read();
  [[nodiscard]] review::Review const& review() const { return review_; }
  [[nodiscard]] std::vector<ReviewLine> const& lines() const { return lines_; }

  [[nodiscard]] std::string state() override;
  [[nodiscard]] Result<void> rule(std::string_view verdict) override;
  [[nodiscard]] std::optional<std::filesystem::path> clip(std::size_t number) override;
  [[nodiscard]] std::optional<std::filesystem::path> poster(std::size_t number) override;
  [[nodiscard]] std::optional<std::filesystem::path> filmstrip(std::size_t number) override;

 private:
  [[nodiscard]] std::size_t count() const { return lines_.size() + kept_.size(); }
  [[nodiscard]] ReviewLine const& at(std::size_t number) const {
    return number < lines_.size() ? lines_[number] : kept_[number - lines_.size()];
  }

  report::RunReader const& run_;
  std::vector<ReviewLine> lines_;
  std::vector<ReviewLine> kept_ = {};
  ReviewFile file_;
  std::string reviewer_;
  review::Review review_;
};

}  // namespace callsheet::cli
