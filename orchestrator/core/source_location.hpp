#pragma once

#include <string>

namespace callsheet {

/// A place in a file a person wrote. Lines and columns count from 1; 0 means "the file as a whole".
struct SourceLocation {
  std::string file;
  int line = 0;
  int column = 0;
  friend auto operator<=>(SourceLocation const&, SourceLocation const&) = default;
};

/// "spring.yaml:14:15", or "spring.yaml" when there is no line.
std::string to_string(SourceLocation const& where);

}  // namespace callsheet
