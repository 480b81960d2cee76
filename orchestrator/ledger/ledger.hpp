#pragma once

#include "orchestrator/core/attempt.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/record.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// ledger/ remembers: holds, attempts, bills, clips, uploads. It is what survives the process. It knows no
// gateway and no policy; the one rule it enforces is that no hold exceeds a cap.
namespace callsheet::ledger {

/// Where a reused clip comes from.
struct Origin {
  RunId run;
  ModelId model;
  Quality quality = Quality::p720;
};

struct NewTask {
  TaskIdentity identity;
  std::string name;
  int take = 1;
  std::string spec;  ///< the planned task, in plan/'s own encoding
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::optional<Origin> made_by{};   ///< reused: what bought it
  std::optional<ClipRecord> clip{};  ///< reused: the file in place
};

struct NewRun {
  RunId id;
  std::string campaign;
  std::string gateway;
  std::string settings;  ///< the plan without its tasks, in plan/'s own encoding
  Credits cap;
  std::optional<Credits> daily_cap;
  TimePoint started;
  std::vector<NewTask> tasks;  ///< TaskId is the position
};

struct RunSummary {
  RunId id;
  std::string campaign;
  std::string gateway;
  RunStatus status = RunStatus::running;
  TimePoint started;
  std::optional<TimePoint> ended;
  Credits cap;
  Credits held, billed, refund_expected;
  int tasks = 0, outstanding = 0, made = 0, reused = 0, failed = 0, in_doubt = 0, skipped = 0;
};

struct TaskRecord {
  TaskIdentity identity;
  std::string name;
  int take = 1;
  std::string spec;
  TaskOutcome outcome = TaskOutcome::outstanding;
  std::string why;
  std::optional<TimePoint> ended;
  std::optional<Origin> made_by;
  std::optional<ClipRecord> clip;
};

struct AttemptRecord {
  AttemptId id{};
  AttemptKey key;
  ModelId model;
  Quality quality = Quality::p720;
  AttemptState state = AttemptState::submitting;
  GatewayTaskId task_id;
  std::string idempotency_key;
  std::string request_body;
  Credits held, billed, refund_expected;
  TimePoint submitted;
  std::optional<TimePoint> ended;
  std::optional<Failure> failure;
};

struct RunRecord {
  RunSummary summary;
  std::string settings;
  std::vector<TaskRecord> tasks;
  std::vector<AttemptRecord> attempts;  ///< by task, then ordinal
};

/// A clip that some run of this ledger made, or that some run has money on.
struct KnownClip {
  Origin origin;
  std::string task;
  TaskOutcome outcome = TaskOutcome::made;  ///< made; outstanding or in_doubt: paid for, or may be
  std::optional<ClipRecord> clip;
};

struct Upload {
  std::string url;
  TimePoint expires;
};

/// Held for as long as a process works on a campaign; freed when it ends, however it ends.
class Lease {
 public:
  virtual ~Lease() = default;
};

/// The durable record. One thread at a time. Every call may block on disk. All fail with
/// Code::ledger_unavailable when the store cannot be read or written; then nothing of the call was recorded.
class Ledger {
 public:
  virtual ~Ledger() = default;

  /// Keeps other processes from working on the same campaign with this ledger. Fails with Code::busy.
  [[nodiscard]] virtual Result<std::unique_ptr<Lease>> lease(std::string const& campaign) = 0;

  [[nodiscard]] virtual Result<void> begin_run(NewRun const& run) = 0;

  /// All or nothing, durable on return; one receipt a record, in order. A refused Intent leaves no trace and
  /// does not touch the others.
  [[nodiscard]] virtual Result<std::vector<Receipt>> commit(RunId const& run,
                                                            std::vector<Record> const& records) = 0;

  /// Newest first.
  [[nodiscard]] virtual Result<std::vector<RunSummary>> runs(int most) = 0;
  /// Fails with Code::not_found.
  [[nodiscard]] virtual Result<RunSummary> summary(RunId const& id) = 0;
  /// Fails with Code::not_found.
  [[nodiscard]] virtual Result<RunRecord> run(RunId const& id) = 0;
  [[nodiscard]] virtual Result<std::vector<Entry>> entries(RunId const& id) = 0;

  /// What is known of each identity at that gateway, in the order asked; a made clip wins over one in doubt.
  [[nodiscard]] virtual Result<std::vector<std::optional<KnownClip>>> find_clips(
      std::string const& gateway, std::vector<TaskIdentity> const& identities) = 0;

  [[nodiscard]] virtual Result<std::optional<Upload>> find_upload(std::string const& gateway,
                                                                  ContentDigest const& content) = 0;
  [[nodiscard]] virtual Result<void> remember_upload(std::string const& gateway, ContentDigest const& content,
                                                     Upload const& upload) = 0;

  /// Whether the gateway was ever seen to honour idempotency keys.
  [[nodiscard]] virtual Result<bool> idempotency_seen(std::string const& gateway) = 0;
  [[nodiscard]] virtual Result<void> remember_idempotency(std::string const& gateway) = 0;
};

}  // namespace callsheet::ledger
