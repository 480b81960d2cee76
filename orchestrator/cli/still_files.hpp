#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/media/clip_stills.hpp"
#include "orchestrator/report/result_model.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace callsheet::cli {

/// Which stills are made, of those that are not there.
enum class StillWish {
  none,   ///< what is there is named
  drawn,  ///< those that cost no drawing: they were drawn when their clip was looked at, or can be linked
  some,   ///< in a minute of drawing: nobody waits for hours for a report
  all,
};

/// Keeps a poster and a filmstrip beside each clip: makes what is missing or of another clip, and names what
/// stands there. Stills are derived and cheap, clips are paid for: what goes wrong here costs the still
/// alone. A still appears whole or not at all, and nobody's file that is none of ours is replaced: nor a
/// link, nor what is behind one. Blocking.
class StillFiles {
 public:
  explicit StillFiles(StillWish wish) : wish_{wish} {}

  /// `clip`: below `output_dir`; on return it names the stills that are there. None are made of a clip that
  /// is not in place, as far as its size tells, or whose digest is not known.
  void keep(std::filesystem::path const& output_dir, report::ClipFile& clip);

  /// Clips that were left without, since a minute was over.
  [[nodiscard]] int left_out() const { return left_out_; }
  /// What went wrong first.
  [[nodiscard]] std::optional<Error> const& trouble() const { return trouble_; }

 private:
  struct Places {
    std::filesystem::path clip, poster, filmstrip;
  };
  /// Which of a clip's stills are there.
  struct Standing {
    bool poster = false, filmstrip = false;
  };
  [[nodiscard]] media::StillState look_at(std::filesystem::path const& still, std::string const& sha256);
  void make(Places const& places, report::ClipFile const& clip, Standing& standing);
  [[nodiscard]] std::optional<media::Stills> draw(std::filesystem::path const& place,
                                                  report::ClipFile const& clip);
  [[nodiscard]] bool link_from_another(Places const& places, std::string const& sha256, Standing& standing);
  [[nodiscard]] bool put(std::filesystem::path const& still, std::string const& jpeg,
                         std::string const& sha256);
  void note(Error error);

  StillWish wish_;
  std::chrono::steady_clock::duration drawn_for_{};
  std::map<std::string, Places> made_;  ///< by the clip's digest: the same bytes have the same stills
  bool told_ = false;                   ///< that drawing takes its time
  int left_out_ = 0;
  std::optional<Error> trouble_;
};

/// Whether the file may hold the clip, by its size: which costs nothing, and tells whether it is worth a
/// closer look.
[[nodiscard]] bool may_hold(std::filesystem::path const& path, report::ClipFile const& clip);

}  // namespace callsheet::cli
