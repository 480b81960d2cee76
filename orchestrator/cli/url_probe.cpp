#include "orchestrator/cli/url_probe.hpp"

#include "orchestrator/cli/network.hpp"
#include "orchestrator/cli/scratch_folder.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/gateway/input_urls.hpp"
#include "orchestrator/media/image_check.hpp"
#include "orchestrator/media/video_check.hpp"

#include <algorithm>
#include <exception>
#include <optional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

namespace {

/// Above what any model takes: what is larger has not to be fetched to be told.
constexpr std::uint64_t picture_bytes_most = 64'000'000;
constexpr std::uint64_t video_bytes_most = 512'000'000;

constexpr char const* no_room =
    "give TMPDIR a folder with some space that can be written, or use `--no-probe`";

/// The name a file has here means nothing to anybody.
Error of_input(Error error, fs::path const& file) {
  std::string const name = fmt::format("'{}'", file.string());
  if (std::size_t const at = error.what.find(name); at != std::string::npos)
    error.what.replace(at, name.size(), "it");
  return error;
}

std::string in_short(plan::PlannedTask const& task) {
  Request const& request = task.request;
  std::string text = fmt::format("{} {} {}", task.route->candidates.front().model.str(),
                                 to_string(request.mode), request.duration.count());
  for (MediaInput const& input : inputs_of(request))
    text += input.kind == MediaInput::Kind::url ? "\n" + input.location : std::string{"\n"};
  if (request.orientation) text += fmt::format("\n{}", to_string(*request.orientation));
  return text;
}

bool is_of_input(catalog::Field field) {
  return field == catalog::Field::image_start || field == catalog::Field::image_end ||
         field == catalog::Field::images || field == catalog::Field::video;
}

}  // namespace

void ProbeFlags::add_to(CLI::App& command, char const* on_means) {
  CLI::Option* const probe = command.add_flag("--probe", on, on_means);
  command.add_flag("--no-probe", off, "Do not look at pictures and videos behind URLs")->excludes(probe);
  command.add_flag("--allow-private-urls", anywhere, "URLs may lead to private addresses, and be plain http");
}

/// What was found at an address.
struct UrlInputs::Seen {
  std::optional<Error> failure;
  std::optional<ImageFacts> picture;
  std::optional<VideoFacts> video;
};

/// One look at all of them.
class UrlInputs::Looking {
 public:
  Looking(UrlInputs const& inputs, std::vector<manifest::Campaign> const& campaigns)
      : of_{inputs}, campaigns_{campaigns} {}

  void take(std::string const& url, Input const& input, Result<fs::path> const& file) {
    Seen& seen = seen_[url];
    if (!file) {
      seen.failure = file.error();
      return;
    }
    if (input.as_picture) look(media::probe_image(file->string()), *file, seen, seen.picture);
    if (input.as_video) look(media::probe_video(file->string()), *file, seen, seen.video);
  }

  Looked finish(catalog::Catalog const& catalog) {
    Looked looked;
    for (auto const& [url, input] : of_.inputs_) {
      Seen const& seen = seen_[url];
      if (seen.failure)
        looked.errors.push_back(unusable(url, of_.uses_[input.first_use], *seen.failure));
      else
        looked.pins.push_back(
            {.url = url, .content = seen.picture ? seen.picture->digest : seen.video->digest});
    }
    if (looked.errors.empty())
      for (Use const& use : of_.uses_) check(use, catalog, looked.errors);
    return looked;
  }

 private:
  template <class Facts>
  static void look(Result<Facts> facts, fs::path const& file, Seen& seen, std::optional<Facts>& out) {
    if (facts)
      out = *std::move(facts);
    else
      seen.failure = of_input(facts.error(), file);
  }

  [[nodiscard]] Error error_at(Use const& use, std::string what, std::string mend, Code code) const {
    for (manifest::Campaign const& campaign : campaigns_)
      if (manifest::Place const place = campaign.document->place_at(use.where); place.line > 0)
        return campaign.document->error(place, std::move(what), std::move(mend), code);
    return Error{.code = code, .what = std::move(what), .mend = std::move(mend), .where = use.where};
  }

  [[nodiscard]] Error unusable(std::string const& url, Use const& use, Error const& why) const {
    std::string mend = why.mend;
    if (why.code == Code::refused_address)
      mend = "`--allow-private-urls` where that is meant";
    else if (why.code == Code::file_system)
      mend = no_room;
    else if (mend.empty())
      mend = "check the address; `--no-probe` where only the gateway gets there";
    return error_at(use, fmt::format("task `{}` uses '{}', which is of no use: {}", use.task, url, why.what),
                    std::move(mend), why.code);
  }

  template <class Facts>
  std::optional<Facts> facts_of(std::optional<MediaInput> const& input, std::optional<Facts> Seen::*kind) {
    if (!input || input->kind != MediaInput::Kind::url) return std::nullopt;
    return seen_[input->location].*kind;
  }

  /// What the model does not take, of what nobody could see before.
  void check(Use const& use, catalog::Catalog const& catalog, std::vector<Error>& errors) {
    catalog::InputFacts facts{.start = facts_of(use.request.image_start, &Seen::picture),
                              .end = facts_of(use.request.image_end, &Seen::picture),
                              .images = {},
                              .video = facts_of(use.request.video, &Seen::video)};
    for (MediaInput const& image : use.request.images)
      facts.images.push_back(facts_of(std::optional{image}, &Seen::picture));
    if (catalog::Model const* const model = catalog.find(use.model))
      for (catalog::Obstacle const& obstacle : catalog::obstacles(*model, use.request, facts))
        if (is_of_input(obstacle.field))
          errors.push_back(error_at(use, fmt::format("task `{}`: {}", use.task, obstacle.why), obstacle.mend,
                                    Code::no_candidate));
    bool const follows = use.request.mode == Mode::video_edit || use.request.mode == Mode::motion_control;
    if (!follows || !facts.video) return;
    auto const seconds =
        std::max(std::chrono::round<std::chrono::seconds>(facts.video->length), std::chrono::seconds{1});
    if (use.request.duration != seconds)
      errors.push_back(error_at(use,
                                fmt::format("task `{}`: the clip will be as long as its video, {} s, not {}",
                                            use.task, seconds.count(), use.request.duration.count()),
                                fmt::format("say it: `duration: {}`", seconds.count()), Code::no_candidate));
  }

  UrlInputs const& of_;
  std::vector<manifest::Campaign> const& campaigns_;
  std::map<std::string, Seen> seen_;
};

void UrlInputs::note(MediaInput const& input, bool as_video) {
  if (input.kind != MediaInput::Kind::url) return;
  Input& entry = inputs_.try_emplace(input.location, Input{.first_use = uses_.size()}).first->second;
  (as_video ? entry.as_video : entry.as_picture) = true;
}

void UrlInputs::add(plan::PlannedTask const& task) {
  std::vector<MediaInput> const inputs = inputs_of(task.request);
  bool const any = std::any_of(inputs.begin(), inputs.end(),
                               [](MediaInput const& one) { return one.kind == MediaInput::Kind::url; });
  if (!any || !known_.insert(in_short(task)).second) return;
  Request const& request = task.request;
  if (request.image_start) note(*request.image_start, false);
  if (request.image_end) note(*request.image_end, false);
  for (MediaInput const& image : request.images) note(image, false);
  if (request.video) note(*request.video, true);
  Request of_inputs = request;
  of_inputs.prompt.clear();
  of_inputs.negative_prompt.clear();
  of_inputs.shots.clear();
  uses_.push_back({.task = task.name,
                   .where = task.where,
                   .model = task.route->candidates.front().model,
                   .request = std::move(of_inputs)});
}

UrlInputs::Looked UrlInputs::look(std::vector<manifest::Campaign> const& campaigns,
                                  catalog::Catalog const& catalog, gateway::InputReach reach) const {
  auto client = client_from_environment();
  if (!client) return {.pins = {}, .errors = {client.error()}};
  say(fmt::format("looking at {} URL{} of pictures and videos\n", inputs_.size(),
                  inputs_.size() == 1 ? "" : "s"));
  Looking looking{*this, campaigns};
  std::vector<gateway::InputUrl> wanted;
  std::vector<std::pair<std::string const, Input> const*> entries;
  for (auto const& entry : inputs_) {
    wanted.push_back(
        {.url = entry.first, .bytes_most = entry.second.as_video ? video_bytes_most : picture_bytes_most});
    entries.push_back(&entry);
  }
  ScratchFolder const folder{"inputs"};
  if (auto made = folder.make(); !made) {
    made.error().mend = no_room;
    return {.pins = {}, .errors = {made.error()}};
  }
  boost::asio::io_context io{1};
  std::exception_ptr failure;
  boost::asio::co_spawn(io,
                        gateway::fetch_inputs(**client, std::move(wanted), reach, folder.path(),
                                              [&](std::size_t number, Result<fs::path> const& file) {
                                                looking.take(entries[number]->first, entries[number]->second,
                                                             file);
                                              }),
                        [&](std::exception_ptr const& thrown) { failure = thrown; });
  io.run();
  client->reset();  // before the io_context that its connections live on
  if (failure) std::rethrow_exception(failure);
  return looking.finish(catalog);
}

}  // namespace callsheet::cli
