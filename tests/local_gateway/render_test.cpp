#include "tests/local_gateway/gateway_fixture.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tools/local_gateway/child_processes.hpp"
#include "tools/local_gateway/filter_graph.hpp"

#include <fstream>
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace callsheet;
using namespace callsheet::test;
using nlohmann::json;

namespace {

/// What ffprobe says of a clip: streams by kind, and the length.
struct Probe {
  json video;
  bool has_audio = false;
  double seconds = 0;
};

Probe probe(std::string const& clip) {
  TemporaryFolder const folder;
  std::ofstream{folder.path() / "clip.mp4", std::ios::binary} << clip;
  local_gateway::ChildProcesses children;
  local_gateway::Command command;
  command.directory = folder.path();
  command.arguments = {"ffprobe", "-v",   "error", "-show_streams", "-show_format",
                       "-of",     "json", "-o",    "probe.json",    "clip.mp4"};
  auto const ran = children.run(command);
  REQUIRE_MESSAGE(ran.has_value(), (ran ? std::string{} : ran.error().what));
  std::ifstream file{folder.path() / "probe.json"};
  json const answer = json::parse(file);
  Probe result;
  for (json const& stream : answer.at("streams")) {
    if (stream.at("codec_type") == "video") result.video = stream;
    if (stream.at("codec_type") == "audio") result.has_audio = true;
  }
  result.seconds = std::stod(answer.at("format").at("duration").get<std::string>());
  return result;
}

local_gateway::Options real() {
  local_gateway::Options options = GatewayFixture::quick();
  options.render = local_gateway::Render::real;
  return options;
}

std::string clip_of(GatewayFixture const& fixture, json const& order) {
  json const task = fixture.wait_for_end(fixture.create_task(order));
  REQUIRE_MESSAGE(task.at("status") == "completed", task.dump());
  return fixture.get(GatewayFixture::path_of_url(task.at("results").at(0))).body;
}

}  // namespace

TEST_CASE("animatic: text to video has the asked length, size and sound") {
  GatewayFixture const fixture{real()};
  json order = plain_order();
  order["duration"] = 3;
  order["aspect_ratio"] = "9:16";
  order["sound"] = "on";
  Probe const clip = probe(clip_of(fixture, order));
  CHECK(clip.seconds == doctest::Approx(3.0));
  CHECK(clip.video.at("width") == 720);
  CHECK(clip.video.at("height") == 1280);
  CHECK(clip.video.at("codec_name") == "h264");
  CHECK(clip.video.at("pix_fmt") == "yuv420p");
  CHECK(clip.video.at("nb_frames") == "72");
  CHECK(clip.has_audio);
}

TEST_CASE(
    "animatic: image to video follows the first frame's ratio, fades to the end frame, and no prompt is "
    "syntax") {
  GatewayFixture const fixture{real()};
  json const order{{"model", "kling-v3-image-to-video"},
                   {"image_start", fixture.upload(png_of(600, 400), "start.png")},
                   {"image_end", fixture.upload(png_of(400, 600), "end.png")},
                   {"prompt", "it's 100%: [a];b,c=\\d %{pts}\n$(touch x) 'quoted' \"too\""},
                   {"duration", 3}};
  Probe const clip = probe(clip_of(fixture, order));
  CHECK(clip.seconds == doctest::Approx(3.0));
  CHECK(clip.video.at("width") == 1080);
  CHECK(clip.video.at("height") == 720);
  CHECK(!clip.has_audio);
}

TEST_CASE("animatic: several shots add up to the asked length") {
  GatewayFixture const fixture{real()};
  json const order{{"model", "kling-o3-text-to-video"},
                   {"aspect_ratio", "1:1"},
                   {"duration", 4},
                   {"model_params",
                    {{"multi_shot", true},
                     {"shot_type", "customize"},
                     {"multi_prompt",
                      {{{"index", 1}, {"prompt", "one"}, {"duration", "1"}},
                       {{"index", 2}, {"prompt", "two"}, {"duration", "3"}}}}}}};
  Probe const clip = probe(clip_of(fixture, order));
  CHECK(clip.video.at("nb_frames") == "96");
  CHECK(clip.video.at("width") == 720);
  CHECK(clip.video.at("height") == 720);
}

TEST_CASE("fast clips have the asked size, length and sound too") {
  GatewayFixture const fixture;
  json order = plain_order();
  order["duration"] = 7;
  order["quality"] = "1080p";
  order["sound"] = "on";
  Probe const clip = probe(clip_of(fixture, order));
  CHECK(clip.seconds == doctest::Approx(7.0).epsilon(0.01));
  CHECK(clip.video.at("width") == 1920);
  CHECK(clip.video.at("height") == 1080);
  CHECK(clip.has_audio);
}

TEST_CASE("stop: a running render is killed and joined, and its task is still unfinished") {
  TemporaryFolder const folder;
  local_gateway::Options options = real();
  options.state_dir = folder.path();
  GatewayFixture fixture{options};
  json order = plain_order();
  order["duration"] = 15;
  order["quality"] = "4k";
  fixture.create_task(order);
  auto const begun = std::chrono::steady_clock::now();
  fixture.stop();
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{30});
  CHECK(fixture.bill().reserved == Credits::whole(405));
}

TEST_CASE("captions are one printable line that fits") {
  local_gateway::FrameSize const wide{1280, 720};
  CHECK(local_gateway::caption_line("a\nb\tc", wide) == "a b c");
  std::string const cut = local_gateway::caption_line(std::string(300, 'x'), {720, 1280});
  CHECK(cut.size() < 70);
  CHECK(cut.ends_with("…"));
  CHECK(local_gateway::caption_line("Ünïcödé stays whole", wide) == "Ünïcödé stays whole");
}
