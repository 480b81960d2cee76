#include "orchestrator/plan/tag_choice.hpp"

#include <algorithm>
#include <set>

namespace callsheet::plan {

namespace {

bool share_one(std::vector<std::string> const& some, std::vector<std::string> const& others) {
  return std::any_of(some.begin(), some.end(), [&](std::string const& one) {
    return std::find(others.begin(), others.end(), one) != others.end();
  });
}

}  // namespace

Result<TagChoice> TagChoice::parse(std::vector<std::string> const& asked) {
  std::set<std::string> any_of;
  std::set<std::string> none_of;
  for (std::string const& one : asked) {
    bool const leaves_out = one.starts_with('!');
    std::string tag = leaves_out ? one.substr(1) : one;
    if (tag.empty())
      return fail(Code::usage, "--tag: there is no tag in '" + one + "'",
                  "name one: `--tag hero`, or `--tag '!draft'` to leave it out");
    (leaves_out ? none_of : any_of).insert(std::move(tag));
  }
  TagChoice choice;
  choice.any_of_.assign(any_of.begin(), any_of.end());
  choice.none_of_.assign(none_of.begin(), none_of.end());
  return choice;
}

bool TagChoice::takes(std::vector<std::string> const& tags) const {
  return (any_of_.empty() || share_one(any_of_, tags)) && !share_one(none_of_, tags);
}

std::vector<std::string> TagChoice::asked() const {
  std::vector<std::string> all = any_of_;
  for (std::string const& tag : none_of_) all.push_back('!' + tag);
  return all;
}

}  // namespace callsheet::plan
