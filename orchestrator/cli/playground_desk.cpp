#include "orchestrator/cli/playground_desk.hpp"

#include "orchestrator/cli/playground_json.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/core/output_file.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

constexpr char const* frames_folder = "frames";

std::string to_line(json const& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

constexpr std::size_t order_digits = 16;
/// A page has one order under way.
constexpr std::size_t orders_remembered = 100;

/// "playground-20261127-221530-9f3c": another playground may send in the same second.
std::string name_at(TimePoint at) {
  std::string digits;
  for (char const c : format_rfc3339(at))
    if (c >= '0' && c <= '9') digits += c;
  return fmt::format("{}{}-{}-{}", playground_prefix, digits.substr(0, 8), digits.substr(8, 6),
                     random_hex(2));
}

/// Replaces nothing; leaves nothing behind where it fails.
Result<void> write_manifest(std::filesystem::path const& file, std::string const& text) {
  std::error_code error;
  if (std::filesystem::exists(file, error))
    return fail(Code::file_system, fmt::format("there is a file '{}' already", file.string()),
                "send it again");
  OutputFile out;
  if (out.open(file) && out.write(text) && out.close()) return {};
  std::filesystem::remove(file, error);
  return fail(Code::file_system, fmt::format("cannot write the manifest '{}': {}", file.string(), out.why()));
}

/// Amounts are sent as they are told: in units.
std::optional<Credits> read_amount(json const& order, char const* name) {
  auto const found = order.find(name);
  if (found == order.end() || !found->is_number_integer()) return std::nullopt;
  return Credits::from_units(found->get<std::int64_t>());
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

Result<PlaygroundDesk::Order> PlaygroundDesk::parse_order(std::string_view sent) {
  auto form = parse_form(sent);
  if (!form) return fail(form.error());
  json const order = json::parse(sent, nullptr, false);
  auto const id = order.find("order");
  if (id == order.end() || !id->is_string() || id->get_ref<std::string const&>().size() != order_digits)
    return fail(Code::usage, "the page has not said which order this is", "load the page again");
  auto const most = read_amount(order, "most");
  if (!most)
    return fail(Code::usage, "the page has not said which price the person has seen", "load the page again");
  auto const anew = order.find("anew");
  return Order{.form = *std::move(form),
               .id = id->get<std::string>(),
               .most = *most,
               .anew = anew != order.end() && anew->is_boolean() && anew->get<bool>()};
}

Result<void> PlaygroundDesk::check(Order const& order, PlaygroundQuote const& quote) const {
  if (!quote.task) {
    FormMistake const& first = quote.mistakes.front();
    return fail(Code::usage, first.what, first.mend);
  }
  if (quote.most != order.most)
    return fail(Code::usage,
                fmt::format("the price has changed: it may come to {} credits", to_string(quote.most)),
                "look at it again");
  if (quote.made.known == Known::outstanding)
    return fail(Code::usage,
                fmt::format("run {} has paid for this clip and has not brought it home",
                            quote.made.clip.origin.run.str()),
                "go on with that one");
  if (quote.made.known == Known::made && !order.anew)
    return fail(Code::usage, "this clip is made already", "ask for another one of it, or change something");
  if (quote.most > sends_.left())
    return fail(Code::usage,
                fmt::format("it may come to {} credits, and {} of the session's {} are left",
                            to_string(quote.most), to_string(sends_.left()), to_string(sends_.budget())),
                "make less of it, or start the playground with a larger --budget");
  return {};
}

Result<std::string> PlaygroundDesk::send(std::string_view sent) {
  auto const order = parse_order(sent);
  if (!order) return fail(order.error());
  if (std::find(carried_out_.begin(), carried_out_.end(), order->id) != carried_out_.end())
    return std::string{"{}"};
  auto const quote = this->quote(order->form);
  if (!quote) return fail(quote.error());
  if (auto checked = check(*order, *quote); !checked) return fail(checked.error());
  plan::Candidate const& first = quote->task->route->candidates.front();
  PlaygroundSend send;
  send.sent = SystemClock{}.now();
  send.name = name_at(send.sent);
  send.request = quote->task->request;
  send.model = first.model.str();
  send.wished_model = order->form.model;
  send.price = first.expected;
  send.most = quote->most;
  send.manifest = setup_.folder / (send.name + ".yaml");
  std::filesystem::path const file = send.manifest;
  if (auto written = write_manifest(file, pricing_.manifest(order->form, send.name, quote->most)); !written)
    return fail(written.error());
  if (auto done = sends_.send(std::move(send), order->anew); !done) {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    return fail(done.error());
  }
  carried_out_.push_back(order->id);
  if (carried_out_.size() > orders_remembered) carried_out_.pop_front();
  return std::string{"{}"};
}

Result<std::string> PlaygroundDesk::go_on(std::string_view sent) {
  json const order = json::parse(sent, nullptr, false);
  auto const id = order.is_object() ? order.find("id") : order.end();
  auto const more = order.is_object() ? read_amount(order, "more") : std::nullopt;
  if (!order.is_object() || id == order.end() || !id->is_number_integer() || !more)
    return fail(Code::usage, "the page has not said what to go on with, for how much", "load the page again");
  if (auto done = sends_.go_on(id->get<int>(), *more); !done) return fail(done.error());
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
