#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/manifest/campaign.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace callsheet::assets {
extern std::string_view const catalog_schema;
extern std::string_view const dispute_schema;
extern std::string_view const events_schema;
extern std::string_view const report_schema;
extern std::string_view const review_schema;
extern std::string_view const sidecar_schema;
extern std::string_view const storm_schema;
}  // namespace callsheet::assets

namespace callsheet::cli {

void add_schema(CLI::App& app, Globals& /*globals*/, Work& work) {
  auto schema = std::make_shared<std::string_view>(manifest::schema_text());
  CLI::App* command = app.add_subcommand(
      "schema",
      "Print a JSON Schema: of manifests, catalogs, disputes (dispute.json), events (`run --events`),"
      " reports (report.json), reviews (review.json), sidecars of clips or storm files");
  std::map<std::string, std::string_view> const schemas{
      {"campaign", manifest::schema_text()}, {"catalog", assets::catalog_schema},
      {"dispute", assets::dispute_schema},   {"events", assets::events_schema},
      {"report", assets::report_schema},     {"review", assets::review_schema},
      {"sidecar", assets::sidecar_schema},   {"storm", assets::storm_schema}};
  command
      ->add_option_function<std::string>(
          "kind", [schema, schemas](std::string const& kind) { *schema = schemas.at(kind); },
          "Of which file (default: campaign)")
      ->check(CLI::IsMember(schemas));
  command->callback([schema, &work] {
    work = [schema] {
      print(*schema);
      return ExitCode::done;
    };
  });
}

}  // namespace callsheet::cli
