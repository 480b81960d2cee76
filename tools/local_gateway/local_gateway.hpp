#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/core/time.hpp"
#include "tools/local_gateway/faults.hpp"
#include "tools/local_gateway/reach.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// EvoLink's API on this machine (facts: gateway-api.md), so that campaigns can be run and watched without a
/// key or money. An independent witness: it has its own prices and its own reading of requests, and shares
/// nothing with orchestrator/ but core types and the HTTP server; its bill is there to be compared with
/// callsheet's.
///
/// What it does not do: fetch pictures from foreign URLs (such a clip is made on a painted backdrop; the real
/// service would fetch them).
namespace callsheet::local_gateway {

enum class Render {
  real,  ///< animatics of the asked size, length and sound, made with the ffmpeg program
  fast,  ///< plain clips of the asked size and length, made once each and served from memory
};

/// In which unit `usage.credits_reserved` is given: the documents show both (gateway-api.md section 6).
enum class CreditsUnit { by_model, uc, credits };  ///< by_model: UC for kling-v3*, credits for the others

struct Options {
  std::uint16_t port = 0;  ///< 0: a free one
  /// Where journal, uploads and clips stay, so that a restart continues where `kill -9` left. Empty: a
  /// temporary folder, gone with the object.
  std::filesystem::path state_dir;
  Render render = Render::real;
  int render_threads = 1;
  bool captions = true;
  /// A task takes at least (40 s + 10 s for each second of video; more for 1080p and 4k) × this. 0: no wait.
  double latency_scale = 0.02;
  Credits balance = Credits::whole(100'000);  ///< the account at first start; a journal's own figure wins
  std::vector<std::string> api_keys;          ///< empty: any bearer that is not empty
  std::chrono::seconds link_life = std::chrono::hours{24};    ///< of result links: gateway-api.md 5.2
  std::chrono::seconds upload_life = std::chrono::hours{72};  ///< of uploaded files: gateway-api.md section 9
  /// Honour Idempotency-Key. Announced on every answer by `Idempotency-Honoured: true`, an extension of ours.
  bool idempotency = true;
  CreditsUnit credits_unit = CreditsUnit::by_model;
  bool billing_in_answers = true;  ///< `billing` and `usage.credits_used` in the answers of ended tasks
  bool refund_failed = true;       ///< the documents do not say (gateway-api.md section 10)
  int creates_per_minute = 0;      ///< per key; 0: no limit
  double fail_ratio = 0;           ///< share of tasks that fail with service_error, chosen by `seed`
  std::vector<std::string> outage_models;  ///< creates answer 503 model_unavailable
  std::vector<std::string> denied_models;  ///< creates answer 403 model_access_denied
  /// Elements made elsewhere may be shown: a rehearsal of what is meant for another account. Without it, an
  /// id that was not given here is refused, as the real gateway does.
  bool foreign_elements = false;
  Reach reach = Reach::public_internet;
  std::chrono::milliseconds callback_first_wait{
      1000};                     ///< before the first retry, then twice as long, and again
  Faults faults;                 ///< what goes wrong on purpose, over and above the settings here
  std::uint64_t seed = 0;        ///< 0: task ids are random; else the same for the same sequence
  Clock const* clock = nullptr;  ///< null: the system's. Must outlive the gateway
  /// Told of faults of the gateway itself, on its thread. Empty: silent.
  std::function<void(std::string_view what)> on_fault = {};
};

enum class TaskState { pending, processing, completed, failed };
std::string_view to_string(TaskState state);

/// One created task as the gateway bills it. reserved = charged + refunded once the task has ended.
struct BillLine {
  std::string task_id;
  std::string model;
  std::string idempotency_key;  ///< empty: none was sent
  Credits reserved;
  Credits charged;
  Credits refunded;
  TaskState state = TaskState::pending;
  TimePoint created_at;
  bool delivered = false;           ///< its link was opened at least once
  std::vector<std::string> faults;  ///< that struck it since the gateway started, as storm files name them
};

struct FaultCount {
  std::string name;
  std::uint64_t count = 0;
};

struct Bill {
  std::vector<BillLine> lines;  ///< oldest first
  Credits opening;              ///< balance before the first task
  Credits reserved;             ///< held by tasks that have not ended
  Credits charged;
  Credits refunded;
  Credits remaining;               ///< opening - charged - reserved
  std::vector<FaultCount> faults;  ///< those that struck since the gateway started
};

/// Runs on a thread of its own. All functions may be called from any one other thread.
class LocalGateway {
 public:
  /// Replays the journal, binds 127.0.0.1 and starts; unfinished tasks are rendered again. Fails with
  /// Code::busy (port or state folder in use), Code::file_system, Code::not_found (no ffmpeg program) or
  /// Code::usage.
  [[nodiscard]] static Result<std::unique_ptr<LocalGateway>> start(Options options);
  LocalGateway(LocalGateway const&) = delete;
  LocalGateway& operator=(LocalGateway const&) = delete;
  ~LocalGateway();  ///< stop()

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string base_url() const;  ///< "http://127.0.0.1:PORT"
  /// Closes all connections, kills running ffmpeg children, joins all threads. May be called twice.
  void stop();
  /// What was asked and billed so far; also after stop().
  [[nodiscard]] Bill bill() const;

 private:
  class Machinery;
  explicit LocalGateway(std::unique_ptr<Machinery> machinery);
  std::unique_ptr<Machinery> machinery_;
};

}  // namespace callsheet::local_gateway
