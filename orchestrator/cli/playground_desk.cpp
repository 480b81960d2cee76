#include "orchestrator/cli/playground_desk.hpp"

#include "orchestrator/cli/playground_json.hpp"
#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace callsheet::cli {

namespace {

using nlohmann::json;

constexpr char const* frames_folder = "frames";

std::string to_line(json const& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// "playground-20261127-221530"
std::string name_at(TimePoint at) {
  std::string digits;
  for (char const c : format_rfc3339(at))
    if (c >= '0' && c <= '9') digits += c;
  return fmt::format("{}{}-{}", playground_prefix, digits.substr(0, 8), digits.substr(8, 6));
}

}  // namespace

std::filesystem::path PlaygroundDesk::frames_in(std::filesystem::path const& folder) {
  return folder / frames_folder;
}

PlaygroundDesk::PlaygroundDesk(catalog::Catalog const& catalog, PlaygroundSends& sends, Setup setup)
    : catalog_{catalog},
      sends_{sends},
      setup_{std::move(setup)},
      frames_{frames_in(setup_.folder), frame_bytes_most(catalog)},
      pricing_{catalog,
               {.folder = setup_.folder,
                .frame_path =
                    [this](std::string const& id) {
                      return fmt::format("{}/{}", frames_folder, frames_.file_name(id));
                    },
                .gateway = setup_.site.name}} {}

std::string PlaygroundDesk::catalog() {
  json value = playground_catalog_json(catalog_);
  value["gateway"] = shown(setup_.site);
  value["local"] = setup_.site.kind == GatewayKind::embedded;
  value["folder"] = setup_.folder.string();
  return to_line(value);
}

std::string PlaygroundDesk::state() {
  return to_line(playground_state_json(sends_, catalog_.prices().credits_per_usd));
}

Result<PlaygroundQuote> PlaygroundDesk::quote(PlaygroundForm const& form) const {
  std::unique_ptr<ledger::Ledger> ledger;
  std::error_code ignored;
  if (std::filesystem::exists(setup_.ledger, ignored)) {
    auto opened = ledger::open_sqlite_ledger(setup_.ledger, ledger::Access::read);
    if (!opened) return fail(opened.error());
    ledger = *std::move(opened);
  }
  return pricing_.quote(form, ledger.get());
}

Result<std::string> PlaygroundDesk::price(std::string_view sent) {
  auto const form = parse_form(sent);
  if (!form) return fail(form.error());
  auto const quote = this->quote(*form);
  if (!quote) return fail(quote.error());
  json value = playground_quote_json(*quote, sends_.left(), catalog_.prices().credits_per_usd);
  value["manifest"] = quote->task ? pricing_.manifest(*form, "playground", quote->most) : "";
  return to_line(value);
}

Result<std::string> PlaygroundDesk::write_manifest(PlaygroundForm const& form, Credits cap,
                                                   std::filesystem::path& file) const {
  std::string const base = name_at(SystemClock{}.now());
  for (int again = 1; again <= 100; ++again) {
    std::string const name = again == 1 ? base : fmt::format("{}-{}", base, again);
    file = setup_.folder / (name + ".yaml");
    Descriptor out{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
    if (!out && errno == EEXIST) continue;
    std::string const text = pricing_.manifest(form, name, cap);
    bool const written =
        out && ::write(out.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        out.close();
    if (written) return name;
    int const why = errno;
    std::error_code ignored;
    if (out) std::filesystem::remove(file, ignored);
    return fail(Code::file_system,
                fmt::format("cannot write the manifest '{}': {}", file.string(), std::strerror(why)));
  }
  return fail(Code::file_system, fmt::format("'{}' and what follows is there already", file.string()));
}

Result<std::string> PlaygroundDesk::send(std::string_view sent) {
  auto const form = parse_form(sent);
  if (!form) return fail(form.error());
  json const order = json::parse(sent, nullptr, false);
  auto const shown_most = order.find("most");
  if (shown_most == order.end() || !shown_most->is_number_integer())
    return fail(Code::usage, "the page has not said which price the person has seen", "load the page again");
  auto const quote = this->quote(*form);
  if (!quote) return fail(quote.error());
  if (!quote->task) {
    FormMistake const& first = quote->mistakes.front();
    return fail(Code::usage, first.what, first.mend);
  }
  if (quote->most.units() != shown_most->get<std::int64_t>())
    return fail(Code::usage,
                fmt::format("the price has changed: it may come to {} credits", to_string(quote->most)),
                "look at it again");
  auto const wants_anew = order.find("anew");
  bool const anew = wants_anew != order.end() && wants_anew->is_boolean() && wants_anew->get<bool>();
  if (quote->made.known == Known::outstanding)
    return fail(Code::usage,
                fmt::format("run {} has paid for this clip and has not brought it home",
                            quote->made.clip.origin.run.str()),
                "go on with that one");
  if (quote->made.known == Known::made && !anew)
    return fail(Code::usage, "this clip is made already", "ask for another one of it, or change something");
  if (quote->most > sends_.left())
    return fail(Code::usage,
                fmt::format("it may come to {} credits, and {} of the session's {} are left",
                            to_string(quote->most), to_string(sends_.left()), to_string(sends_.budget())),
                "make less of it, or start the playground with a larger --budget");
  std::filesystem::path file;
  auto name = write_manifest(*form, quote->most, file);
  if (!name) return fail(name.error());
  plan::Candidate const& first = quote->task->route->candidates.front();
  PlaygroundSend send;
  send.name = *std::move(name);
  send.request = quote->task->request;
  send.model = first.model.str();
  send.wished_model = form->model;
  send.price = first.expected;
  send.most = quote->most;
  send.manifest = file;
  send.sent = SystemClock{}.now();
  if (auto done = sends_.send(std::move(send), anew); !done) return fail(done.error());
  return std::string{"{}"};
}

Result<std::string> PlaygroundDesk::go_on(std::string_view sent) {
  json const order = json::parse(sent, nullptr, false);
  auto const id = order.is_object() ? order.find("id") : order.end();
  if (!order.is_object() || id == order.end() || !id->is_number_integer())
    return fail(Code::usage, "the page has not said what to go on with", "load the page again");
  if (auto done = sends_.go_on(id->get<int>()); !done) return fail(done.error());
  return std::string{"{}"};
}

Result<std::string> PlaygroundDesk::take(web::FramePiece const& piece) {
  auto const kept = frames_.take(piece);
  if (!kept) return fail(kept.error());
  return *kept ? to_line(playground_frame_json(**kept)) : std::string{"{}"};
}

std::optional<web::Frame> PlaygroundDesk::frame(std::string_view id) {
  return frames_.find(id);
}

std::optional<std::filesystem::path> PlaygroundDesk::clip(std::string_view id) {
  int number = 0;
  auto const [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc{} || end != id.data() + id.size()) return std::nullopt;
  PlaygroundSend const* const send = sends_.find(number);
  return send == nullptr || send->file.empty() ? std::nullopt
                                               : std::optional{std::filesystem::path{send->file}};
}

}  // namespace callsheet::cli
