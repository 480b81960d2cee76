#include "orchestrator/report/clip_json.hpp"

#include "orchestrator/core/request_json.hpp"
#include "orchestrator/report/json_members.hpp"
#include "orchestrator/report/public_location.hpp"

#include <string_view>

namespace callsheet::report {

namespace {

void write_input(JsonWriter& out, MediaInput const& input) {
  out.begin_object();
  out.member("kind", input.kind == MediaInput::Kind::file ? "file" : "url");
  out.member("location", public_location(input));
  write_text_or_null(out, "sha256", input.digest.str());
  out.end_object();
}

void write_picture(JsonWriter& out, std::string_view key, std::optional<MediaInput> const& image) {
  out.key(key);
  if (!image) return out.null();
  write_input(out, *image);
}

void write_images(JsonWriter& out, std::vector<MediaInput> const& images) {
  if (images.empty()) return;
  out.key("images");
  out.begin_array();
  for (MediaInput const& image : images) write_input(out, image);
  out.end_array();
}

void write_failure(JsonWriter& out, std::optional<Failure> const& failure) {
  if (!failure) return out.null();
  out.begin_object();
  out.member("code", failure->code);
  out.member("kind", to_string(failure->kind));
  out.member("message", failure->message);
  out.member("request_id", failure->request_id);
  out.end_object();
}

void write_attempt(JsonWriter& out, AttemptLine const& attempt) {
  out.begin_object();
  write_amount(out, "billed", attempt.billed);
  write_text_or_null(out, "billed_by", attempt.billed_by ? to_string(*attempt.billed_by) : "");
  write_time(out, "ended", attempt.ended);
  out.key("failure");
  write_failure(out, attempt.failure);
  write_amount(out, "held", attempt.held);
  out.member("id", to_string(attempt.key));
  out.member("model", attempt.model.str());
  write_amount(out, "refund_expected", attempt.refund_expected);
  out.member("state", to_string(attempt.state));
  write_time(out, "submitted", attempt.submitted);
  write_text_or_null(out, "task_id", attempt.task_id.str());
  out.member("then", attempt.then);
  out.member("waited", attempt.waited);
  out.member("why", attempt.why);
  out.end_object();
}

void write_file(JsonWriter& out, std::optional<ClipFile> const& file) {
  if (!file) return out.null();
  out.begin_object();
  write_text_or_null(out, "filmstrip", file->filmstrip);
  out.member("has_sound", file->has_sound);
  out.member("height", file->height);
  out.member("length_ms", file->length.count());
  out.member("path", file->path);
  write_text_or_null(out, "poster", file->poster);
  write_text_or_null(out, "sha256", file->sha256.str());
  out.member("size_bytes", file->size_bytes);
  out.member("width", file->width);
  out.end_object();
}

}  // namespace

void write_request(Request const& request, JsonWriter& out) {
  out.begin_object();
  write_text_or_null(out, "aspect_ratio", request.aspect_ratio ? to_string(*request.aspect_ratio) : "");
  out.member("duration_s", request.duration.count());
  write_elements(request.elements, out);
  write_picture(out, "image_end", request.image_end);
  write_picture(out, "image_start", request.image_start);
  write_images(out, request.images);
  if (request.keep_sound) out.member("keep_sound", *request.keep_sound);
  out.member("mode", to_string(request.mode));
  out.member("negative_prompt", request.negative_prompt);
  if (request.orientation) out.member("orientation", to_string(*request.orientation));
  out.member("prompt", request.prompt);
  out.member("quality", to_string(request.quality));
  out.member("shot_planning", to_string(request.shot_planning));
  out.key("shots");
  callsheet::write_json(request.shots, out);
  out.member("sound", to_string(request.sound));
  if (request.video) {
    out.key("video");
    write_input(out, *request.video);
  }
  out.member("watermark", request.watermark);
  out.end_object();
}

void write_labels(std::vector<std::pair<std::string, std::string>> const& labels, JsonWriter& out) {
  out.begin_array();
  for (auto const& [name, value] : labels) {
    out.begin_object();
    out.member("name", name);
    out.member("value", value);
    out.end_object();
  }
  out.end_array();
}

void write_tags(std::vector<std::string> const& tags, JsonWriter& out) {
  out.key("tags");
  out.begin_array();
  for (std::string const& tag : tags) out.value(tag);
  out.end_array();
}

void write_json(ClipLine const& clip, JsonWriter& out) {
  Spend const spend = spend_of(clip);
  out.begin_object();
  out.key("attempts");
  out.begin_array();
  for (AttemptLine const& attempt : clip.attempts) write_attempt(out, attempt);
  out.end_array();
  write_amount(out, "billed", spend.billed);
  if (is_element(clip)) write_text_or_null(out, "element", clip.element);
  out.key("file");
  write_file(out, clip.file);
  write_amount(out, "held", spend.held);
  out.member("identity", clip.identity.str());
  out.key("labels");
  write_labels(clip.labels, out);
  write_text_or_null(out, "made_by", clip.made_by.str());
  out.member("mend", clip.mend);
  write_text_or_null(out, "model", clip.model.str());
  write_amount(out, "price", clip.price);
  out.member("quality", to_string(clip.quality));
  write_amount(out, "refund_expected", spend.refund_expected);
  out.key("request");
  write_request(clip.request, out);
  out.member("status", to_string(clip.status));
  write_tags(clip.tags, out);
  out.member("take", clip.take);
  out.member("task", clip.task);
  out.key("took_ms");
  if (clip.took)
    out.value(clip.took->count());
  else
    out.null();
  write_text_or_null(out, "waiting_for", clip.waiting_for.str());
  out.member("why", clip.why);
  out.end_object();
}

}  // namespace callsheet::report
