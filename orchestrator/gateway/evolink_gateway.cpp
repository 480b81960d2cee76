#include "orchestrator/gateway/evolink_gateway.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/gateway/downloads.hpp"
#include "orchestrator/gateway/failure_codes.hpp"
#include "orchestrator/gateway/upload_form.hpp"

#include <fmt/format.h>

namespace callsheet::gateway {

namespace net = boost::asio;

namespace {

using CreateResult = tl::expected<Created, CreateFailure>;

constexpr int pages_most = 20;
constexpr int page_size = 100;
constexpr char const* file_quota_code = "40003";  // gateway-api.md section 9

Failure not_sent(Error const& error) {
  return {.kind = FailureKind::not_sent, .message = error.what};
}

/// Whether an error answer to a create request proves that nothing was taken. A 500 or 502 may have come
/// after the task was made; 408 and 409 say that the outcome is open (gateway-api.md 8.3:
/// paid_outcome_unknown).
Landed landed_after(int status, ErrorBody const& error) {
  if (status == 408 || status == 409) return Landed::unknown;
  if (status >= 400 && status < 500) return Landed::no;
  return status == 503 && error.understood ? Landed::no : Landed::unknown;
}

/// Whether that answer to a batch is about batches, and not about the key or the moment.
bool refuses_batches(int status) {
  bool const passes = status == 401 || status == 402 || status == 403 || status == 408 || status == 429;
  return status == 501 || (status >= 400 && status < 500 && !passes);
}

class EvolinkGateway final : public Gateway {
 public:
  EvolinkGateway(Profile profile, Secret key, http::Client& client, Clock const& clock,
                 std::function<ModelParameters(ModelId const&)> parameters_of)
      : profile_{std::move(profile)},
        key_{std::move(key)},
        client_{client},
        clock_{clock},
        parameters_of_{std::move(parameters_of)},
        queries_{
            profile_.batches,
            {.one = [this](AskedTask task) { return query_one(std::move(task)); },
             .several = [this](std::vector<AskedTask> tasks) { return query_several(std::move(tasks)); }}} {}

  std::string const& name() const override { return profile_.name; }
  bool idempotency_seen() const override { return idempotency_seen_; }
  std::optional<Duration> clock_ahead() const override { return clock_ahead_; }

  std::string encode(Request const& request, ModelId const& model,
                     Addresses const& addresses) const override {
    return encode_create(request, model, parameters_of_(model), addresses);
  }

  net::awaitable<CreateResult> create(CreateOrder order) override {
    http::Request request = api_request("POST", profile_.base, "/v1/videos/generations");
    request.headers.push_back({"Content-Type", "application/json"});
    request.headers.push_back({"Idempotency-Key", order.idempotency_key});
    request.body = std::move(order.body);
    auto response = co_await client_.send(std::move(request));
    if (!response) {
      bool const all = response.error().sent == http::Sent::all;
      Failure failure = not_sent(response.error().error);
      if (all) failure.kind = FailureKind::unknown;
      co_return failed_create(all ? Landed::unknown : Landed::no, std::move(failure));
    }
    note_headers(*response);
    if (response->status >= 200 && response->status < 300) {
      if (auto created = decode_created(response->body, order.expected, profile_.credit_unit, order.most))
        co_return *std::move(created);
      Failure failure{.kind = FailureKind::unknown,
                      .message = "the answer to the create request has no task id"};
      co_return failed_create(Landed::unknown, std::move(failure));
    }
    Landed const landed = landed_after(response->status, decode_error(response->body));
    co_return failed_create(landed, failure_of(*response));
  }

  net::awaitable<tl::expected<TaskView, Failure>> query(GatewayTaskId id, Credits expected) override {
    AskedTask task{.id = std::move(id), .expected = expected};
    return queries_.query(std::move(task));
  }

  net::awaitable<tl::expected<TaskList, Failure>> list(TimePoint since) override {
    TaskList list;
    list.since = TimePoint::max();
    for (int page = 1; page <= pages_most; ++page) {
      http::Request request = api_request(
          "GET", profile_.base, fmt::format("/v1/tasks?type=video&page={}&page_size={}", page, page_size));
      auto response = co_await client_.send(std::move(request));
      if (!response) co_return tl::unexpected<Failure>{not_sent(response.error().error)};
      note_headers(*response);
      if (response->status != 200) co_return tl::unexpected<Failure>{failure_of(*response)};
      std::optional<TaskPage> tasks = decode_task_page(response->body);
      if (!tasks) {
        Failure failure{.kind = FailureKind::temporary, .message = "the gateway's answer is not a task list"};
        co_return tl::unexpected<Failure>{std::move(failure)};
      }
      for (ListedTask& task : tasks->tasks) {
        list.since = std::min(list.since, task.created);
        if (task.created >= since) list.tasks.push_back(std::move(task));
      }
      if (!tasks->more) list.since = TimePoint::min();  // the account has no older ones
      if (list.since < since) break;
    }
    co_return list;
  }

  net::awaitable<Result<Balance>> balance() override {
    http::Request request = api_request("GET", profile_.base, "/v1/credits");
    auto response = co_await client_.send(std::move(request));
    if (!response) {
      Error error = response.error().error;
      if (error.mend.empty())
        error.mend =
            "check the network, and EVOLINK_BASE_URL if it is set, or the gateway's address in the catalog";
      co_return fail(std::move(error));
    }
    note_headers(*response);
    if (response->status == 401 || response->status == 403) co_return fail(key_refused(*response));
    if (response->status == 200)
      if (auto balance = decode_balance(response->body, profile_.credit_unit)) co_return *balance;
    Failure const failure = failure_of(*response);
    co_return fail(
        Code::gateway_error,
        fmt::format("{} answered {} to the question for the balance: {}", http::origin_of(profile_.base),
                    response->status, failure.message),
        "check that EVOLINK_BASE_URL, or the gateway's base_url in the catalog, is the address of its API");
  }

  net::awaitable<tl::expected<UploadedFile, Failure>> upload(InputFile& file) override {
    UploadForm form{file};
    http::Request request = api_request("POST", profile_.files, "/api/v1/files/upload/stream");
    request.headers.push_back({"Content-Type", form.content_type()});
    request.source = &form;
    request.timeouts.total = profile_.time_outs.upload;
    request.timeouts.answer = profile_.time_outs.answer;
    auto response = co_await client_.send(std::move(request));
    if (!response) co_return tl::unexpected<Failure>{not_sent(response.error().error)};
    note_headers(*response);
    if (response->status != 200) {
      Failure failure = failure_of(*response);
      if (failure.code == file_quota_code) co_await explain_full(failure);
      co_return tl::unexpected<Failure>{std::move(failure)};
    }
    if (auto uploaded = decode_upload(response->body)) {
      // Files live 72 hours (gateway-api.md section 9) where the answer does not say it.
      if (uploaded->expires == TimePoint{}) uploaded->expires = clock_.now() + std::chrono::hours{72};
      co_return *std::move(uploaded);
    }
    Failure failure{.kind = FailureKind::temporary, .message = "the answer to the upload has no address"};
    co_return tl::unexpected<Failure>{std::move(failure)};
  }

  net::awaitable<tl::expected<Downloaded, DownloadFailure>> download(std::string link,
                                                                     std::filesystem::path to) override {
    co_return co_await download_clip(client_, profile_, std::move(link), std::move(to));
  }

 private:
  net::awaitable<QueryBatches::Answer> query_one(AskedTask task) {
    http::Request request = api_request("GET", profile_.base, "/v1/tasks/" + task.id.str());
    auto response = co_await client_.send(std::move(request));
    if (!response) co_return tl::unexpected<Failure>{not_sent(response.error().error)};
    note_headers(*response);
    if (response->status != 200) co_return tl::unexpected<Failure>{failure_of(*response)};
    if (auto view = decode_task(response->body, task.expected, profile_.credit_unit))
      co_return *std::move(view);
    Failure failure{.kind = FailureKind::temporary, .message = "the gateway's answer is not a task"};
    co_return tl::unexpected<Failure>{std::move(failure)};
  }

  net::awaitable<QueryBatches::BatchAnswer> query_several(std::vector<AskedTask> tasks) {
    http::Request request = api_request("POST", profile_.base, "/v1/tasks/batch");
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = encode_batch(tasks);
    auto response = co_await client_.send(std::move(request));
    QueryBatches::Refusal refusal;
    if (!response) {
      refusal.failure = not_sent(response.error().error);
      co_return tl::unexpected<QueryBatches::Refusal>{std::move(refusal)};
    }
    note_headers(*response);
    if (response->status == 200)
      if (auto views = decode_batch(response->body, tasks, profile_.credit_unit)) co_return *std::move(views);
    if (response->status == 200 || refuses_batches(response->status)) {
      refusal.offered = QueryBatches::Offered::no;
      refusal.failure = {.kind = FailureKind::temporary,
                         .message = "the gateway does not tell of several tasks"};
    } else {
      refusal.failure = failure_of(*response);
    }
    co_return tl::unexpected<QueryBatches::Refusal>{std::move(refusal)};
  }

  /// No other file would be taken either: what is the matter is the account's.
  net::awaitable<void> explain_full(Failure& failure) {
    failure.kind = FailureKind::out_of_credit;
    http::Request request = api_request("GET", profile_.files, "/api/v1/files/quota");
    auto const response = co_await client_.send(std::move(request));
    auto const quota = response && response->status == 200 ? decode_file_quota(response->body) : std::nullopt;
    failure.message = fmt::format(
        "the files host takes no more files{}; each goes by itself 72 hours after it was uploaded, or when it "
        "is deleted at {}",
        quota ? fmt::format(": {} of {} are in use", quota->used, quota->most) : "",
        http::origin_of(profile_.files));
  }

  http::Request api_request(char const* method, http::Url const& host, std::string const& path) const {
    http::Request request;
    request.method = method;
    request.url = host;
    // A base address may have a path of its own (a proxy): keep it.
    std::string base = host.target;
    while (base.ends_with('/')) base.pop_back();
    request.url.target = base + path;
    request.timeouts = {.connect = profile_.time_outs.connect,
                        .idle = profile_.time_outs.idle,
                        .total = profile_.time_outs.answer};
    request.headers.push_back({"Authorization", "Bearer " + key_.reveal()});
    request.headers.push_back({"Accept", "application/json"});
    request.headers.push_back({"User-Agent", "callsheet"});
    return request;
  }

  void note_headers(http::Response const& response) {
    for (char const* header : {"Idempotency-Replayed", "Idempotency-Honoured"})
      if (http::find_header(response.headers, header) == "true") idempotency_seen_ = true;
    auto const date = http::find_header(response.headers, "Date");
    if (!date) return;
    // Many answers a second carry the same one.
    if (*date != date_text_) {
      date_text_ = *date;
      date_ = parse_http_date(*date);
    }
    if (date_) clock_ahead_ = *date_ - clock_.now();
  }

  Failure failure_of(http::Response const& response) const {
    ErrorBody const error = decode_error(response.body);
    Failure failure{.kind = failure_kind(response.status, error.code), .code = error.code};
    failure.message =
        error.message.empty() ? fmt::format("the gateway answered {}", response.status) : error.message;
    for (char const* header : {"x-request-id", "x-oneapi-request-id"})
      if (auto const id = http::find_header(response.headers, header); id && failure.request_id.empty())
        failure.request_id = id->substr(0, 128);
    if (auto const wait = http::find_header(response.headers, "retry-after"))
      failure.retry_after = parse_retry_after(*wait, clock_.now());
    return failure;
  }

  [[nodiscard]] Error key_refused(http::Response const& response) const {
    return {.code = Code::unauthorized,
            .what = fmt::format("{} refused the key: {}", http::origin_of(profile_.base),
                                failure_of(response).message),
            .mend = fmt::format("set {} to a valid key{}", profile_.key_env,
                                profile_.key_env == "EVOLINK_API_KEY" ? " (evolink.ai/dashboard/keys)" : "")};
  }

  static tl::unexpected<CreateFailure> failed_create(Landed landed, Failure failure) {
    return tl::unexpected<CreateFailure>{CreateFailure{landed, std::move(failure)}};
  }

  Profile profile_;
  Secret key_;
  http::Client& client_;
  Clock const& clock_;
  std::function<ModelParameters(ModelId const&)> parameters_of_;
  QueryBatches queries_;
  bool idempotency_seen_ = false;
  std::string date_text_;          ///< the last `Date` header,
  std::optional<TimePoint> date_;  ///< and what it says
  std::optional<Duration> clock_ahead_;
};

}  // namespace

std::unique_ptr<Gateway> make_evolink_gateway(Profile profile, Secret key, http::Client& client,
                                              Clock const& clock,
                                              std::function<ModelParameters(ModelId const&)> parameters_of) {
  return std::make_unique<EvolinkGateway>(std::move(profile), std::move(key), client, clock,
                                          std::move(parameters_of));
}

}  // namespace callsheet::gateway
