#include "tests/report/sample.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/core/still_names.hpp"

#include <fmt/format.h>

namespace callsheet::report {

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr TimePoint began{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23} + std::chrono::hours{20}};
constexpr Credits price_1080p = Credits::from_units(360'180);  // 5 s at 7.2036
constexpr Credits price_720p = Credits::whole(27);             // 5 s at 5.4

struct Format {
  char const* name;
  AspectRatio ratio;
  int width, height;
};
constexpr Format landscape{"landscape", {16, 9}, 1920, 1080};
constexpr Format portrait{"portrait", {9, 16}, 1080, 1920};
constexpr Format square{"square", {1, 1}, 1080, 1080};

std::string scene_of(std::string_view product) {
  if (product == "sneaker")
    return "The camera circles the sneaker once, low and slow. Morning light moves over the mesh, a lace "
           "stirs.";
  if (product == "kettle")
    return "Steam rises from the spout and curls through warm window light. The camera drifts in, nothing "
           "else moves.";
  return "The headphones turn a quarter on their stand while the light sweeps across the copper ring, then "
         "rests.";
}

/// Adds clips and attempts in order, so that numbers and times run on by themselves.
class Campaign {
 public:
  explicit Campaign(Sample& model) : model_{model} {}

  ClipLine& clip(std::string_view product, Format const& format, int take = 1) {
    ClipLine line;
    line.task = fmt::format("{}-{}", product, format.name);
    line.take = take;
    line.labels = {{"product", std::string{product}}, {"format", format.name}};
    if (product == "sneaker") line.tags = {"hero", "paid <b>"};
    line.request.mode = Mode::image_to_video;
    line.request.prompt = scene_of(product);
    line.request.negative_prompt = "text, watermark, hands";
    line.request.image_start =
        MediaInput{MediaInput::Kind::file, fmt::format("/home/someone/campaign/images/{}.jpg", product),
                   ContentDigest{}};
    line.request.quality = line.quality = Quality::p1080;
    line.request.aspect_ratio = format.ratio;
    line.identity = TaskIdentity{sha256_hex(fmt::format("{}#{}", line.task, take))};
    line.price = price_1080p;
    line.first_choice = ModelId{"kling-v3-image-to-video"};
    model_.clips.push_back(std::move(line));
    return model_.clips.back();
  }

  AttemptLine& attempt(ClipLine& clip, char const* model, AttemptState state) {
    AttemptLine line;
    line.key = {TaskId{static_cast<std::uint32_t>(&clip - model_.clips.data())},
                static_cast<std::uint32_t>(clip.attempts.size()) + 1};
    line.model = clip.model = ModelId{model};
    line.state = state;
    line.submitted = began + seconds{7 * static_cast<int>(next_attempt_)};
    if (state != AttemptState::in_doubt)
      line.task_id = GatewayTaskId{fmt::format("task-unified-17952{:05}-{:08x}", next_attempt_ * 7919 % 99991,
                                               next_attempt_ * 2654435761U)};
    ++next_attempt_;
    clip.attempts.push_back(std::move(line));
    return clip.attempts.back();
  }

  void make(ClipLine& clip, char const* model, Format const& format, Credits billed, seconds wait) {
    AttemptLine& line = attempt(clip, model, AttemptState::finished);
    line.billed = billed;
    line.ended = line.submitted + wait;
    clip.status = ClipStatus::made;
    clip.took = wait + milliseconds{2350};
    clip.ended = clip.attempts.front().submitted + *clip.took;
    put(clip, format);
  }

  static void put(ClipLine& clip, Format const& format) {
    clip.file = ClipFile{.path = fmt::format("{}-{}.mp4", clip.task, clip.take),
                         .size_bytes = 6'412'800 + 137'311 * clip.task.size(),
                         .width = format.width,
                         .height = format.height,
                         .length = clip.request.duration,
                         .has_sound = clip.request.sound == Sound::on,
                         .sha256 = ContentDigest{sha256_hex(clip.task)}};
  }

 private:
  Sample& model_;
  std::uint64_t next_attempt_ = 41;
};

void add_made(Campaign& campaign) {
  int wait = 74;
  for (char const* product : {"sneaker", "kettle", "headphones"})
    for (Format const& format : {landscape, square, portrait}) {
      ClipLine& clip = campaign.clip(product, format);
      bool const reused = clip.task == "kettle-landscape", fell_back = clip.task == "kettle-portrait";
      if (reused) {
        clip.status = ClipStatus::reused;
        clip.model = ModelId{"kling-v3-image-to-video"};
        clip.made_by = RunId{"20261121-081502-c0de"};
        clip.why = "The same clip was made by an earlier run.";
        Campaign::put(clip, format);
        continue;
      }
      if (fell_back) {
        AttemptLine& lost = campaign.attempt(clip, "kling-v3-image-to-video", AttemptState::failed);
        lost.ended = lost.submitted + seconds{95};
        lost.refund_expected = price_1080p;
        lost.failure =
            Failure{FailureKind::temporary, "service_error", "Upstream service temporarily unavailable"};
      }
      if (clip.task == "headphones-square") {  // one rung down the quality ladder
        clip.quality = Quality::p720;
        clip.price = price_720p;
      }
      campaign.make(clip, fell_back ? "kling-o3-image-to-video" : "kling-v3-image-to-video", format,
                    clip.price, seconds{wait += 13});
    }
}

void add_story(Campaign& campaign) {
  ClipLine& clip = campaign.clip("sneaker", landscape, 2);
  clip.task = "sneaker-story";
  clip.request.sound = Sound::on;
  clip.request.duration = seconds{8};
  clip.request.shot_planning = ShotPlanning::customize;
  clip.request.shots = {{"Close on the toe cap, dew on the rubber.", seconds{3}},
                        {"The heel lifts, dust in backlight.", seconds{2}},
                        {"Wide: the sneaker alone on its podium at dusk.", seconds{3}}};
  clip.request.image_end =
      MediaInput{MediaInput::Kind::url,
                 "https://user:secret@cdn.example.com/frames/sneaker-end.jpg?signature=do-not-show#x",
                 {}};
  clip.price = Credits::from_units(864'000);
  campaign.make(clip, "kling-v3-image-to-video", landscape, clip.price, seconds{188});
  clip.file->path = "stories/100% sneaker & \"dusk\" #2?.mp4";

  ClipLine& second = campaign.clip("headphones", landscape, 2);
  campaign.make(second, "kling-v3-image-to-video", landscape, price_1080p, seconds{121});
  second.status = ClipStatus::mismatched;
  second.file->length = milliseconds{2500};
  second.why = "it is 2.50 s long, 5 s were ordered; it is 1280x720, less than the 1080p that was ordered";
  second.mend = "Send the dispute file to the gateway's support.";
  second.file->width = 1280;
  second.file->height = 720;
}

void add_trouble(Campaign& campaign) {
  ClipLine& refused = campaign.clip("kettle", landscape, 2);
  refused.task = "=kettle-<script>";
  refused.labels.emplace_back("campaign \"note\"", "=HYPERLINK(\"http://evil.example\")");
  refused.request.prompt = hostile_prompt();
  refused.status = ClipStatus::failed;
  refused.why =
      "The gateway refused the prompt (content_policy_violation): <b>brand</b> names are not allowed.";
  refused.mend = "Reword the prompt; another model would refuse it too, at a price.";
  AttemptLine& lost = campaign.attempt(refused, "kling-v3-image-to-video", AttemptState::failed);
  lost.ended = lost.submitted + seconds{12};
  lost.billed = Credits::from_units(72'036);
  lost.failure = Failure{FailureKind::content_refused, "content_policy_violation",
                         "</script><script>document.title='owned'</script> \x1b[31mred", "req-8f2c"};

  ClipLine& doubt = campaign.clip("headphones", portrait, 2);
  doubt.status = ClipStatus::in_doubt;
  doubt.why = "The connection broke after the request had been sent: the gateway may have taken it.";
  doubt.mend = "Look for it in the gateway's own task list.";
  AttemptLine& unknown = campaign.attempt(doubt, "kling-v3-image-to-video", AttemptState::in_doubt);
  unknown.held = price_1080p;
  unknown.failure = Failure{FailureKind::unknown, "", "connection reset by peer"};

  ClipLine& waiting = campaign.clip("kettle", square, 2);
  waiting.status = ClipStatus::waiting;
  waiting.waiting_for = RunId{"20261123-195500-beef"};
  waiting.why = "waiting for run 20261123-195500-beef, which asked for it first";
  waiting.mend = "`callsheet resume` takes it over once that run has brought it home.";

  for (Format const& format : {square, portrait}) {
    ClipLine& skipped = campaign.clip("sneaker", format, 2);
    skipped.status = ClipStatus::skipped;
    skipped.why = "36.018 credits do not fit: 23.1984 are left under the cap.";
    skipped.mend = "Raise budget.cap, or let it degrade to 720p.";
  }

  ClipLine& open = campaign.clip("kettle", portrait, 2);
  open.status = ClipStatus::outstanding;
  open.why = "The run was interrupted while the gateway was still working.";
  open.mend = "`callsheet resume` fetches it; nothing is bought again.";
  campaign.attempt(open, "kling-o3-image-to-video", AttemptState::running).held = price_1080p;
}

}  // namespace

std::string hostile_prompt() {
  std::string prompt =
      "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\n"
      "{{campaign}} {{{js}}} {{#cards}}{{/cards}} {{>partial}} <!-- ]]> &amp; \"quotes\" 'single' `tick` "
      "${1+1}\n"
      "مرحبا بالعالم \u202Ertl override\u202C שלום 👟☕🎧 👩‍👩‍👧‍👦 "
      "\t=1+1\n";
  auto const characters = [&prompt] {
    std::size_t n = 0;
    for (char const c : prompt) n += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    return n;
  };
  std::size_t const left = 2500 - characters();
  for (std::size_t i = 0; i < left; ++i) prompt += "steam and light, "[i % 17];
  return prompt;
}

Sample sample_campaign() {
  Sample model;
  model.head.run = RunId{"20261123-200000-7f3a"};
  model.head.campaign = "Spring launch: quiet things";
  model.head.gateway = "local";
  model.head.catalog_name = "evolink 2026-10-10";
  model.head.program_version = "0.1.0";
  model.head.status = RunStatus::interrupted;
  model.head.started = began;
  model.head.ended = began + minutes{9} + seconds{41};
  model.head.cap = Credits::whole(540);
  model.head.thresholds = {{.metric = Metric::failed_ratio,
                            .comparison = Comparison::less,
                            .value = 500,
                            .grace = 10,
                            .stops_the_run = true,
                            .text = "failed_ratio < 0.05"},
                           {.metric = Metric::spent,
                            .comparison = Comparison::at_most,
                            .value = 5'400'000,
                            .grace = 10,
                            .stops_the_run = false,
                            .text = "spent <= 540 credits"}};
  model.head.notes = {
      "kling-o3-image-to-video was set aside: it asked for 60 credits where at most 36.018 were expected"};
  model.head.label_names = {"product", "format", "campaign \"note\""};
  model.clips.reserve(32);  // the helper hands out references
  Campaign campaign{model};
  add_made(campaign);
  add_story(campaign);
  add_trouble(campaign);
  for (ClipLine& clip : model.clips) {
    if (!clip.file || clip.task.starts_with("headphones")) continue;  // made before there were stills
    clip.file->poster = poster_of(clip.file->path).string();
    clip.file->filmstrip = filmstrip_of(clip.file->path).string();
  }
  return model;
}

}  // namespace callsheet::report
