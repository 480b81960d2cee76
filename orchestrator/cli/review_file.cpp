#include "orchestrator/cli/review_file.hpp"

#include "orchestrator/cli/whole_file.hpp"
#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/manifest/text_file.hpp"

#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

namespace callsheet::cli {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t review_bytes_most = std::size_t{16} << 20U;

/// The folder is what is locked: the file itself is another one after each change.
Result<Descriptor> lock(fs::path const& folder) {
  Descriptor held{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (held && ::flock(held.number(), LOCK_EX) == 0) return held;
  return fail(Code::file_system,
              fmt::format("cannot lock '{}': {}", folder.string(), std::generic_category().message(errno)));
}

}  // namespace

Checked<review::Review> ReviewFile::read() const {
  auto read = read_located();
  if (!read) return tl::unexpected{read.error()};
  return std::move(read->review);
}

Checked<review::LocatedReview> ReviewFile::read_located() const {
  auto text = manifest::read_text_file(path_, path_, review_bytes_most);
  if (!text && text.error().code == Code::not_found)
    return review::LocatedReview{.review = {.campaign = campaign_, .verdicts = {}}};
  if (!text) return tl::unexpected{std::vector{text.error()}};
  auto read = review::decode_located(path_.string(), *std::move(text));
  if (read && !campaign_.empty() && read->review.campaign != campaign_)
    return tl::unexpected{std::vector{
        Error{.code = Code::usage,
              .what = fmt::format("'{}' is a review of campaign '{}', not of '{}'", path_.string(),
                                  read->review.campaign, campaign_),
              .mend = "give each campaign an output folder of its own, or name the file with --review"}}};
  return read;
}

Checked<review::Review> ReviewFile::change(std::function<Result<void>(review::Review&)> const& change) const {
  fs::path const folder = fs::absolute(path_).parent_path();
  auto const held = lock(folder);
  if (!held) return tl::unexpected{std::vector{held.error()}};
  auto review = read();
  if (!review) return review;
  if (auto const changed = change(*review); !changed) return tl::unexpected{std::vector{changed.error()}};
  // What could not be read again is not written.
  std::string const text = review::encode(*review);
  if (text.size() > review_bytes_most)
    return tl::unexpected{
        std::vector{Error{.code = Code::too_large,
                          .what = fmt::format("'{}' would be too large", path_.string()),
                          .mend = "take verdicts back that are of older clips: --clear TASK"}}};
  if (auto const again = review::decode(path_.string(), text); !again) return tl::unexpected{again.error()};
  WholeFile file{path_};
  file.sink()(text);
  if (auto const written = file.publish(); !written) return tl::unexpected{std::vector{written.error()}};
  return review;
}

std::set<TaskIdentity> accepted_in(review::Review const& review) {
  std::set<TaskIdentity> accepted;
  for (auto const& [take, verdict] : review.verdicts)
    if (verdict.ruling == review::Ruling::accepted) accepted.insert(verdict.clip.identity);
  return accepted;
}

Checked<std::set<TaskIdentity>> accepted_in(std::set<fs::path> const& output_dirs) {
  std::set<TaskIdentity> accepted;
  for (fs::path const& folder : output_dirs) {
    auto const review = ReviewFile{ReviewFile::beside_report(folder), ""}.read();
    if (!review) return tl::unexpected{review.error()};
    accepted.merge(accepted_in(*review));
  }
  return accepted;
}

}  // namespace callsheet::cli
