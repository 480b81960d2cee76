#pragma once

#include "tools/local_gateway/fast_clips.hpp"
#include "tools/local_gateway/local_gateway.hpp"
#include "tools/local_gateway/render_pool.hpp"
#include "tools/local_gateway/shoot.hpp"

#include <functional>
#include <map>
#include <variant>

#include <boost/asio/any_io_executor.hpp>

namespace callsheet::local_gateway {

/// Where a clip's bytes are.
using Clip = std::variant<std::shared_ptr<std::string const>, std::filesystem::path>;

/// Makes the clips, real or fast, on threads of its own. Belongs to the gateway's thread, on which `done` is
/// called.
class Studio {
 public:
  using Done = std::function<void(Result<void>)>;

  Studio(boost::asio::any_io_executor executor, Options const& options, std::filesystem::path state_dir);
  ~Studio();  ///< stop()
  Studio(Studio const&) = delete;
  Studio& operator=(Studio const&) = delete;

  /// Code::not_found when there is no ffmpeg program. Blocking.
  [[nodiscard]] Result<void> check_tools();
  /// `done` may be called before this returns.
  void make(Shoot const& shoot, Done done);
  /// The finished clip; empty when it is not there (any more).
  [[nodiscard]] std::optional<Clip> find(Shoot const& shoot);
  /// Kills running children, joins the threads; no `done` is called after it.
  void stop();

 private:
  void make_fast(ClipClass const& kind, Done done);
  void make_real(Shoot const& shoot, Done done);
  [[nodiscard]] std::filesystem::path result_file(std::string const& task_id) const;

  boost::asio::any_io_executor executor_;
  Options const& options_;
  std::filesystem::path state_dir_;
  ChildProcesses children_;
  std::map<ClipClass, std::shared_ptr<std::string const>> fast_;
  std::map<ClipClass, std::vector<Done>> fast_waiting_;
  RenderPool pool_;  // last: its threads use the members above
};

}  // namespace callsheet::local_gateway
