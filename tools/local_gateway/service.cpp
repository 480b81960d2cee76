#include "tools/local_gateway/service.hpp"

#include "orchestrator/core/digest.hpp"
#include "tools/local_gateway/prices.hpp"
#include "tools/local_gateway/public_url.hpp"
#include "tools/local_gateway/validation.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::local_gateway {

using nlohmann::json;

namespace {

constexpr std::size_t idempotency_key_min = 16;  // gateway-api.md section 11
constexpr std::size_t idempotency_key_max = 96;

bool contains(std::vector<std::string> const& list, std::string const& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool is_idempotency_key(std::string_view key) {
  return key.size() >= idempotency_key_min && key.size() <= idempotency_key_max &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                  c == '_' || c == '-';
         });
}

tl::unexpected<Service::Turned> turned(Refusal refusal, std::optional<Duration> retry_after = {}) {
  return tl::unexpected<Service::Turned>{Service::Turned{std::move(refusal), retry_after}};
}

Refusal internal_error(std::string message) {
  return {500, "internal_error", std::move(message), "", "api_error"};
}

/// A number in [0, 1) that depends on the text alone.
double share_of(std::string const& text) {
  std::uint32_t value = 0;
  std::string const digest = sha256_hex(text);
  std::from_chars(digest.data(), digest.data() + 8, value, 16);
  return static_cast<double>(value) / 4294967296.0;
}

}  // namespace

Service::Service(boost::asio::any_io_executor executor, Options const& options, Clock const& clock,
                 Journal journal, std::filesystem::path state_dir)
    : options_{options},
      clock_{clock},
      journal_{std::move(journal)},
      account_{options.balance},
      uploads_{state_dir / "uploads", state_dir / "tmp"},
      rate_limit_{options.creates_per_minute},
      draw_{options.faults, clock.now()},
      waker_{executor},
      studio_{executor, options, state_dir} {}

Result<void> Service::restore() {
  if (Result<void> checked = studio_.check_tools(); !checked) return checked;
  std::vector<std::string> const lines = journal_.take_lines();
  if (lines.empty()) return journal_.append(opened_line(options_.balance));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Result<Record> const record = read_record(lines[i]);
    if (!record)
      return fail(Code::file_system,
                  fmt::format("line {} of the local gateway's journal: {}", i + 1, record.error().what),
                  "move its state folder away to start a new account");
    std::visit([this](auto const& each) { apply(each); }, *record);
  }
  for (Task& task : tasks_.all())
    if (!ended(task)) begin(task);
  return {};
}

void Service::apply(Created const& record) {
  Task const& task = keep(record.task);
  if (!account_.reserve(task.price))
    note(fail(Code::ledger_unavailable, "the journal bills more than its balance"));
}

void Service::apply(Ended const& record) {
  Task* const task = tasks_.find(record.id);
  if (task == nullptr || ended(*task)) return;
  task->state = record.state;
  task->ended_at = record.at;
  task->charged = record.charged;
  task->error_code = record.error_code;
  task->error_message = record.error_message;
  account_.settle(task->price, task->charged);
}

void Service::apply(Delivered const& record) {
  if (Task* const task = tasks_.find(record.id)) task->delivered = true;
}

tl::expected<Service::Receipt, Service::Turned> Service::create(CreateRequest const& request) {
  if (auto const wait = rate_limit_.admit(request.key, now()))
    return turned({429, "rate_limit_exceeded", "too many requests, slow down", "", "rate_limit_error"}, wait);
  bool const keyed = options_.idempotency && !request.idempotency_key.empty();
  if (keyed && !is_idempotency_key(request.idempotency_key))
    return turned(
        {.message = "Idempotency-Key must be 16 to 96 of [A-Za-z0-9._-]", .param = "Idempotency-Key"});
  json const body = json::parse(request.body, nullptr, false);
  if (body.is_discarded()) return turned({.message = "the body is not JSON"});
  std::string const digest = sha256_hex(body.dump());
  Task const* const earlier = keyed ? tasks_.find_by_key(request.idempotency_key) : nullptr;
  if (earlier != nullptr && !request.ignore_idempotency) {
    if (earlier->body_digest == digest) return Receipt{earlier, true};
    return turned({409, "idempotency_conflict", "this Idempotency-Key was used for another request"});
  }
  tl::expected<Order, Refusal> order = read_order(body, options_.reach);
  if (!order) return turned(std::move(order.error()));
  tl::expected<Task, Turned> task = price_and_check(*std::move(order), request);
  if (!task) return tl::unexpected<Turned>{std::move(task.error())};
  task->body_digest = digest;
  if (Result<void> const written = journal_.append(created_line(*task, body)); !written) {
    account_.forget(task->price);
    note(written);
    return turned(internal_error("the task could not be recorded"));
  }
  Task& kept = keep(*std::move(task));
  for (Fault const fault : kept.faults) draw_.count(fault);
  if (earlier != nullptr) blame(kept.id, Fault::create_ignore_idempotency);
  begin(kept);
  return Receipt{&kept, false};
}

tl::expected<Task, Service::Turned> Service::price_and_check(Order order, CreateRequest const& request) {
  if (contains(options_.denied_models, order.model))
    return turned({403, "model_access_denied", "this key may not use " + order.model});
  if (contains(options_.outage_models, order.model))
    return turned(
        {503, "model_unavailable", order.model + " has no capacity now", "", "service_unavailable_error"});
  Task task;
  task.order = std::move(order);
  ModelRules const& rules = *find_model(task.order.model);
  auto refusal = resolve_pictures(task, rules);
  if (!refusal) refusal = resolve_video(task, rules);
  if (!refusal) refusal = check_elements(task.order, rules);
  if (refusal) return turned(*std::move(refusal));
  task.price = reserve_for(rules, task.order);
  task.id = new_task_id();
  task.created_at = now();
  task.latency = latency_of(task.order, task.id);
  task.idempotency_key = options_.idempotency ? request.idempotency_key : "";
  task.link_token = random_hex(12);
  if (!account_.reserve(task.price))
    return turned({402, "insufficient_quota",
                   fmt::format("the balance of {} credits is less than the {} this task needs",
                               callsheet::to_string(account_.remaining()), callsheet::to_string(task.price)),
                   "", "insufficient_quota"});
  return task;
}

tl::expected<Upload const*, Refusal> Service::upload_behind(std::string const& url, char const* param) const {
  std::optional<std::string> const path = path_on_this_machine(url);
  if (!path) return nullptr;
  Upload const* const upload = uploads_.find_by_link(*path);
  if (upload == nullptr || upload->expires_at <= now())
    return tl::unexpected<Refusal>{Refusal{
        .message = fmt::format("{} cannot be fetched: there is no such file, or it has expired", param),
        .param = param}};
  return upload;
}

tl::expected<std::string, Refusal> Service::picture(std::string const& url, char const* param,
                                                    ModelRules const& rules) const {
  auto const upload = upload_behind(url, param);
  if (!upload) return tl::unexpected<Refusal>{upload.error()};
  if (*upload == nullptr) return std::string{};
  std::optional<std::string> reason = (*upload)->video ? std::optional<std::string>{"a video is no picture"}
                                                       : frame_refused((*upload)->image, rules);
  if (reason)
    return tl::unexpected<Refusal>{Refusal{.message = fmt::format("{}: {}", param, *reason), .param = param}};
  return (*upload)->id;
}

std::optional<Refusal> Service::resolve_pictures(Task& task, ModelRules const& rules) const {
  bool const in_list = rules.frames == FrameRule::one_in_list || rules.frames == FrameRule::two_in_list;
  auto start = picture(task.order.image_start, in_list ? "image_urls" : "image_start", rules);
  if (!start) return start.error();
  auto end = picture(task.order.image_end, in_list ? "image_urls" : "image_end", rules);
  if (!end) return end.error();
  task.start_upload = *std::move(start);
  task.end_upload = *std::move(end);
  char const* const references = rules.makes_elements ? "model_params.element_image_list" : "image_urls";
  for (std::string const& url : task.order.image_urls) {
    auto reference = picture(url, references, rules);
    if (!reference) return reference.error();
    if (task.start_upload.empty()) task.start_upload = *std::move(reference);  // serves as backdrop
  }
  return std::nullopt;
}

std::optional<Refusal> Service::resolve_video(Task& task, ModelRules const& rules) const {
  Order& order = task.order;
  if (order.video.empty()) return std::nullopt;
  char const* const param = rules.makes_elements              ? "model_params.element_video_list"
                            : rules.video == VideoField::list ? "video_urls"
                                                              : "video_url";
  auto const upload = upload_behind(order.video, param);
  if (!upload) return upload.error();
  bool const keeps_sound = std::exchange(order.sound, false);
  if (*upload == nullptr) {
    // Nobody here looks at what lies elsewhere: made as long as what is reserved for an unknown video.
    if (rules.follows_video()) order.seconds = rules.reserve == Reserve::input_up ? 5 : 10;
    return std::nullopt;
  }
  std::optional<VideoFile> const& video = (*upload)->video;
  std::optional<std::string> const reason = !video ? std::optional<std::string>{"a picture is no video"}
                                                   : video_refused(*video, rules, order.facing_image);
  if (reason) return Refusal{.message = fmt::format("{}: {}", param, *reason), .param = param};
  task.video_upload = (*upload)->id;
  order.video_length = video->length;
  order.sound = keeps_sound && video->has_sound;
  if (rules.follows_video())
    order.seconds = std::max(1, static_cast<int>((video->length.count() + 500) / 1000));
  return std::nullopt;
}

std::optional<Refusal> Service::check_elements(Order const& order, ModelRules const& rules) const {
  for (std::size_t i = 0; i < order.element_ids.size(); ++i) {
    std::string const param = fmt::format("model_params.element_list[{}].element_id", i);
    Task const* const made_by = tasks_.find_element(order.element_ids[i]);
    if (made_by == nullptr && options_.foreign_elements && !is_element_id(order.element_ids[i])) continue;
    if (made_by == nullptr)
      return Refusal{.message = fmt::format("there is no element {}", order.element_ids[i]), .param = param};
    bool const of_video = !made_by->order.video.empty();
    if (rules.elements_of != ElementSource::any && of_video != (rules.elements_of == ElementSource::video))
      return Refusal{
          .message = fmt::format("element {} was made of {}, which {} does not take", order.element_ids[i],
                                 of_video ? "a video" : "pictures", rules.name),
          .param = param};
  }
  return std::nullopt;
}

Duration Service::latency_of(Order const& order, std::string const& task_id) const {
  double const size = order.quality == "4k"                               ? 3.0
                      : order.quality == "1080p" || order.quality == "2k" ? 1.6
                                                                          : 1.0;
  double const spread = 0.8 + 0.4 * share_of("latency " + task_id);
  double const seconds =
      (40.0 + 10.0 * order.seconds) * size * spread * std::max(0.0, options_.latency_scale);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>{seconds});
}

std::string Service::new_task_id() {
  auto const seconds = std::chrono::floor<std::chrono::seconds>(now().time_since_epoch()).count();
  std::string const tail = options_.seed == 0
                               ? random_hex(4)
                               : sha256_hex(fmt::format("{} {}", options_.seed, created_count_)).substr(0, 8);
  std::string id = fmt::format("task-unified-{}-{}", seconds, tail);
  while (tasks_.find(id) != nullptr) id = fmt::format("task-unified-{}-{}", seconds, random_hex(4));
  return id;
}

Task& Service::keep(Task task) {
  task.drawn = draw_.task(created_count_++, task.order.sound);
  if (task.drawn.fate || task.order.element) task.drawn.flaw.reset();  // there will be no clip
  if (task.drawn.fate) task.faults.push_back(*task.drawn.fate);
  if (task.drawn.hide_billing) task.faults.push_back(Fault::tasks_hide_billing);
  if (task.drawn.flaw) task.faults.push_back(*task.drawn.flaw);
  return tasks_.add(std::move(task));
}

void Service::blame(std::string_view id, Fault fault) {
  draw_.count(fault);
  if (Task* const task = tasks_.find(id)) task->faults.push_back(fault);
}

bool Service::doomed(Task const& task) const {
  if (task.drawn.fate == Fault::tasks_fail || task.drawn.fate == Fault::tasks_refund_withheld) return true;
  return options_.fail_ratio > 0 &&
         share_of(fmt::format("doom {} {}", options_.seed, task.id)) < options_.fail_ratio;
}

std::optional<StillImage> Service::still(std::string const& upload_id) const {
  Upload const* const upload = uploads_.find(upload_id);
  if (upload == nullptr || upload->video) return std::nullopt;
  return StillImage{uploads_.file_of(upload->id), upload->image};
}

Shoot Service::shoot_of(Task const& task) const {
  std::optional<FilmedVideo> filmed;
  Upload const* const video = uploads_.find(task.video_upload);
  if (video != nullptr && video->video) filmed = FilmedVideo{uploads_.file_of(video->id), *video->video};
  return {task.id,           task.order,     still(task.start_upload), still(task.end_upload),
          std::move(filmed), task.drawn.flaw};
}

void Service::begin(Task& task) {
  if (task.drawn.fate == Fault::tasks_stuck) return;
  if (doomed(task)) {
    task.error_code = "service_error";
    task.error_message = "the service failed for the moment, try again later";
    task.rendered = true;
    return end_when_due(task);
  }
  if (task.order.element) {
    task.rendered = true;
    return end_when_due(task);
  }
  studio_.make(shoot_of(task), [this, &task](Result<void> const& outcome) { rendered(task, outcome); });
}

void Service::rendered(Task& task, Result<void> const& outcome) {
  note(outcome);
  if (!outcome) {
    task.error_code = "generation_failed_no_content";
    task.error_message = outcome.error().what;
  }
  task.rendered = true;
  end_when_due(task);
}

void Service::end_when_due(Task& task) {
  TimePoint const at = task.created_at + task.latency;
  if (at <= now()) return end(task, task.error_code.empty() ? TaskState::completed : TaskState::failed);
  due_.push({at, &task});
  if (due_.top().task == &task) arm();
}

void Service::end(Task& task, TaskState state) {
  Task ended = task;
  ended.state = state;
  ended.ended_at = now();
  bool const kept = !options_.refund_failed || task.drawn.fate == Fault::tasks_refund_withheld;
  ended.charged = kept ? task.price : Credits{};
  if (state == TaskState::completed) ended.charged = final_price(*find_model(task.order.model), task.order);
  if (Result<void> const written = journal_.append(ended_line(ended)); !written) {
    note(written);
    due_.push({now() + std::chrono::seconds{1}, &task});  // a full disk may have room again
    return arm();
  }
  account_.settle(task.price, ended.charged);
  task.state = state;
  task.ended_at = ended.ended_at;
  task.charged = ended.charged;
  if (on_end_) on_end_(task);
}

void Service::arm() {
  if (due_.empty()) return;
  waker_.expires_after(std::max(due_.top().at - now(), Duration{0}));
  waker_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    std::vector<Task*> now_due;
    for (; !due_.empty() && due_.top().at <= now(); due_.pop()) now_due.push_back(due_.top().task);
    for (Task* const task : now_due) end_when_due(*task);
    arm();
  });
}

Result<Upload> Service::upload(Uploads::Incoming const& incoming) {
  if (uploads_.count(now()) >= uploads_max) return fail(Code::usage, "the quota of files is used up");
  Result<Upload> stored = uploads_.store(incoming, now(), options_.upload_life);
  if (!stored) return stored;
  if (Result<void> const written = journal_.append(upload_line(*stored)); !written)
    return fail(written.error());
  uploads_.add(*stored);
  return stored;
}

std::optional<Clip> Service::deliver(std::string_view id) {
  Task* const task = tasks_.find(id);
  if (task == nullptr || task->state != TaskState::completed || task->order.element) return std::nullopt;
  std::optional<Clip> clip = studio_.find(shoot_of(*task));
  if (clip && !task->delivered) {
    task->delivered = true;
    note(journal_.append(delivered_line(*task)));
  }
  return clip;
}

Bill Service::bill() const {
  Bill bill;
  for (Task const& task : tasks_.all()) {
    Credits const refunded = ended(task) ? task.price - task.charged : Credits{};
    std::vector<std::string> faults;
    for (Fault const fault : task.faults) faults.emplace_back(to_string(fault));
    bill.lines.push_back({task.id, task.order.model, task.idempotency_key, task.price, task.charged, refunded,
                          task.state, task.created_at, task.delivered, std::move(faults)});
  }
  bill.opening = account_.opening();
  bill.reserved = account_.reserved();
  bill.charged = account_.charged();
  bill.refunded = account_.refunded();
  bill.remaining = account_.remaining();
  for (std::size_t i = 0; i < fault_kinds; ++i)
    if (std::uint64_t const count = draw_.counts().at(i))
      bill.faults.push_back({std::string{to_string(static_cast<Fault>(i))}, count});
  return bill;
}

void Service::note(Result<void> const& outcome) const {
  if (!outcome && options_.on_fault) options_.on_fault(outcome.error().what);
}

}  // namespace callsheet::local_gateway
