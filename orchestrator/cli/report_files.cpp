#include "orchestrator/cli/report_files.hpp"

#include "orchestrator/core/output_file.hpp"
#include "orchestrator/report/csv_report.hpp"
#include "orchestrator/report/html_report.hpp"
#include "orchestrator/report/json_report.hpp"
#include "orchestrator/report/result_builder.hpp"

#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

namespace {

/// A file that appears whole under its name, or not at all.
class WholeFile {
 public:
  explicit WholeFile(fs::path path) : path_{std::move(path)}, partial_{path_} {
    partial_ += ".part";
    good_ = out_.open(partial_);
  }
  ~WholeFile() {
    std::error_code ignored;
    if (!published_) fs::remove(partial_, ignored);
  }
  WholeFile(WholeFile const&) = delete;
  WholeFile& operator=(WholeFile const&) = delete;

  [[nodiscard]] report::TextSink sink() {
    return [this](std::string_view piece) { good_ = good_ && out_.write(piece); };
  }

  Result<void> publish() {
    if (!good_ || !out_.close())
      return fail(Code::file_system, fmt::format("cannot write '{}': {}", partial_.string(), out_.why()),
                  "free some space or mend the folder's rights; `callsheet report` writes it again");
    std::error_code error;
    fs::rename(partial_, path_, error);
    if (error)
      return fail(Code::file_system, fmt::format("cannot write '{}': {}", path_.string(), error.message()));
    published_ = true;
    return {};
  }

 private:
  fs::path path_;
  fs::path partial_;
  OutputFile out_;
  bool good_ = false;
  bool published_ = false;
};

}  // namespace

Result<WrittenReports> write_reports(report::RunReader& run, fs::path const& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return fail(Code::file_system, fmt::format("cannot make '{}': {}", folder.string(), error.message()));
  auto const json_file = std::make_unique<WholeFile>(folder / "report.json");
  auto const csv_file = std::make_unique<WholeFile>(folder / "report.csv");
  report::JsonReport json{run.head(), json_file->sink()};
  report::CsvReport csv{run.head(), csv_file->sink()};
  report::ResultBuilder builder{run.head()};
  auto const read = run.each([&](report::ClipLine clip) {
    json.add(clip);
    csv.add(clip);
    builder.add(std::move(clip));
  });
  if (!read) return fail(read.error());
  WrittenReports written{.html = folder / "report.html", .model = std::move(builder).finish()};
  json.end(written.model);
  std::string const clips =
      fs::absolute(run.output_dir()).lexically_proximate(fs::absolute(folder)).generic_string();
  auto const html_file = std::make_unique<WholeFile>(written.html);
  html_file->sink()(report::html_report(written.model, clips == "." ? "" : clips));
  for (WholeFile* file : {json_file.get(), csv_file.get(), html_file.get()})
    if (auto done = file->publish(); !done) return fail(done.error());
  return written;
}

}  // namespace callsheet::cli
