#include "orchestrator/manifest/output_path.hpp"

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

constexpr std::size_t part_bytes_max =
    200;  // file systems allow 255; leaves room for suffixes of unfinished files
constexpr std::size_t path_bytes_max = 1000;
constexpr std::string_view extension = ".mp4";

bool is_forbidden(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F ||
         std::string_view{"<>:\"|?*\\"}.find(c) != std::string_view::npos;
}

/// A value that is filled in: it names, it never makes a folder.
void append_value(std::string& out, std::string_view value) {
  for (char const c : value) out += c == '/' || is_forbidden(c) ? '-' : c;
}

/// Cuts a long part before its extension, never inside a character.
std::string shortened(std::string part) {
  if (part.size() <= part_bytes_max) return part;
  std::string const tail = part.ends_with(extension) ? std::string{extension} : std::string{};
  std::size_t end = part_bytes_max - tail.size();
  while (end > 0 && (static_cast<unsigned char>(part[end]) & 0xC0) == 0x80) --end;
  return part.substr(0, end) + tail;
}

}  // namespace

tl::expected<std::filesystem::path, BadPath> output_path(Template const& file, Bindings const& bindings) {
  std::string text;
  for (Template::Part const& part : file.parts()) {
    if (part.variable)
      append_value(text, value_of(*part.variable, bindings));
    else
      for (char const c : part.literal) text += is_forbidden(c) ? '-' : c;
  }
  if (text.starts_with('/'))
    return tl::unexpected{BadPath{fmt::format("the output file `{}` is not below the output folder", text),
                                  "write a name without a leading slash; the folder is outputs.dir"}};
  std::filesystem::path out;
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t const end = std::min(text.find('/', at), text.size());
    std::string part = text.substr(at, end - at);
    while (!part.empty() &&
           (part.back() == ' ' || (part.back() == '.' && part.find_first_not_of('.') != std::string::npos)))
      part.pop_back();
    part.erase(0, std::min(part.find_first_not_of(' '), part.size()));
    if (part == "." || part == "..")
      return tl::unexpected{BadPath{fmt::format("the output file `{}` leaves the output folder", text),
                                    "write names without `.` and `..`; the folder is outputs.dir"}};
    if (part.empty())
      return tl::unexpected{BadPath{fmt::format("the output file `{}` has an empty part", text),
                                    "give every folder and file a name"}};
    out /= shortened(std::move(part));
    at = end + 1;
  }
  if (out.extension() != extension)
    return tl::unexpected{
        BadPath{fmt::format("the output file `{}` does not end in .mp4", text), "clips are MP4 files"}};
  if (out.native().size() > path_bytes_max)
    return tl::unexpected{
        BadPath{"the path of the output file is too long", fmt::format("at most {} bytes", path_bytes_max)}};
  return out;
}

}  // namespace callsheet::manifest
