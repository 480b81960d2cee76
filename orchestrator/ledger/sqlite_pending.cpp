#include "orchestrator/ledger/sqlite_pending.hpp"

#include "orchestrator/ledger/sqlite_conditions.hpp"
#include "orchestrator/ledger/sqlite_tasks.hpp"
#include "orchestrator/ledger/sqlite_values.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace callsheet::ledger {

namespace {

/// Walks the run by priority and position; tasks it has given are not given again.
class SqlitePending final : public Ledger::Pending {
 public:
  SqlitePending(SqliteStore& store, std::int64_t run, std::filesystem::path path)
      : store_{store}, run_{run}, path_{std::move(path)} {}

  Result<std::vector<TaskRecord>> with_money_out() override {
    return guarded(path_, [&]() -> Result<std::vector<TaskRecord>> { return read_with_money_out(); });
  }

  Result<std::vector<TaskRecord>> next(std::size_t most) override {
    return guarded(path_, [&]() -> Result<std::vector<TaskRecord>> {
      std::vector<TaskRecord> tasks;
      while (tasks.size() < most && part_ != Part::over)
        if (read_part(most - tasks.size(), tasks) == Read::all) begin_next_part();
      return tasks;
    });
  }

 private:
  enum class Part { above, level, below, over };  // of priority 0, which has no index and needs none
  enum class Read { some, all };

  std::vector<TaskRecord> read_with_money_out() {
    auto& any = store_.prepared("SELECT EXISTS (SELECT 1 FROM attempts WHERE run = ?)");
    any.bind(1, run_);
    resumed_ = any.executeStep() && any.getColumn(0).getInt() != 0;
    any.reset();
    if (!resumed_) return {};
    static std::string const sql =
        "SELECT DISTINCT a.task FROM attempts a LEFT JOIN outcomes o ON o.run = a.run AND o.task = a.task "
        "WHERE a.run = ? AND " +
        has_money_out("a", "o") + " ORDER BY a.task";
    auto& select = store_.prepared(sql.c_str());
    select.bind(1, run_);
    while (select.executeStep()) with_money_.push_back(task_at(select, 0));
    select.reset();
    return read_each(store_, run_, with_money_);
  }

  void begin_next_part() {
    part_ = static_cast<Part>(static_cast<int>(part_) + 1);
    after_task_ = -1;
    after_priority_ = INT32_MAX;
  }

  SQLite::Statement& statement() {
    static std::string const open = " AND " + is_outstanding("o") + " ";
    static std::string const after = "(t.priority < ?4 OR (t.priority = ?4 AND t.task > ?2))";
    static std::string const order = "ORDER BY t.priority DESC, t.task LIMIT ?3";
    static std::string const above = std::string{task_columns} +
                                     "WHERE t.run = ?1 AND t.priority <> 0 AND t.priority > 0 AND " + after +
                                     open + order;
    static std::string const level = std::string{task_columns} +
                                     "WHERE t.run = ?1 AND t.task > ?2 AND t.priority = 0" + open +
                                     "ORDER BY t.task LIMIT ?3";
    static std::string const below = std::string{task_columns} +
                                     "WHERE t.run = ?1 AND t.priority <> 0 AND t.priority < 0 AND " + after +
                                     open + order;
    std::string const& sql = part_ == Part::level ? level : part_ == Part::above ? above : below;
    auto& select = store_.prepared(sql.c_str());
    select.bind(1, run_);
    select.bind(2, after_task_);
    if (part_ != Part::level) select.bind(4, after_priority_);
    return select;
  }

  Read read_part(std::size_t most, std::vector<TaskRecord>& out) {
    auto& select = statement();
    select.bind(3, static_cast<std::int64_t>(most));
    std::vector<TaskRecord> found;
    std::size_t rows = 0;
    for (; select.executeStep(); ++rows) {
      found.push_back(task_from(select));
      after_task_ = to_sql(found.back().id);
      after_priority_ = found.back().priority;
      if (std::binary_search(with_money_.begin(), with_money_.end(), found.back().id)) found.pop_back();
    }
    select.reset();
    for (TaskRecord& task : found) {
      if (resumed_)
        if (auto whole = read_task(store_, run_, task.id)) task.attempts = std::move(whole->attempts);
      out.push_back(std::move(task));
    }
    return rows < most ? Read::all : Read::some;
  }

  SqliteStore& store_;
  std::int64_t run_;
  std::filesystem::path path_;
  bool resumed_ = false;
  std::vector<TaskId> with_money_;
  Part part_ = Part::above;
  std::int64_t after_task_ = -1;
  std::int32_t after_priority_ = INT32_MAX;
};

}  // namespace

std::unique_ptr<Ledger::Pending> read_pending(SqliteStore& store, std::int64_t run,
                                              std::filesystem::path path) {
  return std::make_unique<SqlitePending>(store, run, std::move(path));
}

}  // namespace callsheet::ledger
