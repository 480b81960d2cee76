#include "orchestrator/gateway/codec.hpp"

#include "orchestrator/core/json_tree.hpp"
#include "orchestrator/core/json_writer.hpp"
#include "orchestrator/gateway/failure_codes.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::gateway {

namespace {

using boost::json::value;

constexpr std::size_t message_most = 500;
constexpr std::size_t id_most = 128;
constexpr std::size_t raw_most = 40;
constexpr std::size_t element_name_most = 20;  // gateway-api.md section 4.9
constexpr double unit_tolerance = 0.2;         // gateway-api.md section 6

value const* member(value const& in, std::string_view key) {
  auto const* const object = in.if_object();
  value const* const found = object == nullptr ? nullptr : object->if_contains(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::string string_in(value const& text) {
  return std::string{std::string_view{text.get_string()}};
}

std::string text_of(value const* in) {
  if (in == nullptr) return "";
  if (in->is_string()) return string_in(*in).substr(0, message_most);
  if (in->is_int64()) return fmt::to_string(in->get_int64());
  return in->is_uint64() ? fmt::to_string(in->get_uint64()) : "";
}

/// What stands there, for people.
std::string shown(value const& in) {
  switch (in.kind()) {
    case boost::json::kind::array:
      return "a list";
    case boost::json::kind::object:
      return "a map";
    case boost::json::kind::string:
      return fmt::format("\"{}\"", string_in(in).substr(0, raw_most));
    case boost::json::kind::double_:
      return fmt::to_string(in.get_double());
    case boost::json::kind::bool_:
      return in.get_bool() ? "true" : "false";
    default:
      return text_of(&in);
  }
}

std::optional<double> number_of(value const* in) {
  if (in == nullptr || !in->is_number()) return std::nullopt;
  auto const number = in->to_number<double>();
  return std::isfinite(number) && std::abs(number) < 1e12 ? std::optional{number} : std::nullopt;
}

Credits credits_of(double credits) {
  return Credits::from_units(std::llround(credits * static_cast<double>(Credits::units_per_credit)));
}

/// An id becomes part of an address: only what cannot change its meaning.
bool is_safe_id(std::string const& id) {
  return !id.empty() && id.size() <= id_most && id.front() != '.' &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == '.';
         });
}

void write_shots(JsonWriter& out, std::vector<Shot> const& shots) {
  out.begin_array();
  for (std::size_t i = 0; i < shots.size(); ++i) {
    out.begin_object();
    // The duration of a shot is a string although the clip's is a number (gateway-api.md section 1, point 9).
    out.member("duration", std::to_string(shots[i].duration.count()));
    out.member("index", i + 1);
    out.member("prompt", shots[i].prompt);
    out.end_object();
  }
  out.end_array();
}

void write_elements(JsonWriter& out, std::vector<Element> const& elements) {
  out.key("element_list");
  out.begin_array();
  for (Element const& element : elements) {
    out.begin_object();
    out.member("element_id", element.id);
    out.end_object();
  }
  out.end_array();
}

void write_model_params(JsonWriter& out, Request const& request, ModelParameters parameters) {
  bool const planned = request.shot_planning != ShotPlanning::single;
  bool const keep_sound = request.keep_sound && parameters.keep_sound_in_model_params;
  if (!planned && !request.watermark && !request.orientation && !keep_sound && request.elements.empty())
    return;
  out.key("model_params");
  out.begin_object();
  if (request.orientation) out.member("character_orientation", to_string(*request.orientation));
  if (!request.elements.empty()) write_elements(out, request.elements);
  if (keep_sound) out.member("keep_sound", *request.keep_sound);
  if (request.shot_planning == ShotPlanning::customize) {
    out.key("multi_prompt");
    write_shots(out, request.shots);
  }
  if (planned) {
    out.member("multi_shot", true);
    out.member("shot_type", to_string(request.shot_planning));
  }
  if (request.watermark) {
    out.key("watermark_info");
    out.begin_object();
    out.member("enabled", *request.watermark);
    out.end_object();
  }
  out.end_object();
}

void write_list(JsonWriter& out, std::string_view key, std::vector<std::string> const& values) {
  if (values.empty()) return;
  out.key(key);
  out.begin_array();
  for (std::string const& value : values) out.value(value);
  out.end_array();
}

void write_pictures(JsonWriter& out, ModelParameters parameters, Addresses const& addresses) {
  std::vector<std::string> urls;
  for (auto const* frame : {&addresses.end, &addresses.start}) {
    if (frame->empty()) continue;
    if (parameters.frames_in_image_urls)
      urls.insert(urls.begin(), *frame);
    else
      out.member(frame == &addresses.end ? "image_end" : "image_start", *frame);
  }
  urls.insert(urls.end(), addresses.images.begin(), addresses.images.end());
  write_list(out, "image_urls", urls);
}

/// One picture from the front and others, or a video; it has no prompt, length or look (gateway-api.md 4.9).
std::string encode_element(Request const& request, ModelId const& model, Addresses const& addresses) {
  std::string body;
  JsonWriter out{body};
  bool const of_video = !addresses.video.empty();
  auto const item = [&out](std::string_view key, std::string const& url) {
    out.begin_object();
    out.member(key, url);
    out.end_object();
  };
  out.begin_object();
  if (!addresses.callback.empty()) out.member("callback_url", addresses.callback);
  out.member("model", model.str());
  out.key("model_params");
  out.begin_object();
  out.member("element_description", request.prompt);
  out.key(of_video ? "element_video_list" : "element_image_list");
  out.begin_object();
  if (!of_video && !addresses.images.empty()) out.member("frontal_image", addresses.images.front());
  out.key(of_video ? "refer_videos" : "refer_images");
  out.begin_array();
  if (of_video) item("video_url", addresses.video);
  for (std::size_t i = 1; i < addresses.images.size(); ++i) item("image_url", addresses.images[i]);
  out.end_array();
  out.end_object();
  out.member("element_name", request.name.substr(0, element_name_most));
  out.member("reference_type", of_video ? "video_refer" : "image_refer");
  out.end_object();
  out.end_object();
  return body;
}

/// An id becomes part of later requests, and of reports: letters, digits and what a manifest may say, too.
bool is_element_id(std::string_view id) {
  return !id.empty() && id.size() <= id_most && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == ':' || c == '-';
  });
}

/// A number, or a list of one, would be as good: all that is said of `result_data` is that the id stands in
/// it.
std::string element_in(value const* data) {
  if (data != nullptr && data->is_array())
    data = data->get_array().empty() ? nullptr : &data->get_array().front();
  std::string id = data == nullptr ? "" : text_of(member(*data, "element_id"));
  return is_element_id(id) ? id : "";
}

void collect_links(value const* results, std::vector<std::string>& links) {
  if (results == nullptr || !results->is_array()) return;
  for (value const& entry : results->get_array()) {
    if (entry.is_string()) links.push_back(string_in(entry));
    for (char const* key : {"url", "video_url"})
      if (value const* url = member(entry, key); url != nullptr && url->is_string())
        links.push_back(string_in(*url));
  }
}

/// What was paid for must be known, whatever else the answer holds: this parser reads without recursion.
std::string id_in_deep_answer(std::string_view text) {
  auto const body = nlohmann::json::parse(text, nullptr, false);
  if (!body.is_object()) return "";
  auto const id = body.find("id");
  return id != body.end() && id->is_string() ? id->get<std::string>() : "";
}

void read_billing(value const& task, Credits expected, CreditUnit unit, TaskView& view) {
  std::optional<double> charged;
  bool for_good = view.status == TaskStatus::completed;
  if (value const* usage = member(task, "usage")) charged = number_of(member(*usage, "credits_used"));
  if (value const* billing = member(task, "billing")) {
    std::string const charge = text_of(member(*billing, "charge_status"));
    std::string const refund = text_of(member(*billing, "refund_status"));
    if (charge == "charged")
      if (auto const amount = number_of(member(*billing, "charged_credits"))) charged = amount;
    bool const failed = view.status == TaskStatus::failed;
    view.refund_seen = failed && (charge == "released" || refund == "completed");
    if (failed) for_good = charge == "charged" && refund == "not_required";
  }
  if (charged && for_good) view.charged = read_charge(*charged, expected, unit);
}

}  // namespace

std::string encode_create(Request const& request, ModelId const& model, ModelParameters parameters,
                          Addresses const& addresses) {
  if (!makes_clips(request.mode)) return encode_element(request, model, addresses);
  std::string body;
  JsonWriter out{body};
  out.begin_object();
  if (request.aspect_ratio && parameters.aspect_ratio)
    out.member("aspect_ratio", to_string(*request.aspect_ratio));
  if (!addresses.callback.empty()) out.member("callback_url", addresses.callback);
  if (parameters.duration) out.member("duration", request.duration.count());
  bool const sound = request.sound == Sound::on;
  if (parameters.sound == SoundParameter::generate_audio) out.member("generate_audio", sound);
  write_pictures(out, parameters, addresses);
  if (request.keep_sound && !parameters.keep_sound_in_model_params)
    out.member("keep_original_sound", *request.keep_sound);
  out.member("model", model.str());
  write_model_params(out, request, parameters);
  if (!request.negative_prompt.empty()) out.member("negative_prompt", request.negative_prompt);
  if (!request.prompt.empty() || request.mode == Mode::text_to_video) out.member("prompt", request.prompt);
  if (request.quality != Quality::any) out.member("quality", to_string(request.quality));
  if (sound && parameters.sound == SoundParameter::sound) out.member("sound", to_string(request.sound));
  if (!addresses.video.empty()) {
    if (parameters.video_in_list)
      write_list(out, "video_urls", {addresses.video});
    else
      out.member("video_url", addresses.video);
  }
  out.end_object();
  return body;
}

std::optional<Created> decode_created(std::string_view text, Credits expected, CreditUnit unit,
                                      Credits held) {
  JsonTree const tree{text};
  value const& body = tree.root();
  std::string const id = tree.too_deep() ? id_in_deep_answer(text) : text_of(member(body, "id"));
  if (!is_safe_id(id)) return std::nullopt;
  Created created{.id = GatewayTaskId{id}, .reserved = {}, .estimated_time = {}};
  if (tree.too_deep()) created.reserved = Absurd{.raw = "nested too deep", .may_be_more = false};
  if (value const* usage = member(body, "usage"))
    if (value const* reserved = member(*usage, "credits_reserved")) {
      auto const raw = number_of(reserved);
      created.reserved =
          raw ? read_reserved(*raw, shown(*reserved), expected, unit, held)
              : Absurd{.raw = shown(*reserved),
                       .may_be_more = reserved->is_number() && reserved->to_number<double>() > 0};
    }
  if (value const* info = member(body, "task_info"))
    if (auto const seconds = number_of(member(*info, "estimated_time"));
        seconds && *seconds > 0 && *seconds < 86'400)
      created.estimated_time = std::chrono::seconds{std::llround(*seconds)};
  return created;
}

namespace {

std::optional<TaskView> task_in(value const& body, Credits expected, CreditUnit unit) {
  value const* const stated = member(body, "status");
  if (stated == nullptr || !stated->is_string()) return std::nullopt;
  std::string_view const status = stated->get_string();
  TaskView view;
  if (auto const created = number_of(member(body, "created")); created && *created > 0)
    view.created = TimePoint{std::chrono::seconds{std::llround(*created)}};
  if (auto const percent = number_of(member(body, "progress")))
    view.percent = static_cast<int>(std::clamp(*percent, 0.0, 100.0));
  if (status == "completed") {
    view.status = TaskStatus::completed;
    collect_links(member(body, "results"), view.links);
    if (view.links.empty()) collect_links(member(body, "result_data"), view.links);
    view.element = element_in(member(body, "result_data"));
  } else if (status == "failed" || status == "cancelled") {
    view.status = TaskStatus::failed;
    view.failure.code = status == "cancelled" ? "request_cancelled" : "unknown_error";
    if (value const* error = member(body, "error")) {
      if (std::string code = text_of(member(*error, "code")); !code.empty())
        view.failure.code = std::move(code);
      view.failure.message = text_of(member(*error, "message"));
    }
    view.failure.kind = failure_kind(0, view.failure.code);
    if (view.failure.message.empty())
      view.failure.message = "the gateway failed the task: " + view.failure.code;
  }
  read_billing(body, expected, unit, view);
  return view;
}

}  // namespace

std::optional<TaskView> decode_task(std::string_view text, Credits expected, CreditUnit unit) {
  return task_in(JsonTree{text}.root(), expected, unit);
}

std::string encode_batch(std::vector<AskedTask> const& asked) {
  std::string body;
  JsonWriter out{body};
  out.begin_object();
  out.key("task_ids");
  out.begin_array();
  for (AskedTask const& task : asked) out.value(task.id.str());
  out.end_array();
  out.end_object();
  return body;
}

std::optional<std::vector<std::optional<TaskView>>> decode_batch(std::string_view text,
                                                                 std::vector<AskedTask> const& asked,
                                                                 CreditUnit unit) {
  JsonTree const tree{text};
  value const* const data = member(tree.root(), "data");
  if (data == nullptr || !data->is_array()) return std::nullopt;
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < asked.size(); ++i) places.emplace(asked[i].id.str(), i);
  std::vector<std::optional<TaskView>> views(asked.size());
  std::vector<int> told(asked.size());
  for (value const& entry : data->get_array()) {
    auto const place = places.find(text_of(member(entry, "id")));
    if (place == places.end()) continue;
    std::size_t const i = place->second;
    views[i] = ++told[i] == 1 ? task_in(entry, asked[i].expected, unit) : std::nullopt;
  }
  return views;
}

ErrorBody decode_error(std::string_view text) {
  JsonTree const tree{text};
  value const& body = tree.root();
  if (value const* error = member(body, "error"); error != nullptr && error->is_object())
    return {.understood = member(*error, "code") != nullptr || member(*error, "type") != nullptr,
            .code = text_of(member(*error, "code")),
            .message = text_of(member(*error, "message"))};
  if (member(body, "success") != nullptr && member(body, "msg") != nullptr)
    return {
        .understood = true, .code = text_of(member(body, "code")), .message = text_of(member(body, "msg"))};
  return {};
}

std::optional<Balance> decode_balance(std::string_view text, CreditUnit unit) {
  auto const amount = [unit](double told) {
    return unit == CreditUnit::units ? Credits::from_units(std::llround(told)) : credits_of(told);
  };
  JsonTree const tree{text};
  value const& body = tree.root();
  value const* data = member(body, "data");
  value const* user = data == nullptr ? nullptr : member(*data, "user");
  if (user == nullptr) return std::nullopt;
  auto const remaining = number_of(member(*user, "remaining_credits"));
  if (!remaining) return std::nullopt;
  Balance balance{.account = amount(*remaining), .key = {}};
  if (value const* token = member(*data, "token")) {
    value const* unlimited = member(*token, "unlimited_credits");
    bool const limited = unlimited != nullptr && unlimited->is_bool() && !unlimited->get_bool();
    if (auto const left = number_of(member(*token, "remaining_credits")); limited && left)
      balance.key = amount(*left);
  }
  return balance;
}

std::optional<UploadedFile> decode_upload(std::string_view text) {
  JsonTree const tree{text};
  value const& body = tree.root();
  value const* data = member(body, "data");
  if (data == nullptr) return std::nullopt;
  value const* url = member(*data, "file_url");
  auto const expires = parse_rfc3339(text_of(member(*data, "expires_at")));
  if (url == nullptr || !url->is_string()) return std::nullopt;
  return UploadedFile{.url = string_in(*url), .expires = expires.value_or(TimePoint{})};
}

std::optional<FileQuota> decode_file_quota(std::string_view text) {
  JsonTree const tree{text};
  value const* const data = member(tree.root(), "data");
  auto const used = data == nullptr ? std::nullopt : number_of(member(*data, "used_files"));
  auto const most = data == nullptr ? std::nullopt : number_of(member(*data, "max_files"));
  if (!used || !most || *used < 0 || *most < 0) return std::nullopt;
  return FileQuota{.used = std::llround(*used), .most = std::llround(*most)};
}

std::optional<TaskPage> decode_task_page(std::string_view text) {
  JsonTree const tree{text};
  value const& body = tree.root();
  value const* const data = member(body, "data");
  if (data == nullptr || !data->is_array()) return std::nullopt;
  TaskPage page;
  for (value const& entry : data->get_array()) {
    ListedTask task{.id = GatewayTaskId{text_of(member(entry, "id"))},
                    .model = ModelId{text_of(member(entry, "model"))},
                    .created = {},
                    .duration = {}};
    auto const created = number_of(member(entry, "created_at"));
    if (!is_safe_id(task.id.str()) || !created || *created < 0) continue;
    task.created = TimePoint{std::chrono::seconds{std::llround(*created)}};
    if (auto const seconds = number_of(member(entry, "duration"));
        seconds && *seconds > 0 && *seconds < 86'400)
      task.duration = std::chrono::seconds{std::llround(*seconds)};
    page.tasks.push_back(std::move(task));
  }
  auto const total = number_of(member(body, "total"));
  auto const number = number_of(member(body, "page"));
  auto const size = number_of(member(body, "page_size"));
  page.more = total && number && size ? *number * *size < *total : !data->get_array().empty();
  return page;
}

GatewayTaskId decode_callback(std::string_view text) {
  std::string id = text_of(member(JsonTree{text}.root(), "id"));
  return is_safe_id(id) ? GatewayTaskId{std::move(id)} : GatewayTaskId{};
}

Reserved read_reserved(double raw, std::string raw_text, Credits expected, CreditUnit unit, Credits held) {
  if (auto const amount = credits_in_either_unit(raw, expected, unit)) return Told{*amount};
  // As credits it is above the hold, and as UC it is not clearly below: either may be meant.
  double const in_units = static_cast<double>(std::max(expected, held).units());
  double const in_credits = in_units / static_cast<double>(Credits::units_per_credit);
  bool const either = unit == CreditUnit::either;
  bool const more_as_credits =
      unit != CreditUnit::units && raw > in_credits && !(either && raw >= in_units * unit_tolerance);
  bool const more_as_units = unit != CreditUnit::credits && raw > in_units;
  return Absurd{.raw = std::move(raw_text), .may_be_more = more_as_credits || more_as_units};
}

std::optional<Credits> credits_in_either_unit(double raw, Credits expected, CreditUnit unit) {
  constexpr double tolerance = unit_tolerance;
  double const price = static_cast<double>(expected.units()) / static_cast<double>(Credits::units_per_credit);
  if (price <= 0 || raw < 0) return std::nullopt;
  if (unit != CreditUnit::units && std::abs(raw - price) <= tolerance * price) return credits_of(raw);
  double const in_units = static_cast<double>(expected.units());
  if (unit != CreditUnit::credits && std::abs(raw - in_units) <= tolerance * in_units)
    return Credits::from_units(std::llround(raw));
  return std::nullopt;
}

std::optional<Credits> read_charge(double raw, Credits expected, CreditUnit unit) {
  constexpr double far = 10;
  double const in_units = static_cast<double>(expected.units());
  double const in_credits = in_units / static_cast<double>(Credits::units_per_credit);
  auto const near = [&](double price) { return price > 0 && raw <= price * far && raw * far > price; };
  if (unit != CreditUnit::units && near(in_credits)) return credits_of(raw);
  if (unit != CreditUnit::credits && near(in_units)) return Credits::from_units(std::llround(raw));
  return std::nullopt;
}

std::optional<TimePoint> parse_http_date(std::string_view text) {
  constexpr std::size_t longest = 40;
  if (text.size() > longest) return std::nullopt;
  std::string const terminated{text};
  std::tm date{};
  char const* const end = strptime(terminated.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  if (end == nullptr || *end != 0) return std::nullopt;
  return TimePoint{std::chrono::seconds{timegm(&date)}};
}

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text, TimePoint now) {
  constexpr std::chrono::seconds most = std::chrono::hours{1};
  if (text.empty() || text.size() > 40) return std::nullopt;
  if (std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    if (text.size() > 9) return most;
    return std::min<std::chrono::seconds>(most, std::chrono::seconds{std::stol(std::string{text})});
  }
  auto const when = parse_http_date(text);
  if (!when) return std::nullopt;
  auto const wait = std::chrono::duration_cast<std::chrono::milliseconds>(*when - now);
  return std::clamp<std::chrono::milliseconds>(wait, std::chrono::milliseconds{0}, most);
}

}  // namespace callsheet::gateway
