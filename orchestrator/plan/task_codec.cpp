#include "orchestrator/core/json_tree.hpp"
#include "orchestrator/core/json_writer.hpp"
#include "orchestrator/core/request_json.hpp"
#include "orchestrator/plan/plan_codec.hpp"

#include <stdexcept>
#include <string>

#include <boost/system/system_error.hpp>

// Apart from the rest of the codec: this is done for every task, the rest once a run.
namespace callsheet::plan {

namespace {

using boost::json::object;
using boost::json::value;

std::string string_in(value const& in) {
  return std::string{std::string_view{in.as_string()}};
}

void write_where(JsonWriter& out, SourceLocation const& where) {
  out.begin_object();
  out.member("column", where.column);
  out.member("file", where.file);
  out.member("line", where.line);
  out.end_object();
}

Quality rung_in(value const& in) {
  auto const quality = parse_quality(std::string_view{in.as_string()});
  if (!quality) throw std::invalid_argument{"a quality of another version"};
  return *quality;
}

PlannedTask task_in(object const& in) {
  PlannedTask task;
  task.name = string_in(in.at("name"));
  task.take = in.at("take").to_number<int>();
  value const* const takes = in.if_contains("takes");
  task.takes = takes == nullptr ? task.take : takes->to_number<int>();
  task.priority = in.at("priority").to_number<int>();
  for (value const& label : in.at("labels").as_array())
    task.labels.emplace_back(string_in(label.at(0)), string_in(label.at(1)));
  if (value const* const deadline = in.if_contains("deadline")) {
    task.deadline = parse_deadline(string_in(*deadline));
    if (!task.deadline) throw std::invalid_argument{"a deadline of another version"};
  }
  if (value const* const tags = in.if_contains("tags"))
    for (value const& tag : tags->as_array()) task.tags.push_back(string_in(tag));
  if (value const* const groups = in.if_contains("groups"))
    for (value const& group : groups->as_array())
      if (task.groups.size < GroupSet::most)
        task.groups.indexes[task.groups.size++] = group.to_number<std::uint16_t>();
  task.request = request_in(in.at("request"));
  for (value const& rung : in.at("ladder").as_array()) task.ladder.push_back(rung_in(rung));
  task.output = string_in(in.at("output"));
  value const& where = in.at("where");
  task.where = {string_in(where.at("file")), where.at("line").to_number<int>(),
                where.at("column").to_number<int>()};
  return task;
}

}  // namespace

std::string encode_task(PlannedTask const& task) {
  std::string text;
  JsonWriter out{text};
  out.begin_object();
  if (task.deadline) out.member("deadline", to_string(*task.deadline));
  out.key("groups");
  out.begin_array();
  for (std::uint16_t const group : task.groups) out.value(group);
  out.end_array();
  out.key("labels");
  out.begin_array();
  for (auto const& [key, value] : task.labels) {
    out.begin_array();
    out.value(key);
    out.value(value);
    out.end_array();
  }
  out.end_array();
  out.key("ladder");
  out.begin_array();
  for (Quality const quality : task.ladder) out.value(to_string(quality));
  out.end_array();
  out.member("name", task.name);
  out.member("output", task.output.generic_string());
  out.member("priority", task.priority);
  out.key("request");
  write_json(task.request, out);
  out.member("take", task.take);
  out.member("takes", task.takes);
  if (!task.tags.empty()) {
    out.key("tags");
    out.begin_array();
    for (std::string const& tag : task.tags) out.value(tag);
    out.end_array();
  }
  out.key("where");
  write_where(out, task.where);
  out.end_object();
  return text;
}

std::optional<PlannedTask> decode_task(std::string_view text) try {
  JsonTree const tree{text};
  return task_in(tree.root().as_object());
} catch (std::logic_error const&) {
  return std::nullopt;
} catch (boost::system::system_error const&) {
  return std::nullopt;
}

}  // namespace callsheet::plan
