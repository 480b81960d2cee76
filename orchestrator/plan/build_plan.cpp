#include "orchestrator/plan/build_plan.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/manifest/error_list.hpp"
#include "orchestrator/manifest/expand.hpp"
#include "orchestrator/manifest/suggest.hpp"
#include "orchestrator/manifest/twins.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/plan/router.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace callsheet::plan {

namespace {

using manifest::ExpandedTask;
using manifest::Place;
using manifest::TaskKey;
using manifest::TaskTemplate;

TaskKey key_of(catalog::Field field) {
  switch (field) {
    case catalog::Field::mode:
      return TaskKey::mode;
    case catalog::Field::prompt:
      return TaskKey::prompt;
    case catalog::Field::negative_prompt:
      return TaskKey::negative_prompt;
    case catalog::Field::image_start:
      return TaskKey::image_start;
    case catalog::Field::image_end:
      return TaskKey::image_end;
    case catalog::Field::images:
      return TaskKey::images;
    case catalog::Field::elements:
      return TaskKey::elements;
    case catalog::Field::video:
      return TaskKey::video;
    case catalog::Field::keep_sound:
      return TaskKey::keep_sound;
    case catalog::Field::orientation:
      return TaskKey::orientation;
    case catalog::Field::duration:
      return TaskKey::duration;
    case catalog::Field::quality:
      return TaskKey::quality;
    case catalog::Field::sound:
      return TaskKey::sound;
    case catalog::Field::aspect_ratio:
      return TaskKey::aspect_ratio;
    case catalog::Field::shots:
      return TaskKey::shots;
    case catalog::Field::watermark:
      return TaskKey::watermark;
  }
  return TaskKey::name;
}

/// What a task that makes an element is called is this and the element's name.
constexpr std::string_view element_prefix = "element ";

/// Where the manifest says what an obstacle is about.
Place place_of(TaskTemplate const& source, catalog::Obstacle const& obstacle) {
  if (obstacle.shot && *obstacle.shot < source.shots.size())
    return source.shots[*obstacle.shot].prompt.place();
  TaskKey const key = key_of(obstacle.field);
  // A duration nobody wrote is the sum of the shots.
  if (key == TaskKey::duration && !source.text(key)) return source.place_of(TaskKey::shots);
  if (key == TaskKey::quality && !source.qualities.empty()) return source.qualities.front().place();
  return source.place_of(key);
}

class Planner {
 public:
  Planner(manifest::Campaign const& campaign, catalog::Catalog const& catalog, MediaProbes const& probes,
          TaskSink const& sink, TaskChoice const& choice, Retakes const* retakes)
      : campaign_{campaign},
        document_{*campaign.document},
        catalog_{catalog},
        probes_{probes},
        sink_{sink},
        choice_{choice},
        retakes_{retakes} {}

  Checked<PlanTerms> run() {
    terms_.campaign = campaign_.name;
    terms_.budget = campaign_.budget;
    terms_.limits = campaign_.limits;
    terms_.thresholds = campaign_.thresholds;
    terms_.refused_content = campaign_.fallback.refused_content;
    manifest::GatewayWords const& gateway = campaign_.gateway;
    terms_.trust = {.idempotency = gateway.idempotency.value_or(Idempotency::unknown),
                    .listing = gateway.listing.value_or(Listing::none)};
    terms_.webhooks = campaign_.webhooks;
    terms_.patience = campaign_.patience;
    terms_.deadline = campaign_.deadline;
    terms_.choice = choice_.words();
    terms_.output_dir = campaign_.output_dir;
    terms_.usd_rate = catalog_.prices().credits_per_usd;
    terms_.catalog_name = catalog_.prices().name;
    for (manifest::Axis const& axis : campaign_.matrix.axes) terms_.axes.push_back(axis.name);
    rules_.max_price_ratio = campaign_.fallback.max_price_ratio;
    rules_.per_task = campaign_.budget.per_task;
    check_models();
    plan_elements();
    // Every pass comes upon the same mistakes: they are told once.
    if (choice_.sample() > 0) go_through(Pass::sampling);
    if (choice_.sample() == 0 || errors_.empty()) go_through(Pass::planning);
    if (errors_.empty() && twins_.any()) go_through(Pass::looking_for_twins);
    check_choice();
    if (!errors_.empty()) return tl::unexpected{errors_.take()};
    terms_.tasks_digest = digest_.hex();
    return std::move(terms_);
  }

 private:
  /// What each pass does with the tasks that are chosen.
  enum class Pass { sampling, planning, looking_for_twins };

  void go_through(Pass pass) {
    pass_ = pass;
    manifest::expand(
        campaign_, [this](ExpandedTask&& task) { take(std::move(task)); }, errors_);
  }

  void complain(Place place, std::string what, std::string mend, std::string const& context = {},
                Code code = Code::invalid_manifest) {
    errors_.add(document_.error(place, std::move(what), std::move(mend), code), context);
  }
  void complain(Place place, std::string what, std::string mend, ExpandedTask const& task,
                Code code = Code::invalid_manifest) {
    complain(place, std::move(what), std::move(mend),
             manifest::context_at(place, campaign_.presets, task.name, task.context), code);
  }

  /// Only once the tasks are sound: else a tag may stand in one that is not.
  void check_choice() {
    if (!errors_.empty() || choice_.is_all()) return;
    std::vector<std::string> const known{tags_.begin(), tags_.end()};
    for (std::string const& tag : choice_.any_tag_of())
      if (!tags_.contains(tag))
        errors_.add(Error{.code = Code::usage,
                          .what = fmt::format("--tag: no task has the tag `{}`", tag),
                          .mend = known.empty() ? "give tasks tags first: `tags: [hero]`"
                                                : manifest::mend_with_choices(tag, known)});
    for (std::string const& glob : choice_.names())
      if (!named_by_.contains(glob))
        errors_.add(Error{.code = Code::usage,
                          .what = fmt::format("--only: no task's name matches `{}`", glob),
                          .mend = "`callsheet plan MANIFEST` lists the names; `*` stands for any text"});
    if (errors_.empty() && !handed_on_)
      errors_.add(Error{.code = Code::nothing_to_make,
                        .what = fmt::format("{} leaves no task to make", to_flags(choice_.words()))});
  }

  bool is_chosen(ExpandedTask const& task) {
    if (choice_.is_all()) return true;
    tags_.insert(task.tags.begin(), task.tags.end());
    for (std::string const& glob : choice_.names())
      if (matches(glob, task.name)) named_by_.insert(glob);
    return choice_.takes(task.name, task.tags);
  }

  /// The names with the smallest digests are the sample: as good as drawn by lot, the same whatever becomes
  /// of the prompts, and a larger sample holds every smaller one, so that what was made for that is not made
  /// for nothing.
  bool is_in_sample(ExpandedTask const& task) {
    if (choice_.sample() == 0) return true;
    std::string digest = sha256_hex(task.name);
    if (pass_ != Pass::sampling) return sample_.contains(digest);
    sample_.insert(std::move(digest));
    if (sample_.size() > choice_.sample()) sample_.erase(std::prev(sample_.end()));
    return false;
  }

  void check_models() {
    std::vector<std::string> const ids = catalog_.model_ids();
    for (auto const& [id, place] : campaign_.limit_places)
      if (catalog_.find(id) == nullptr)
        complain(place, fmt::format("there is no model `{}`", id.str()),
                 manifest::mend_with_choices(id.str(), ids));
    for (auto const& glob : campaign_.fallback.allow) {
      rules_.allow.push_back(glob.pattern);
      if (std::none_of(ids.begin(), ids.end(),
                       [&](std::string const& id) { return matches(glob.pattern, id); })) {
        allow_is_wrong_ = true;
        complain(glob.place, fmt::format("no model is named `{}`", glob.pattern),
                 manifest::mend_with_choices(glob.pattern, ids));
      }
    }
  }

  /// One of the campaign's own, priced; it is handed on before the first task that shows it.
  struct OwnElement {
    PlannedTask task;
    Route route;
    bool handed_on = false;
  };

  /// All are looked at, so that the errors of all are told; only those that are shown are made.
  void plan_elements() {
    std::map<TaskIdentity, std::string> names;
    for (auto const& [name, entry] : campaign_.elements) {
      if (!entry.made) continue;
      std::optional<OwnElement> own = plan_element(name, entry);
      if (!own) continue;
      auto const [twin, fresh] = names.emplace(own->task.identity, name);
      if (!fresh)
        complain(entry.place, fmt::format("`{}` is made from the very same as `{}`", name, twin->second),
                 fmt::format("keep one of the two: they would be one element"));
      elements_.emplace(name, *std::move(own));
    }
  }

  std::optional<OwnElement> plan_element(std::string const& name, manifest::ElementEntry const& entry) {
    Request request = entry.request;
    catalog::InputFacts inputs;
    inputs.images.resize(request.images.size());
    bool good = true;
    for (std::size_t i = 0; i < request.images.size(); ++i)
      good = look_at(nullptr, request.images[i], entry.each_picture[i], inputs.images[i], probed_images_) &&
             good;
    if (request.video)
      good = look_at(nullptr, *request.video, entry.video, inputs.video, probed_videos_) && good;
    std::vector<Quality> const ladder{request.quality};
    Routed routed = router_.route(Wish{request, ladder, {}, inputs});
    if (routed.refusal) refuse(name, entry, *routed.refusal);
    if (!good || routed.refusal) return std::nullopt;
    TaskIdentity identity = identity_of(request, ladder, 1);
    return OwnElement{
        .task = {.identity = std::move(identity),
                 .name = std::string{element_prefix} + name,
                 .priority = element_priority,
                 .labels = {},
                 .tags = {},
                 .deadline = {},
                 .groups = {},
                 .request = std::move(request),
                 .ladder = ladder,
                 .route = {},
                 .output = {},
                 .where = {document_.file_of(entry.place), entry.place.line, entry.place.column}},
        .route = std::move(routed.route)};
  }

  void refuse(std::string const& name, manifest::ElementEntry const& entry, Refusal const& refusal) {
    switch (refusal.kind) {
      case Refusal::Kind::cannot:
        for (catalog::Obstacle const& obstacle : refusal.obstacles)
          complain(obstacle.field == catalog::Field::prompt   ? entry.description
                   : obstacle.field == catalog::Field::images ? entry.pictures
                   : obstacle.field == catalog::Field::video  ? entry.video
                                                              : entry.place,
                   obstacle.why, obstacle.mend, std::string{}, Code::no_candidate);
        return;
      case Refusal::Kind::too_dear:
        return complain(entry.place,
                        fmt::format("the element `{}` may cost {} credits, above budget.per_task ({})", name,
                                    to_string(refusal.cheapest), to_string(*rules_.per_task)),
                        "raise budget.per_task", std::string{}, Code::no_candidate);
      case Refusal::Kind::not_allowed:
        return complain(entry.place, "no model of the catalog makes elements",
                        "give it the `id` of one that was made elsewhere", std::string{}, Code::no_candidate);
    }
  }

  /// Which of the campaign's own elements the request shows.
  void identify_elements(Request& request) const {
    for (Element& element : request.elements)
      if (auto const own = elements_.find(element.name); element.id.empty() && own != elements_.end())
        element.made_by = own->second.task.identity;
  }

  void hand_on_elements(Request const& request) {
    if (pass_ == Pass::looking_for_twins) return;
    for (Element const& element : request.elements) {
      auto const own = elements_.find(element.name);
      if (element.made_by.empty() || own == elements_.end() || std::exchange(own->second.handed_on, true))
        continue;
      std::size_t const route = number_of(std::move(own->second.route));
      PlannedTask& task = own->second.task;
      digest_.add(task.identity.str());
      digest_.add(fmt::format(" element {}\n", route));
      task.route = routes_[route];
      sink_(PlannedTask{task}, route);
    }
  }

  void take(ExpandedTask&& task) {
    if (choice_.sample() > 0 && task.take > 1) return;
    identify_elements(task.request);
    if (retakes_ == nullptr && task.take > 1 && task.source == last_.source && task.name == last_.name) {
      // Takes differ in number and file only: the first one's route and inputs hold.
      task.request = last_.request;
      return add(std::move(task), last_.route);
    }
    last_ = {};
    if (!models_exist(task)) return;
    catalog::InputFacts inputs;
    bool const seen = look_at_all(task, inputs);
    if (seen) follow_video(task, inputs);
    Retake const* anew = nullptr;
    TaskIdentity stands_for;
    if (retakes_ != nullptr) {
      if (!seen) return;
      stands_for = identity_of(task.request, task.ladder, task.take);
      auto const retake = retakes_->find(stands_for);
      // What is not made anew keeps its clip: no retake may ask for that one.
      if (retake == retakes_->end()) return ask_for(task, stands_for, nullptr);
      anew = &retake->second;
      if (anew->prompt) task.request.prompt = *anew->prompt;
    }
    Routed routed = router_.route(Wish{task.request, task.ladder, task.models, inputs});
    if (routed.refusal) return refuse(task, *routed.refusal, seen ? Unseen::none : Unseen::inputs, anew);
    if (!seen || !is_chosen(task) || !is_in_sample(task)) return;
    hand_on_elements(task.request);
    std::size_t const number = number_of(std::move(routed.route));
    if (task.takes > 1)
      last_ = {.source = task.source, .name = task.name, .request = task.request, .route = number};
    add(std::move(task), number, stands_for, anew);
  }

  /// Tasks with the same route share one.
  std::size_t number_of(Route&& route) {
    if (!routes_.empty() && *routes_[latest_route_] == route) return latest_route_;
    auto const [known, fresh] = route_numbers_.emplace(encode_route(route), routes_.size());
    if (fresh) {
      digest_.add(known->first);
      routes_.push_back(std::make_shared<Route const>(std::move(route)));
    }
    return latest_route_ = known->second;
  }

  /// Every clip is asked for once: whatever is noted in one pass is looked for in another.
  void ask_for(ExpandedTask const& task, TaskIdentity const& identity, Retake const* anew) {
    if (pass_ == Pass::looking_for_twins) return look_for_twin(task, identity, anew);
    twins_.note(identity.str());
  }

  void add(ExpandedTask&& task, std::size_t route, TaskIdentity stands_for = {},
           Retake const* anew = nullptr) {
    TaskIdentity identity = identity_of(task.request, task.ladder, task.take);
    ask_for(task, identity, anew);
    // Two retakes do not change places either.
    if (!stands_for.empty() && stands_for != identity) ask_for(task, stands_for, nullptr);
    if (pass_ == Pass::looking_for_twins) return;
    if (task.take == 1) check_name(task);
    digest_.add(identity.str());
    digest_.add(task.output.native());
    digest_.add(fmt::format(" {}\n", route));
    // An interrupted run does not go on under another deadline, and a pinned plan is not carried out under
    // it.
    if (task.deadline) digest_.add(fmt::format("until {}\n", to_string(*task.deadline)));
    if (!stands_for.empty()) digest_.add(fmt::format("for {}\n", stands_for.str()));
    GroupSet const groups = groups_of(task);
    handed_on_ = true;
    sink_(
        PlannedTask{
            .identity = std::move(identity),
            .stands_for = std::move(stands_for),
            .name = std::move(task.name),
            .take = task.take,
            .takes = task.takes,
            .priority = task.priority,
            .value = task.value,
            .labels = std::move(task.labels),
            .tags = std::move(task.tags),
            .deadline = task.deadline,
            .groups = groups,
            .request = std::move(task.request),
            .ladder = std::move(task.ladder),
            .route = routes_[route],
            .output = std::move(task.output),
            .where = {document_.file_of(task.source->place), task.source->place.line,
                      task.source->place.column},
        },
        route);
  }

  /// Attempts and stories are found by name.
  void check_name(ExpandedTask const& task) {
    if (!task.name.starts_with(element_prefix) ||
        !elements_.contains(task.name.substr(element_prefix.size())))
      return;
    complain(task.source->place_of(TaskKey::name),
             fmt::format("`{}` is what the task is called that makes the element", task.name),
             "give the task another name", task);
  }

  /// Which caps of the budget the task counts against; those of values that come up for the first time are
  /// added.
  GroupSet groups_of(ExpandedTask const& task) {
    GroupSet groups;
    for (manifest::GroupRule const& rule : campaign_.groups) {
      std::string const& axis = campaign_.matrix.axes[rule.axis].name;
      auto const label = std::find_if(task.labels.begin(), task.labels.end(),
                                      [&](auto const& one) { return one.first == axis; });
      if (label == task.labels.end()) continue;
      auto const own = rule.of.find(label->second);
      std::optional<Credits> const cap = own != rule.of.end() ? std::optional{own->second} : rule.each;
      if (!cap) continue;
      auto const [known, fresh] =
          group_numbers_.emplace(std::pair{rule.axis, label->second}, terms_.budget.groups.size());
      if (fresh) terms_.budget.groups.push_back({.axis = axis, .value = label->second, .cap = *cap});
      if (known->second < UINT16_MAX)
        groups.indexes[groups.size++] = static_cast<std::uint16_t>(known->second);
    }
    return groups;
  }

  bool models_exist(ExpandedTask const& task) {
    bool good = true;
    for (std::size_t i = 0; i < task.models.size(); ++i) {
      if (catalog_.find(task.models[i]) != nullptr) continue;
      good = false;
      complain(task.source->models[i].place(), fmt::format("there is no model `{}`", task.models[i].str()),
               manifest::mend_with_choices(task.models[i].str(), catalog_.model_ids()), task);
    }
    return good;
  }

  /// All are looked at, so that the errors of all are told.
  bool look_at_all(ExpandedTask& task, catalog::InputFacts& inputs) {
    Request& request = task.request;
    auto const place = [&task](TaskKey key) { return task.source->place_of(key); };
    bool good = true;
    if (request.image_start)
      good =
          look_at(&task, *request.image_start, place(TaskKey::image_start), inputs.start, probed_images_) &&
          good;
    if (request.image_end)
      good =
          look_at(&task, *request.image_end, place(TaskKey::image_end), inputs.end, probed_images_) && good;
    inputs.images.resize(request.images.size());
    for (std::size_t i = 0; i < request.images.size(); ++i)
      good =
          look_at(&task, request.images[i], place(TaskKey::images), inputs.images[i], probed_images_) && good;
    if (request.video)
      good = look_at(&task, *request.video, place(TaskKey::video), inputs.video, probed_videos_) && good;
    return good;
  }

  /// `task`: whose input it is; null: an element's.
  template <class Facts>
  bool look_at(ExpandedTask const* task, MediaInput& input, Place place, std::optional<Facts>& facts,
               std::unordered_map<std::string, Result<Facts>>& probed) {
    auto const tell = [&](std::string what, std::string mend, Code code) {
      if (task != nullptr) return complain(place, std::move(what), std::move(mend), *task, code);
      complain(place, std::move(what), std::move(mend), std::string{}, code);
    };
    if (input.kind == MediaInput::Kind::url) return true;
    auto found = probed.find(input.location);
    if (found == probed.end()) found = probed.emplace(input.location, probe(input.location, facts)).first;
    if (!found->second) {
      Error const& error = found->second.error();
      tell(error.what, error.mend, error.code);
      return false;
    }
    facts = *found->second;
    input.digest = facts->digest;
    std::uint64_t const most = catalog_.upload_bytes_max;
    if (most == 0 || facts->size_bytes <= most) return true;
    tell(fmt::format("the file has {:.1f} MB, and none above {:.1f} MB can be uploaded",
                     static_cast<double>(facts->size_bytes) / 1e6, static_cast<double>(most) / 1e6),
         "make it smaller, or give a public URL", Code::no_candidate);
    return false;
  }

  [[nodiscard]] Result<ImageFacts> probe(std::string const& path, std::optional<ImageFacts> const&) const {
    return probes_.image(path);
  }
  [[nodiscard]] Result<VideoFacts> probe(std::string const& path, std::optional<VideoFacts> const&) const {
    return probes_.video(path);
  }

  /// Edited and followed videos say how long the clip is; only where nobody can look, the manifest does.
  void follow_video(ExpandedTask& task, catalog::InputFacts const& inputs) {
    Mode const mode = task.request.mode;
    bool const follows = mode == Mode::video_edit || mode == Mode::motion_control;
    if (!follows || !task.request.video) return;
    if (inputs.video) {
      auto const seconds = std::chrono::round<std::chrono::seconds>(inputs.video->length);
      if (task.duration_is_own && task.request.duration != seconds)
        complain(task.source->place_of(TaskKey::duration),
                 fmt::format("the clip will be as long as its video, {} s, not {}", seconds.count(),
                             task.request.duration.count()),
                 "leave `duration` out, or cut the video", task);
      task.request.duration = std::max(seconds, std::chrono::seconds{1});
    } else if (!task.duration_is_own) {
      complain(task.source->place_of(TaskKey::video),
               "the clip will be as long as its video, and that of a URL is not known",
               "say it: `duration: 8`, or give a file beside the manifest", task);
    }
  }

  enum class Unseen { none, inputs };

  /// `anew`: how the task is made anew; null: it is not.
  void refuse(ExpandedTask const& task, Refusal const& refusal, Unseen unseen, Retake const* anew) {
    switch (refusal.kind) {
      case Refusal::Kind::cannot:
        for (catalog::Obstacle const& obstacle : refusal.obstacles)
          if (is_of_prompt(obstacle) && is_asked_elsewhere(anew))
            complain_of(*anew, task, obstacle.why, obstacle.mend, Code::no_candidate);
          // What hangs on a picture or video nobody could look at is no news.
          else if (unseen == Unseen::none || (obstacle.field != catalog::Field::aspect_ratio &&
                                              obstacle.field != catalog::Field::video))
            complain(place_of(*task.source, obstacle), obstacle.why, obstacle.mend, task, Code::no_candidate);
        return;
      case Refusal::Kind::too_dear:
        complain(task.source->place,
                 fmt::format("task `{}` costs at least {} credits, above budget.per_task ({})", task.name,
                             to_string(refusal.cheapest), to_string(*rules_.per_task)),
                 "raise budget.per_task, shorten the clip, or choose a lower quality", task,
                 Code::no_candidate);
        return;
      case Refusal::Kind::not_allowed: {
        bool const pinned = !task.models.empty();
        if (!pinned && allow_is_wrong_) return;  // told already
        catalog::Model const* const only = pinned ? catalog_.find(task.models.front()) : nullptr;
        if (only != nullptr && std::none_of(only->modes.begin(), only->modes.end(), makes_clips))
          return complain(task.source->place_of(TaskKey::model),
                          fmt::format("`{}` cannot be asked for: it {}", only->id.str(),
                                      only->modes.empty() ? only->does : "makes what `elements` names"),
                          fmt::format("see `callsheet models --mode {}`", to_string(task.request.mode)), task,
                          Code::no_candidate);
        Place const place = pinned                             ? task.source->place_of(TaskKey::model)
                            : campaign_.fallback.allow.empty() ? task.source->place
                                                               : campaign_.fallback.allow.front().place;
        complain(place, fmt::format("none of the allowed models makes {}", to_string(task.request.mode)),
                 fmt::format("see `callsheet models --mode {}`", to_string(task.request.mode)), task,
                 Code::no_candidate);
        return;
      }
    }
  }

  static bool is_of_prompt(catalog::Obstacle const& obstacle) {
    return obstacle.field == catalog::Field::prompt && !obstacle.shot;
  }
  static bool is_asked_elsewhere(Retake const* anew) { return anew != nullptr && anew->asked_in != nullptr; }

  void complain_of(Retake const& anew, ExpandedTask const& task, std::string what, std::string mend,
                   Code code) {
    errors_.add(anew.asked_in->error(anew.asked_at, std::move(what), std::move(mend), code),
                fmt::format(" ({})", in_words(task)));
  }

  /// "hero", "hero, take 2"
  static std::string in_words(ExpandedTask const& task) {
    return task.takes == 1 ? task.name : fmt::format("{}, take {}", task.name, task.take);
  }

  struct Bought {
    TaskTemplate const* source;
    std::string name;
    Retake const* anew;
    std::string words;
  };

  void look_for_twin(ExpandedTask const& task, TaskIdentity const& identity, Retake const* anew) {
    if (!twins_.suspects(identity.str())) return;
    auto const [found, fresh] =
        bought_.emplace(identity.str(), Bought{task.source, task.name, anew, in_words(task)});
    if (fresh) return;
    Bought const& earlier = found->second;
    if (is_asked_elsewhere(anew)) return tell_of_twin(*anew, in_words(task), earlier.words);
    if (is_asked_elsewhere(earlier.anew)) return tell_of_twin(*earlier.anew, earlier.words, in_words(task));
    std::string const& other = earlier.name;
    bool const same_entry = earlier.source == task.source;
    complain(
        task.source->place,
        same_entry ? fmt::format("tasks `{}` and `{}` ask for the very same clip", other, task.name)
                   : fmt::format("task `{}` asks for the very same clip as task `{}` in {}", task.name, other,
                                 document_.line_in_words(earlier.source->place, task.source->place)),
        same_entry
            ? "use what tells them apart in the prompt or picture, or keep it out of the name; for several "
              "versions of one clip use `takes`"
            : "keep one of them; for several versions of one clip use `takes`");
  }

  /// It would stand in the place of both.
  void tell_of_twin(Retake const& anew, std::string const& task, std::string const& other) {
    errors_.add(anew.asked_in->error(
        anew.asked_at,
        fmt::format("made anew from this, `{}` asks for the very same clip as `{}`", task, other),
        "give it a prompt of its own"));
  }

  manifest::Campaign const& campaign_;
  manifest::Document const& document_;
  catalog::Catalog const& catalog_;
  MediaProbes const& probes_;
  TaskSink const& sink_;
  TaskChoice const& choice_;
  Retakes const* retakes_;
  std::set<std::string> tags_;      ///< of all tasks, where some are chosen
  std::set<std::string> named_by_;  ///< globs of the choice that a task's name matches
  std::set<std::string> sample_;    ///< digests of names
  bool handed_on_ = false;
  RoutingRules rules_;
  Router router_{catalog_, rules_};
  bool allow_is_wrong_ = false;
  manifest::ErrorList errors_;
  std::unordered_map<std::string, Result<ImageFacts>> probed_images_;
  std::unordered_map<std::string, Result<VideoFacts>> probed_videos_;
  manifest::Twins twins_;
  Pass pass_ = Pass::planning;
  std::unordered_map<std::string, Bought> bought_;  ///< of suspects
  std::map<std::string, OwnElement> elements_;      ///< by name
  struct Last {
    TaskTemplate const* source = nullptr;
    std::string name = {};
    Request request = {};
    std::size_t route = 0;
  } last_;  ///< the first take of a task that has several
  std::vector<std::shared_ptr<Route const>> routes_;
  std::map<std::string, std::size_t> route_numbers_;
  std::size_t latest_route_ = 0;
  std::map<std::pair<std::uint32_t, std::string>, std::size_t> group_numbers_;
  Sha256 digest_;
  PlanTerms terms_;
};

}  // namespace

Checked<PlanTerms> build_plan(manifest::Campaign const& campaign, catalog::Catalog const& catalog,
                              MediaProbes const& probes, TaskSink const& sink, TaskChoice const& choice,
                              Retakes const* retakes) {
  return Planner{campaign, catalog, probes, sink, choice, retakes}.run();
}

Checked<Plan> build_plan(manifest::Campaign const& campaign, catalog::Catalog const& catalog,
                         MediaProbes const& probes) {
  Plan plan;
  Checked<PlanTerms> terms =
      build_plan(campaign, catalog, probes,
                 [&](PlannedTask&& task, std::size_t /*route*/) { plan.tasks.push_back(std::move(task)); });
  if (!terms) return tl::unexpected{std::move(terms.error())};
  plan.terms = *std::move(terms);
  return plan;
}

}  // namespace callsheet::plan
