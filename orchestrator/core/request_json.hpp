#pragma once

#include "orchestrator/core/request.hpp"

#include <vector>

#include <boost/json/fwd.hpp>

namespace callsheet {

class JsonWriter;

/// A list, in the order of the shots.
void write_json(std::vector<Shot> const& shots, JsonWriter& out);

/// The member `elements` of an object that is open; nothing where there are none.
void write_elements(std::vector<Element> const& elements, JsonWriter& out);

/// For the ledger and saved plans: an object with local paths kept, what is not asked for left out.
void write_json(Request const& request, JsonWriter& out);
/// Throws what boost::json throws, or std::invalid_argument, when `json` is not what write_json() gives, or
/// earlier versions gave, which wrote everything.
Request request_in(boost::json::value const& json);

}  // namespace callsheet
