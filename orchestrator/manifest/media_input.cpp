#include "orchestrator/manifest/media_input.hpp"

#include <string_view>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

bool is_url(std::string_view text) {
  return text.starts_with("http://") || text.starts_with("https://");
}

}  // namespace

tl::expected<MediaInput, NoInput> media_input(Campaign const& campaign, std::string const& text, Place place,
                                              InputKind kind) {
  std::string_view const thing = kind == InputKind::video ? "video" : "picture";
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return tl::unexpected<NoInput>{
        {.what = fmt::format("the name of the {} is empty", thing),
         .mend = fmt::format("leave the key out for clips without this {}", thing)}};
  if (is_url(text)) return MediaInput{.kind = MediaInput::Kind::url, .location = text, .digest = {}};
  if (std::size_t const scheme = text.find("://"); scheme != std::string::npos)
    return tl::unexpected<NoInput>{
        {.what = fmt::format("`{}` {}s cannot be used", text.substr(0, scheme + 3), thing),
         .mend = "give a file beside the manifest, or an http(s) URL"}};
  return MediaInput{
      .kind = MediaInput::Kind::file, .location = campaign.resolve(text, place).string(), .digest = {}};
}

}  // namespace callsheet::manifest
