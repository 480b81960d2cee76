#include "tools/local_gateway/routes.hpp"

#include "orchestrator/core/digest.hpp"
#include "tools/local_gateway/multipart.hpp"
#include "tools/local_gateway/public_url.hpp"
#include "tools/local_gateway/responses.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::local_gateway {

using http::ServerRequest;
using http::ServerResponse;
using nlohmann::json;

namespace {

constexpr std::size_t json_bytes_max = 1024 * 1024;
constexpr std::size_t batch_max = 50;  // gateway-api.md section 3

ServerResponse not_found() {
  return refused({404, "not_found", "there is nothing at this address"});
}

Refusal too_large() {
  return {413, "request_too_large", "the body is too large", "", "request_too_large_error"};
}

/// The files host words its refusals in its own way.
ServerResponse unauthorized(std::string_view path) {
  constexpr char const* what = "the API key is missing or wrong";
  if (path.starts_with("/api/v1/files/")) return with_json(401, files_refusal_answer(401, what));
  return refused({401, "unauthorized", what, "", "authentication_error"});
}

std::string header(ServerRequest const& request, std::string_view name) {
  return std::string{http::find_header(request.headers, name).value_or("")};
}

std::string bearer(ServerRequest const& request) {
  static constexpr std::string_view scheme = "Bearer ";
  std::string const value = header(request, "Authorization");
  return value.starts_with(scheme) ? value.substr(scheme.size()) : std::string{};
}

std::size_t positive(std::optional<std::string> const& text, std::size_t otherwise, std::size_t most) {
  std::size_t value = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{} ||
      value == 0)
    return otherwise;
  return std::min(value, most);
}

std::string text_field(json const& body, std::initializer_list<char const*> names) {
  for (char const* const name : names)
    if (auto const found = body.find(name); found != body.end() && found->is_string())
      return found->get<std::string>();
  return {};
}

}  // namespace

Routes::Routes(Options const& options, Service& service)
    : options_{options},
      service_{service},
      style_{options.credits_unit, options.billing_in_answers, ""},
      request_id_stem_{"req-" + random_hex(4)} {}

Routes::Reply Routes::answer(ServerRequest const& request) {
  // In an outage the bill can still be read: it is the witness's, not the service's.
  bool const out = service_.faults().is_out(service_.now()) && http::path_of(request.target) != "/audit";
  Reply reply = out ? struck(Fault::outage) : dispatch(request);
  if (!reply.fetch) sign(reply.response);
  return reply;
}

ServerResponse Routes::refusal(int status) {
  Refusal refusal{status, "invalid_request", "the request is malformed"};
  if (status == 413) refusal = too_large();
  if (status == 431) refusal.message = "the header is too large";
  if (status >= 500) refusal = {status, "internal_error", "the gateway failed", "", "api_error"};
  ServerResponse response = refused(refusal);
  sign(response);
  return response;
}

void Routes::sign(ServerResponse& response) {
  response.headers.push_back({"x-request-id", fmt::format("{}-{}", request_id_stem_, ++answered_)});
  response.headers.push_back({"Date", format_http_date(service_.now())});
  bool const honoured = options_.idempotency && options_.faults.create.ignore_idempotency <= 0;
  if (honoured) response.headers.push_back({"Idempotency-Honoured", "true"});
}

ServerResponse Routes::struck(Fault fault) {
  service_.faults().count(fault);
  if (fault == Fault::create_rate_limit || fault == Fault::reads_rate_limit)
    return rate_limit_response(fault, service_.faults().next_retry_after(), service_.now());
  return fault_response(fault);
}

Routes::Reply Routes::dispatch(ServerRequest const& request) {
  static constexpr std::string_view results = "/results/";
  static constexpr std::string_view downloads = "/api/v1/files/download/";
  std::string_view const path = http::path_of(request.target);
  bool const reading = request.method == "GET" || request.method == "HEAD";
  if (reading && path.starts_with(results)) return result(request, path.substr(results.size()));
  if (reading && path.starts_with("/files/")) return file(service_.uploads().find_by_link(path));
  if (reading && path.starts_with(downloads))
    return file(service_.uploads().find(path.substr(downloads.size())));
  std::string const key = bearer(request);
  bool const known =
      options_.api_keys.empty() ||
      std::find(options_.api_keys.begin(), options_.api_keys.end(), key) != options_.api_keys.end();
  if (key.empty() || !known) return unauthorized(path);
  return with_key(request, key);
}

Routes::Reply Routes::with_key(ServerRequest const& request, std::string const& key) {
  static constexpr std::string_view one_task = "/v1/tasks/";
  std::string_view const path = http::path_of(request.target);
  if (request.method == "POST") {
    if (path == "/v1/videos/generations") return create(request, key);
    if (path == "/v1/tasks/batch") return read([&] { return batch(request.body); });
    if (path == "/api/v1/files/upload/base64") return upload_base64(request);
    if (path == "/api/v1/files/upload/stream") return upload_stream(request);
    if (path == "/api/v1/files/upload/url") return upload_url(request);
  } else if (request.method == "GET") {
    if (path.starts_with(one_task)) return read([&] { return task(path.substr(one_task.size())); });
    if (path == "/v1/tasks") return read([&] { return tasks(request.target); });
    if (path == "/v1/credits") return with_json(200, credits_answer(service_.account()));
    if (path == "/audit") return with_json(200, audit_answer(service_.bill()));
    if (path == "/api/v1/files/quota")
      return with_json(200, quota_answer(service_.uploads().count(service_.now()), Service::uploads_max));
  }
  return not_found();
}

Routes::Reply Routes::create(ServerRequest const& request, std::string const& key) {
  CreateDraw const draw = service_.faults().next_create();
  Reply reply{draw.instead ? struck(*draw.instead) : create(request, key, draw)};
  if (draw.delay) {
    service_.faults().count(Fault::create_delay_answer);
    reply.delay = *draw.delay;
  }
  return reply;
}

ServerResponse Routes::create(ServerRequest const& request, std::string const& key, CreateDraw const& draw) {
  if (request.body.size() > json_bytes_max) return refused(too_large());
  auto const receipt =
      service_.create({key, header(request, "Idempotency-Key"), request.body, draw.ignore_idempotency});
  if (!receipt) {
    ServerResponse response = refused(receipt.error().refusal);
    if (auto const wait = receipt.error().retry_after)
      response.headers.push_back(
          {"Retry-After", std::to_string(std::max<std::int64_t>(
                              1, std::chrono::ceil<std::chrono::seconds>(*wait).count()))});
    return response;
  }
  std::string const& id = receipt->task->id;
  if (draw.answer) service_.blame(id, *draw.answer);
  if (draw.answer && *draw.answer != Fault::create_truncate_answer) return fault_response(*draw.answer);
  if (draw.price) service_.blame(id, *draw.price);
  PriceTelling const telling = !draw.price                             ? PriceTelling::right
                               : *draw.price == Fault::create_no_price ? PriceTelling::absent
                                                                       : PriceTelling::other_unit;
  ServerResponse response = with_json(200, create_answer(*receipt->task, style_, telling));
  if (receipt->replayed) response.headers.push_back({"Idempotency-Replayed", "true"});
  if (draw.answer) response.sending = http::Sending::half;
  return response;
}

ServerResponse Routes::task(std::string_view id) {
  if (!id.starts_with("task-unified-"))
    return refused({400, "invalid_task_id", "task ids start with task-unified-", "task_id"});
  Task const* const found = service_.find(id);
  if (found == nullptr) return refused({404, "task_not_found", "there is no such task"});
  return with_json(200, task_answer(*found, service_.now(), style_));
}

ServerResponse Routes::tasks(std::string_view target) {
  TaskFilter filter;
  filter.status = http::query_value(target, "status").value_or("");
  filter.type = http::query_value(target, "type").value_or("");
  filter.model = http::query_value(target, "model").value_or("");
  filter.page = positive(http::query_value(target, "page"), 1, 1'000'000);
  filter.page_size = positive(http::query_value(target, "page_size"), 20, 100);
  return with_json(200, list_answer(service_.list(filter), filter, service_.now()));
}

ServerResponse Routes::batch(std::string const& body) {
  json const request = json::parse(body, nullptr, false);
  auto const ids = request.is_object() ? request.find("task_ids") : request.end();
  if (ids == request.end() || !ids->is_array() || ids->size() > batch_max)
    return refused(
        {.message = fmt::format("task_ids must be an array of at most {}", batch_max), .param = "task_ids"});
  std::vector<Task const*> found;
  for (json const& id : *ids)
    if (Task const* const task = id.is_string() ? service_.find(id.get<std::string>()) : nullptr)
      found.push_back(task);
  return with_json(200, batch_answer(found, service_.now(), style_));
}

ServerResponse Routes::upload_base64(ServerRequest const& request) {
  json const body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return with_json(400, files_refusal_answer(400, "the body is not a JSON object"));
  std::string const bytes = base64_decoded(text_field(body, {"base64_data"}));
  if (bytes.empty()) return with_json(400, files_refusal_answer(400, "base64_data is missing or malformed"));
  if (bytes.size() > upload_bytes_max)
    return with_json(413, files_refusal_answer(40001, "the file is too large"));
  return uploaded(
      service_.upload({text_field(body, {"file_name"}), text_field(body, {"upload_path"}), bytes}));
}

ServerResponse Routes::upload_stream(ServerRequest const& request) {
  Uploads::Incoming incoming;
  std::string own_name;
  bool found = false;
  for (FormPart const& part : read_form(header(request, "Content-Type"), request.body)) {
    if (part.name == "file") {
      incoming.bytes = part.content;
      own_name = part.file_name;
      found = true;
    }
    if (part.name == "file_name" || part.name == "fileName") incoming.name = part.content;
    if (part.name == "upload_path" || part.name == "uploadPath") incoming.folder = part.content;
  }
  if (!found) return with_json(400, files_refusal_answer(400, "the form has no part named file"));
  if (incoming.bytes.size() > upload_bytes_max)
    return with_json(413, files_refusal_answer(40001, "the file is too large"));
  if (incoming.name.empty()) incoming.name = own_name;
  return uploaded(service_.upload(incoming));
}

Routes::Reply Routes::upload_url(ServerRequest const& request) {
  json const body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return with_json(400, files_refusal_answer(400, "the body is not a JSON object"));
  std::string const url = text_field(body, {"file_url"});
  if (!is_http_url(url)) return with_json(400, files_refusal_answer(400, "file_url must be a URL"));
  std::string name = text_field(body, {"file_name"});
  std::string_view const path = std::string_view{url}.substr(0, url.find_first_of("?#"));
  if (name.empty()) name = path.substr(path.rfind('/') + 1);
  Reply reply{ServerResponse{}};
  reply.fetch = UrlUpload{url, std::move(name), text_field(body, {"upload_path"})};
  return reply;
}

ServerResponse Routes::fetched(UrlUpload const& order, Result<std::string> const& bytes) {
  ServerResponse response;
  if (bytes)
    response = uploaded(service_.upload({order.name, order.folder, *bytes}));
  else if (bytes.error().code == Code::too_large)
    response = with_json(413, files_refusal_answer(40001, "the file is too large"));
  else
    response =
        with_json(400, files_refusal_answer(40004, "file_url could not be fetched: " + bytes.error().what));
  sign(response);
  return response;
}

ServerResponse Routes::uploaded(Result<Upload> const& upload) {
  if (upload) return with_json(200, upload_answer(*upload, style_.base_url));
  std::string const& what = upload.error().what;
  if (upload.error().code == Code::invalid_input) return with_json(400, files_refusal_answer(40002, what));
  if (upload.error().code == Code::usage) return with_json(400, files_refusal_answer(40003, what));
  return with_json(500, files_refusal_answer(50001, "the file could not be stored"));
}

ServerResponse Routes::result(ServerRequest const& request, std::string_view rest) {
  Task const* const found = service_.find(rest.substr(0, rest.find('/')));
  if (found == nullptr || http::path_of(request.target) != result_path(*found) || !found->ended_at)
    return not_found();
  if (service_.now() >= *found->ended_at + options_.link_life)
    return refused({410, "resource_expired", "this link has expired"});
  std::optional<Fault> const fault = service_.faults().next_download();
  if (fault) service_.blame(found->id, *fault);
  if (fault == Fault::downloads_dead) return fault_response(*fault);
  std::optional<Clip> clip = service_.deliver(found->id);
  if (!clip) return not_found();
  ServerResponse response;
  response.headers = {{"Content-Type", "video/mp4"}, {"ETag", fmt::format("\"{}\"", found->link_token)}};
  if (auto* const shared = std::get_if<http::SharedBody>(&*clip))
    response.body = std::move(*shared);
  else
    response.body = http::FileBody{std::get<std::filesystem::path>(*clip)};
  if (fault == Fault::downloads_cut) response.sending = http::Sending::half;
  if (fault == Fault::downloads_broken) response.body = service_.faults().garbage();
  return response;
}

ServerResponse Routes::file(Upload const* upload) {
  if (upload == nullptr) return with_json(404, files_refusal_answer(404, "there is no such file"));
  if (upload->expires_at <= service_.now())
    return with_json(410, files_refusal_answer(410, "this file has expired"));
  ServerResponse response;
  response.headers.push_back({"Content-Type", std::string{mime_type_of(*upload)}});
  response.body = http::FileBody{service_.uploads().file_of(upload->id)};
  return response;
}

}  // namespace callsheet::local_gateway
