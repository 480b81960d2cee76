#include "tools/local_gateway/records.hpp"

#include "tools/local_gateway/validation.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::local_gateway {

using nlohmann::json;

namespace {

constexpr int journal_version = 1;

std::int64_t microseconds(TimePoint time) {
  return time.time_since_epoch().count();
}
TimePoint time_at(json const& record, char const* name) {
  return TimePoint{Duration{record.at(name).get<std::int64_t>()}};
}
Credits uc(json const& record, char const* name) {
  return Credits::from_units(record.at(name).get<std::int64_t>());
}
std::string text(json const& record, char const* name) {
  return record.at(name).get<std::string>();
}

Upload read_upload(json const& record) {
  Upload upload;
  upload.id = text(record, "id");
  upload.original_name = text(record, "original_name");
  upload.file_name = text(record, "file_name");
  upload.folder = text(record, "folder");
  upload.uploaded_at = time_at(record, "at");
  upload.expires_at = time_at(record, "expires_at");
  if (auto const video = record.find("video"); video != record.end()) {
    upload.video = VideoFile{.bytes = video->at("bytes").get<std::uint64_t>(),
                             .width = video->at("width").get<int>(),
                             .height = video->at("height").get<int>(),
                             .length = std::chrono::milliseconds{video->at("length_ms").get<std::int64_t>()},
                             .fps = video->value("fps", 0),
                             .has_sound = video->at("has_sound").get<bool>()};
    return upload;
  }
  upload.image.format = static_cast<ImageKind>(record.at("format").get<int>());
  upload.image.bytes = record.at("bytes").get<std::uint64_t>();
  upload.image.width = record.at("width").get<int>();
  upload.image.height = record.at("height").get<int>();
  return upload;
}

Result<Record> read_created(json const& record) {
  // Whom it may call was asked when it came.
  auto order = read_order(record.at("body"), Reach::anywhere);
  if (!order)
    return fail(Code::bad_answer, fmt::format("its request no longer passes: {}", order.error().message));
  Task task;
  task.id = text(record, "id");
  task.order = *std::move(order);
  task.start_upload = text(record, "start_upload");
  task.end_upload = text(record, "end_upload");
  task.video_upload = record.value("video_upload", "");
  if (auto const length = record.find("video_length_ms"); length != record.end())
    task.order.video_length = std::chrono::milliseconds{length->get<std::int64_t>()};
  task.order.seconds = record.value("seconds", task.order.seconds);
  task.order.sound = record.value("sound", task.order.sound);
  task.idempotency_key = text(record, "idempotency_key");
  task.body_digest = text(record, "body_digest");
  task.created_at = time_at(record, "at");
  task.latency = Duration{record.at("latency_us").get<std::int64_t>()};
  task.price = uc(record, "price_uc");
  task.link_token = text(record, "link_token");
  return Created{std::move(task)};
}

Ended read_ended(json const& record) {
  Ended ended;
  ended.id = text(record, "id");
  ended.state = text(record, "record") == "completed" ? TaskState::completed : TaskState::failed;
  ended.at = time_at(record, "at");
  ended.charged = uc(record, "charged_uc");
  ended.error_code = record.value("error_code", "");
  ended.error_message = record.value("error_message", "");
  return ended;
}

Result<Record> read(json const& record) {
  std::string const kind = text(record, "record");
  if (kind == "uploaded") return read_upload(record);
  if (kind == "created") return read_created(record);
  if (kind == "completed" || kind == "failed") return read_ended(record);
  if (kind == "delivered") return Delivered{text(record, "id")};
  if (kind == "opened" && record.at("version") == journal_version) return Opened{uc(record, "balance_uc")};
  return fail(Code::bad_answer, fmt::format("unknown record {}", kind));
}

}  // namespace

std::string opened_line(Credits balance) {
  return json{{"record", "opened"}, {"version", journal_version}, {"balance_uc", balance.units()}}.dump();
}

std::string upload_line(Upload const& upload) {
  json record{{"record", "uploaded"},
              {"id", upload.id},
              {"original_name", upload.original_name},
              {"file_name", upload.file_name},
              {"folder", upload.folder},
              {"at", microseconds(upload.uploaded_at)},
              {"expires_at", microseconds(upload.expires_at)}};
  if (upload.video)
    record["video"] = {{"bytes", upload.video->bytes},   {"width", upload.video->width},
                       {"height", upload.video->height}, {"length_ms", upload.video->length.count()},
                       {"fps", upload.video->fps},       {"has_sound", upload.video->has_sound}};
  else
    record.update({{"format", static_cast<int>(upload.image.format)},
                   {"bytes", upload.image.bytes},
                   {"width", upload.image.width},
                   {"height", upload.image.height}});
  return record.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string created_line(Task const& task, json const& body) {
  json record{{"record", "created"},
              {"id", task.id},
              {"at", microseconds(task.created_at)},
              {"body", body},
              {"start_upload", task.start_upload},
              {"end_upload", task.end_upload},
              {"idempotency_key", task.idempotency_key},
              {"body_digest", task.body_digest},
              {"latency_us", task.latency.count()},
              {"price_uc", task.price.units()},
              {"link_token", task.link_token}};
  // What only a look at the video told.
  if (!task.order.video.empty())
    record.update(
        {{"video_upload", task.video_upload}, {"seconds", task.order.seconds}, {"sound", task.order.sound}});
  if (task.order.video_length) record["video_length_ms"] = task.order.video_length->count();
  return record.dump();
}

std::string ended_line(Task const& task) {
  json record{{"record", to_string(task.state)},
              {"id", task.id},
              {"at", microseconds(task.ended_at.value())},
              {"charged_uc", task.charged.units()}};
  if (!task.error_code.empty()) {
    record["error_code"] = task.error_code;
    record["error_message"] = task.error_message;
  }
  return record.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string delivered_line(Task const& task) {
  return json{{"record", "delivered"}, {"id", task.id}}.dump();
}

Result<Record> read_record(std::string_view line) {
  try {
    return read(json::parse(line));
  } catch (json::exception const& exception) {
    return fail(Code::bad_answer, exception.what());
  }
}

}  // namespace callsheet::local_gateway
