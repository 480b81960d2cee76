#include "orchestrator/manifest/decode_elements.hpp"

#include "orchestrator/manifest/media_input.hpp"

#include <utility>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

class ElementDecoder {
 public:
  ElementDecoder(Entry const& entry, Campaign const& campaign, ErrorList& errors)
      : name_{entry.key}, node_{entry.value}, campaign_{campaign}, errors_{errors} {
    out_.place = entry.place;
  }

  ElementEntry decode() {
    if (Node const* const id = node_.find("id"))
      known(*id);
    else
      made();
    return std::move(out_);
  }

 private:
  void complain(Place place, std::string what, std::string mend) {
    errors_.add(campaign_.document->error(place, std::move(what), std::move(mend)));
  }

  /// Keys that do not go with what the entry says else.
  void refuse(std::initializer_list<char const*> keys, std::string_view why, std::string const& mend) {
    for (char const* const key : keys)
      for (Entry const& entry : node_.entries)
        if (entry.key == key) complain(entry.place, fmt::format("`{}` {}", key, why), mend);
  }

  void known(Node const& id) {
    refuse({"description", "frontal", "references", "video"},
           "is for an element that is made, and this one has an `id`", "leave one of the two out");
    Node const* const made_of = node_.find("made_of");
    if (made_of == nullptr)
      complain(out_.place, fmt::format("`{}` has no `made_of`", name_),
               "say what it was made of: `made_of: images` or `made_of: video`");
    else
      out_.element.kind = parse_element_kind(made_of->text).value_or(Element::Kind::images);
    out_.element.id = id.text;
  }

  void made() {
    refuse({"made_of"}, "is for an element that has an `id`", "leave it out: what it is made of can be seen");
    out_.made = true;
    Request& request = out_.request;
    request.mode = Mode::element;
    request.quality = Quality::any;
    request.duration = std::chrono::seconds{0};
    request.name = name_;
    description();
    Node const* const video = node_.find("video");
    if (video != nullptr) {
      refuse({"frontal", "references"}, "does not go with a `video`",
             "an element is made of pictures or of a video");
      out_.video = video->place;
      request.video = input(*video, InputKind::video);
    } else {
      pictures();
    }
    out_.element.kind = video != nullptr ? Element::Kind::video : Element::Kind::images;
    out_.element.name = name_;
  }

  void description() {
    Node const* const text = node_.find("description");
    out_.description = text == nullptr ? out_.place : text->place;
    if (text == nullptr)
      return complain(
          out_.place, fmt::format("`{}` has neither a `description` nor an `id`", name_),
          "say what it is: `description: a red fox`, or which: `id: \"el_123\"` where the gateway has it");
    if (text->text.find("{{") != std::string::npos)
      complain(text->place, "`elements` hold plain texts, without variables in them",
               "write it out: an element is the same for all tasks");
    out_.request.prompt = text->text;
  }

  void pictures() {
    Node const* const frontal = node_.find("frontal");
    Node const* const references = node_.find("references");
    out_.pictures = references != nullptr ? references->place
                    : frontal != nullptr  ? frontal->place
                                          : out_.place;
    if (frontal == nullptr)
      return complain(out_.place, fmt::format("`{}` has no picture from the front", name_),
                      "add `frontal: front.png` and `references: [side.png]`, or a `video`");
    std::vector<MediaInput>& images = out_.request.images;
    auto const take = [&](Node const& node) {
      auto one = input(node, InputKind::picture);
      if (!one) return;
      images.push_back(*std::move(one));
      out_.each_picture.push_back(node.place);
    };
    take(*frontal);
    if (references == nullptr) return;  // the catalog knows how many there have to be
    if (references->kind != NodeKind::list) return take(*references);
    for (Node const& item : references->items) take(item);
  }

  std::optional<MediaInput> input(Node const& node, InputKind kind) {
    if (node.text.find("{{") != std::string::npos) {
      complain(node.place, "`elements` hold plain texts, without variables in them",
               "write it out: an element is the same for all tasks");
      return std::nullopt;
    }
    auto named = media_input(campaign_, node.text, node.place, kind);
    if (named) return *std::move(named);
    complain(node.place, std::move(named.error().what), std::move(named.error().mend));
    return std::nullopt;
  }

  std::string const& name_;
  Node const& node_;
  Campaign const& campaign_;
  ErrorList& errors_;
  ElementEntry out_;
};

}  // namespace

void decode_elements(Node const& elements, Campaign& campaign, ErrorList& errors) {
  for (Entry const& entry : elements.entries)
    campaign.elements[entry.key] = ElementDecoder{entry, campaign, errors}.decode();
}

}  // namespace callsheet::manifest
