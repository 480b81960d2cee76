#include "orchestrator/cli/text_spool.hpp"

#include "orchestrator/cli/terminal.hpp"

#include <vector>

namespace callsheet::cli {

namespace {
constexpr std::size_t memory_most = 4u << 20;
}

void TextSpool::add(std::string_view text) {
  memory_ += text;
  if (memory_.size() > memory_most) spill();
}

void TextSpool::spill() {
  if (!file_) file_.reset(std::tmpfile());
  good_ = good_ && file_ && std::fwrite(memory_.data(), 1, memory_.size(), file_.get()) == memory_.size();
  memory_.clear();
}

Result<void> TextSpool::print() {
  if (file_) {
    spill();
    std::rewind(file_.get());
    std::vector<char> part(memory_most);
    while (std::size_t const got = std::fread(part.data(), 1, part.size(), file_.get()))
      cli::print({part.data(), got});
    good_ = good_ && std::ferror(file_.get()) == 0;
  }
  cli::print(memory_);
  memory_.clear();
  if (good_) return {};
  return fail(Code::file_system, "there is no room for so long a text in the folder of temporary files",
              "make room in /tmp");
}

}  // namespace callsheet::cli
