#include "orchestrator/gateway/codec.hpp"

#include "orchestrator/gateway/failure_codes.hpp"

#include <doctest/doctest.h>

using namespace callsheet;
using namespace callsheet::gateway;
using namespace std::chrono_literals;

namespace {
Credits const price = Credits::whole(27);
}

TEST_CASE("codec: the body of a create request, to the letter") {
  Request request;
  request.mode = Mode::image_to_video;
  request.prompt = "a \"gentle\" breeze";
  request.sound = Sound::on;
  request.quality = Quality::p1080;
  request.aspect_ratio = AspectRatio{9, 16};
  request.watermark = false;
  ModelId const model{"some-model"};
  CHECK(encode_create(
            request, model, {},
            {.start = "https://files.example/a.png", .end = {}, .images = {}, .video = {}, .callback = {}}) ==
        R"({"aspect_ratio":"9:16","duration":5,"image_start":"https://files.example/a.png",)"
        R"("model":"some-model","model_params":{"watermark_info":{"enabled":false}},)"
        R"("prompt":"a \"gentle\" breeze","quality":"1080p","sound":"on"})");
  CHECK(encode_create(request, model, {.aspect_ratio = false}, {}).find("aspect_ratio") == std::string::npos);
}

TEST_CASE("codec: frames and the callback address go where the gateway looks for them") {
  Request request;
  request.mode = Mode::image_to_video;
  std::string const body = encode_create(request, ModelId{"m"}, {},
                                         {.start = "https://f/a.png",
                                          .end = "https://f/b.png",
                                          .images = {},
                                          .video = {},
                                          .callback = "https://hooks.example/callsheet/0123abcd"});
  CHECK(body.find(R"("image_start":"https://f/a.png")") != std::string::npos);
  CHECK(body.find(R"("image_end":"https://f/b.png")") != std::string::npos);
  CHECK(body.find(R"("callback_url":"https://hooks.example/callsheet/0123abcd")") != std::string::npos);
}

TEST_CASE("codec: one vocabulary, spelled as each model wants it") {
  Request request;
  request.mode = Mode::motion_control;
  request.orientation = Orientation::video;
  request.keep_sound = false;
  request.elements = {{.id = "el-1", .kind = Element::Kind::video}};
  Addresses const addresses{.start = {},
                            .end = {},
                            .images = {"https://f/hero.jpg"},
                            .video = "https://f/dance.mp4",
                            .callback = {}};
  CHECK(
      encode_create(request, ModelId{"m"},
                    {.duration = false, .video_in_list = true, .keep_sound_in_model_params = true},
                    addresses) ==
      R"({"image_urls":["https://f/hero.jpg"],"model":"m","model_params":{"character_orientation":"video",)"
      R"("element_list":[{"element_id":"el-1"}],"keep_sound":false},"quality":"720p","video_urls":["https://f/dance.mp4"]})");
  request.mode = Mode::video_edit;
  request.orientation.reset();
  request.elements.clear();
  request.quality = Quality::any;
  CHECK(encode_create(request, ModelId{"m"}, {.duration = false}, addresses) ==
        R"({"image_urls":["https://f/hero.jpg"],"keep_original_sound":false,"model":"m",)"
        R"("video_url":"https://f/dance.mp4"})");
}

TEST_CASE("codec: an element is asked for as one, of pictures or of a video") {
  Request request;
  request.mode = Mode::element;
  request.prompt = "a fox in a coat";
  request.name = "a-name-of-more-than-20-characters";
  request.quality = Quality::any;
  ModelId const model{"maker"};
  CHECK(
      encode_create(request, model, {},
                    {.start = {},
                     .end = {},
                     .images = {"https://f/front.jpg", "https://f/side.jpg", "https://f/back.jpg"},
                     .video = {},
                     .callback = "https://hooks.example/1"}) ==
      R"({"callback_url":"https://hooks.example/1","model":"maker","model_params":{)"
      R"("element_description":"a fox in a coat","element_image_list":{"frontal_image":"https://f/front.jpg",)"
      R"("refer_images":[{"image_url":"https://f/side.jpg"},{"image_url":"https://f/back.jpg"}]},)"
      R"("element_name":"a-name-of-more-than-","reference_type":"image_refer"}})");
  CHECK(
      encode_create(request, model, {},
                    {.start = {}, .end = {}, .images = {}, .video = "https://f/turn.mp4", .callback = {}}) ==
      R"({"model":"maker","model_params":{"element_description":"a fox in a coat",)"
      R"("element_video_list":{"refer_videos":[{"video_url":"https://f/turn.mp4"}]},)"
      R"("element_name":"a-name-of-more-than-","reference_type":"video_refer"}})");
}

TEST_CASE("codec: the id of an element is read where it stands, and only one that can be asked with") {
  struct Case {
    char const* data;
    char const* id;
  };
  for (Case const& c : {Case{R"({"element_id":"el_1"})", "el_1"}, Case{R"([{"element_id":"el_1"}])", "el_1"},
                        Case{R"({"element_id":829836802793406551})", "829836802793406551"}, Case{"{}", ""},
                        Case{"[]", ""}, Case{"7", ""}, Case{"null", ""}, Case{R"({"element_id":""})", ""},
                        Case{R"({"element_id":"a\"b"})", ""}, Case{R"({"element_id":["el_1"]})", ""},
                        Case{R"({"element_id":"../x y"})", ""}}) {
    CAPTURE(c.data);
    auto const view =
        decode_task(std::string{R"({"status":"completed","result_data":)"} + c.data + "}", price);
    REQUIRE(view.has_value());
    CHECK(view->element == c.id);
  }
  CHECK(
      decode_task(R"({"status":"processing","result_data":{"element_id":"el_1"}})", price)->element.empty());
}

TEST_CASE("codec: frames as a list begin with the first") {
  Request request;
  request.mode = Mode::image_to_video;
  Addresses const addresses{
      .start = "https://f/first.jpg", .end = "https://f/last.jpg", .images = {}, .video = {}, .callback = {}};
  std::string const body = encode_create(request, ModelId{"m"}, {.frames_in_image_urls = true}, addresses);
  CHECK(body.find(R"("image_urls":["https://f/first.jpg","https://f/last.jpg"])") != std::string::npos);
  CHECK(body.find("image_start") == std::string::npos);
}

TEST_CASE("codec: a model that makes sound by itself is told when it must not") {
  Request request;
  ModelId const model{"m"};
  auto const has = [&](SoundParameter parameter, char const* what) {
    return encode_create(request, model, {.sound = parameter}, {}).find(what) != std::string::npos;
  };
  CHECK_FALSE(has(SoundParameter::sound, "sound"));
  CHECK(has(SoundParameter::generate_audio, R"("generate_audio":false)"));
  request.sound = Sound::on;
  CHECK(has(SoundParameter::sound, R"("sound":"on")"));
  CHECK(has(SoundParameter::generate_audio, R"("generate_audio":true)"));
  CHECK_FALSE(has(SoundParameter::none, "sound"));
  CHECK_FALSE(has(SoundParameter::none, "audio"));
}

TEST_CASE("codec: shots are numbered from 1 and their duration is a string") {
  Request request;
  request.shot_planning = ShotPlanning::customize;
  request.shots = {{"one", 3s}, {"two", 2s}};
  CHECK(encode_create(request, ModelId{"m"}, {}, {}) ==
        R"({"duration":5,"model":"m","model_params":{"multi_prompt":[)"
        R"({"duration":"3","index":1,"prompt":"one"},{"duration":"2","index":2,"prompt":"two"}],)"
        R"("multi_shot":true,"shot_type":"customize"},"prompt":"","quality":"720p"})");
}

TEST_CASE("codec: credits_reserved in either unit, or not believed") {
  struct Case {
    double raw;
    std::optional<Credits> read;
  };
  for (Case const& c : {Case{27, price}, Case{270'000, price}, Case{25.7, Credits::from_units(257'000)},
                        Case{300'000, Credits::whole(30)}, Case{1, {}}, Case{0, {}}, Case{-27, {}},
                        Case{7, {}}, Case{408'240, {}}, Case{1e11, {}}}) {
    CAPTURE(c.raw);
    CHECK(credits_in_either_unit(c.raw, price) == c.read);
  }
  CHECK_FALSE(credits_in_either_unit(1, Credits{}).has_value());
}

TEST_CASE("codec: a reserved amount that fits no unit says whether it may be more than was held") {
  auto const reserved = [](char const* usage) {
    auto const created = decode_created(std::string{R"({"id":"task-1","usage":)"} + usage + "}", price);
    REQUIRE(created.has_value());
    return created->reserved;
  };
  CHECK(std::holds_alternative<NotTold>(reserved("{}")));
  CHECK(std::holds_alternative<NotTold>(reserved("null")));
  CHECK(std::get<Told>(reserved(R"({"credits_reserved":270000})")).amount == price);
  struct Case {
    char const* raw;
    bool may_be_more;
  };
  for (Case const& c :
       {Case{"1", false}, Case{"0", false}, Case{"-5", false}, Case{"54", true}, Case{"540000", true},
        Case{"1e300", true}, Case{"200000", false}, Case{"\"many\"", false}, Case{"[]", false}}) {
    CAPTURE(c.raw);
    auto const absurd = reserved((std::string{R"({"credits_reserved":)"} + c.raw + "}").c_str());
    REQUIRE(std::holds_alternative<Absurd>(absurd));
    CHECK(std::get<Absurd>(absurd).may_be_more == c.may_be_more);
  }
}

TEST_CASE("codec: an amount nested deeper than any stack is no amount, and the id of what was paid is kept") {
  std::size_t const depth = 1'000'000;
  std::string const deep = std::string(depth, '[') + std::string(depth, ']');
  auto const created = decode_created(R"({"id":"task-1","usage":{"credits_reserved":)" + deep + "}}", price);
  REQUIRE(created.has_value());
  CHECK(created->id == GatewayTaskId{"task-1"});
  CHECK_FALSE(std::get<Absurd>(created->reserved).may_be_more);
}

TEST_CASE("codec: what a higher hold covers is no surprise, and no bill in the wrong unit") {
  // An element: 0.001 credits by the rules, 1 by the page, whose example reserves a bare 1.
  Credits const rules = Credits::from_units(10);
  Credits const held = Credits::whole(1);
  CHECK(std::get<Told>(read_reserved(10, "10", rules, CreditUnit::either, held)).amount == rules);
  CHECK(std::get<Told>(read_reserved(0.001, "0.001", rules, CreditUnit::either, held)).amount == rules);
  CHECK_FALSE(std::get<Absurd>(read_reserved(1, "1", rules, CreditUnit::either, held)).may_be_more);
  CHECK(std::get<Absurd>(read_reserved(1, "1", rules)).may_be_more);
  CHECK(std::get<Absurd>(read_reserved(2, "2", rules, CreditUnit::either, held)).may_be_more);
  CHECK_FALSE(read_charge(1, rules).has_value());
  CHECK(read_charge(10, rules) == rules);
}

TEST_CASE("codec: a bill is believed within a factor of ten, in either unit") {
  CHECK(read_charge(27, price) == price);
  CHECK(read_charge(270'000, price) == price);
  CHECK(read_charge(5, price) == Credits::whole(5));
  CHECK(read_charge(2'700'000, price) == Credits::whole(270));
  for (double const raw : {0.0, -1.0, 1.0, 2'000.0, 1e9}) {
    CAPTURE(raw);
    CHECK_FALSE(read_charge(raw, price).has_value());
  }
}

TEST_CASE("codec: a gateway whose unit is known is read in no other") {
  CHECK(credits_in_either_unit(27, price, CreditUnit::credits) == price);
  CHECK_FALSE(credits_in_either_unit(27, price, CreditUnit::units));
  CHECK(credits_in_either_unit(270'000, price, CreditUnit::units) == price);
  CHECK_FALSE(credits_in_either_unit(270'000, price, CreditUnit::credits));
  CHECK(read_charge(5, price, CreditUnit::credits) == Credits::whole(5));
  CHECK_FALSE(read_charge(5, price, CreditUnit::units));
  CHECK(read_charge(2'700'000, price, CreditUnit::units) == Credits::whole(270));
  CHECK_FALSE(read_charge(2'700'000, price, CreditUnit::credits));
  struct Case {
    double raw;
    CreditUnit unit;
    bool may_be_more;
  };
  for (Case const& c : {Case{54, CreditUnit::credits, true}, Case{54, CreditUnit::units, false},
                        Case{200'000, CreditUnit::credits, true}, Case{200'000, CreditUnit::units, false},
                        Case{540'000, CreditUnit::units, true}, Case{5, CreditUnit::credits, false}}) {
    CAPTURE(c.raw);
    auto const reserved = read_reserved(c.raw, "raw", price, c.unit);
    REQUIRE(std::holds_alternative<Absurd>(reserved));
    CHECK(std::get<Absurd>(reserved).may_be_more == c.may_be_more);
  }
}

TEST_CASE("codec: a page of the task list, entries without sense left out") {
  auto const page = decode_task_page(R"({"data":[
    {"id":"task-1","model":"kling-v3","created_at":1763900000,"duration":5},
    {"id":"../x","model":"m","created_at":1}, {"id":"task-2","model":"m"}, {"id":"task-3","created_at":1e300}, 7, null,
    {"id":"task-4","model":"kling-v3","created_at":1763900001}],"total":40,"page":1,"page_size":20})");
  REQUIRE(page.has_value());
  REQUIRE(page->tasks.size() == 2);
  CHECK(page->tasks[0].model == ModelId{"kling-v3"});
  CHECK(page->tasks[0].created == TimePoint{1'763'900'000s});
  CHECK(page->tasks[0].duration == 5s);
  CHECK_FALSE(page->tasks[1].duration.has_value());
  CHECK(page->more);
  CHECK_FALSE(decode_task_page(R"({"data":[],"total":40,"page":2,"page_size":20})")->more);
  CHECK_FALSE(decode_task_page(R"({"data":[]})")->more);
  for (char const* bad : {"", "[]", "{}", R"({"data":7})"}) CHECK_FALSE(decode_task_page(bad).has_value());
}

TEST_CASE("codec: the quota of the files host") {
  auto const quota = decode_file_quota(R"({"success":true,"data":{"used_files":35,"max_files":2000}})");
  REQUIRE(quota);
  CHECK(quota->used == 35);
  CHECK(quota->most == 2000);
  for (char const* none :
       {"", "{}", R"({"data":{"used_files":35}})", R"({"data":{"used_files":-1,"max_files":1}})"})
    CHECK_FALSE(decode_file_quota(none));
}

TEST_CASE("codec: of several tasks each is told, but for those that are left out or told twice") {
  std::vector<AskedTask> const asked{{GatewayTaskId{"t-1"}, Credits::whole(27)},
                                     {GatewayTaskId{"t-2"}, Credits::whole(54)},
                                     {GatewayTaskId{"t-3"}, Credits::whole(27)},
                                     {GatewayTaskId{"t-4"}, Credits::whole(27)}};
  CHECK(encode_batch(asked) == R"({"task_ids":["t-1","t-2","t-3","t-4"]})");
  auto const views = decode_batch(R"({"code":200,"data":[
      {"id":"t-4","status":"failed","error":{"code":"service_error","message":"down"}},
      {"id":"t-2","status":"completed","results":["https://x/2.mp4"],"usage":{"credits_used":54}},
      {"id":"t-9","status":"completed"}, 7, {"status":"completed"},
      {"id":"t-3","status":"processing","progress":3}, {"id":"t-3","status":"failed"}]})",
                                  asked);
  REQUIRE(views);
  REQUIRE(views->size() == 4);
  CHECK_FALSE((*views)[0]);
  REQUIRE((*views)[1]);
  CHECK((*views)[1]->links == std::vector<std::string>{"https://x/2.mp4"});
  CHECK((*views)[1]->charged == Credits::whole(54));
  CHECK_FALSE((*views)[2]);
  REQUIRE((*views)[3]);
  CHECK((*views)[3]->failure.code == "service_error");
  for (char const* none : {"", "[]", "{}", R"({"data":{}})", R"({"data":null})", R"({"code":200)"}) {
    CAPTURE(none);
    CHECK_FALSE(decode_batch(none, asked));
  }
}

TEST_CASE("codec: a callback names a task, and nothing else of it is read") {
  CHECK(decode_callback(R"({"id":"task-unified-1","status":"completed"})") ==
        GatewayTaskId{"task-unified-1"});
  for (char const* bad : {"", "{}", "[]", R"({"id":"a/../b"})", "{\"id\":\"x\"", "\xff"})
    CHECK(decode_callback(bad).empty());
}

TEST_CASE("codec: dates of HTTP") {
  CHECK(parse_http_date("Wed, 25 Nov 2026 14:30:00 GMT") == *parse_rfc3339("2026-11-25T14:30:00Z"));
  for (char const* bad :
       {"", "Wed", "25 Nov 2026", "Wed, 32 Nov 2026 14:30:00 GMT", "Wed, 25 Nov 2026 14:30:00 GMT x"})
    CHECK_FALSE(parse_http_date(bad).has_value());
}

TEST_CASE("codec: an id that could change an address is no id") {
  auto const id_of = [](std::string const& id) {
    return decode_created("{\"id\":\"" + id + "\"}", price).has_value();
  };
  CHECK(id_of("task-unified-1757169743-7cvnl5zw"));
  for (char const* bad : {"", "../credits", "a/b", "a?b", "a#b", "a b", ".", "..", "%2e", "\\u0000x"}) {
    CAPTURE(bad);
    CHECK_FALSE(id_of(bad));
  }
  CHECK_FALSE(id_of(std::string(129, 'a')));
  for (char const* bad : {"", "null", "[]", "{", "{\"id\":null}", "{\"id\":{}}"})
    CHECK_FALSE(decode_created(bad, price).has_value());
}

TEST_CASE("codec: task answers of every documented form") {
  struct Case {
    char const* name;
    char const* body;
    TaskStatus status;
    std::size_t links;
    FailureKind kind;
  };
  for (Case const& c : {
           Case{"running", R"({"status":"processing","progress":40})", TaskStatus::running, 0,
                FailureKind::unknown},
           Case{"unknown status", R"({"status":"polishing"})", TaskStatus::running, 0, FailureKind::unknown},
           Case{"done", R"({"status":"completed","results":["https://x/a.mp4"]})", TaskStatus::completed, 1,
                FailureKind::unknown},
           Case{"done, objects", R"({"status":"completed","results":[{"url":"https://x/a.mp4"}]})",
                TaskStatus::completed, 1, FailureKind::unknown},
           Case{"failed", R"({"status":"failed","error":{"code":"content_policy_violation","message":"no"}})",
                TaskStatus::failed, 0, FailureKind::content_refused},
           Case{"cancelled as a status", R"({"status":"cancelled"})", TaskStatus::failed, 0,
                FailureKind::cancelled},
           Case{"cancelled as a code", R"({"status":"failed","error":{"code":"request_cancelled"}})",
                TaskStatus::failed, 0, FailureKind::cancelled},
           Case{"failed without a reason", R"({"status":"failed","error":null})", TaskStatus::failed, 0,
                FailureKind::unknown},
       }) {
    CAPTURE(c.name);
    auto const view = decode_task(c.body, price);
    REQUIRE(view.has_value());
    CHECK(view->status == c.status);
    CHECK(view->links.size() == c.links);
    if (c.status == TaskStatus::failed) CHECK(view->failure.kind == c.kind);
  }
  for (char const* bad : {"", "[]", "{}", "<html>", R"({"status":7})"})
    CHECK_FALSE(decode_task(bad, price).has_value());
}

TEST_CASE("codec: a refund is believed when the billing says so, and only then") {
  auto const seen = [](char const* billing) {
    return decode_task(std::string{R"({"status":"failed","billing":)"} + billing + "}", price)->refund_seen;
  };
  CHECK(seen(R"({"charge_status":"released"})"));
  CHECK(seen(R"({"refund_status":"completed"})"));
  CHECK_FALSE(seen(R"({"refund_status":"pending","charge_status":"charged"})"));
  CHECK_FALSE(seen("null"));
}

TEST_CASE("codec: a failed task is charged when the billing says that nothing comes back") {
  auto const charged = [](char const* billing) {
    return decode_task(std::string{R"({"status":"failed","billing":)"} + billing + "}", price)->charged;
  };
  CHECK(charged(R"({"charge_status":"charged","refund_status":"not_required","charged_credits":27})") ==
        Credits::whole(27));
  for (char const* open :
       {R"({"charge_status":"charged","refund_status":"pending","charged_credits":27})",
        R"({"charge_status":"charged","charged_credits":27})",
        R"({"charge_status":"reserved","refund_status":"not_required","charged_credits":27})",
        R"({"charge_status":"charged","refund_status":"not_required"})", "null"})
    CHECK_FALSE(charged(open).has_value());
}

TEST_CASE("codec: error bodies of both generations and of the files host") {
  ErrorBody const now = decode_error(R"({"error":{"code":"insufficient_quota","message":"m","type":"t"}})");
  CHECK(now.understood);
  CHECK(failure_kind(402, now.code) == FailureKind::out_of_credit);
  ErrorBody const before = decode_error(R"({"error":{"code":429,"message":"m","type":"rate_limit_error"}})");
  CHECK(before.understood);
  CHECK(failure_kind(429, before.code) == FailureKind::rate_limited);
  CHECK(decode_error(R"({"success":false,"code":40001,"msg":"too large"})").understood);
  CHECK_FALSE(decode_error("<html>502 Bad Gateway</html>").understood);
  CHECK(failure_kind(400, "CONTENT_POLICY_VIOLATION") == FailureKind::content_refused);
  CHECK(failure_kind(402, "quota_exceeded") == FailureKind::out_of_credit);
  CHECK(failure_kind(0, "quota_exceeded") == FailureKind::rate_limited);
  CHECK(failure_kind(418, "teapot") == FailureKind::invalid_request);
}

TEST_CASE("codec: Retry-After as seconds and as a date, and never beyond an hour") {
  TimePoint const now = *parse_rfc3339("2026-11-23T20:00:00Z");
  CHECK(parse_retry_after("7", now) == 7s);
  CHECK(parse_retry_after("Mon, 23 Nov 2026 20:00:30 GMT", now) == 30s);
  CHECK(parse_retry_after("Mon, 23 Nov 2026 19:00:00 GMT", now) == 0s);
  CHECK(parse_retry_after("999999999999", now) == 3600s);
  for (char const* bad : {"", "soon", "-1", "1.5", "Mon, 99 Foo"})
    CHECK_FALSE(parse_retry_after(bad, now).has_value());
}

TEST_CASE("codec: the balance, with and without a limit of the key") {
  auto const open = decode_balance(
      R"({"success":true,"data":{"token":{"remaining_credits":99999.9999,"unlimited_credits":true},"user":{"remaining_credits":12.5}}})");
  REQUIRE(open.has_value());
  CHECK(open->account == Credits::from_units(125'000));
  CHECK_FALSE(open->key.has_value());
  auto const limited = decode_balance(
      R"({"data":{"token":{"remaining_credits":3,"unlimited_credits":false},"user":{"remaining_credits":12.5}}})");
  REQUIRE(limited.has_value());
  CHECK(limited->key == Credits::whole(3));
  CHECK_FALSE(decode_balance("{}").has_value());
  auto const in_units = decode_balance(
      R"({"data":{"token":{"remaining_credits":30000,"unlimited_credits":false},"user":{"remaining_credits":125000}}})",
      CreditUnit::units);
  REQUIRE(in_units.has_value());
  CHECK(in_units->account == Credits::from_units(125'000));
  CHECK(in_units->key == Credits::whole(3));
}
