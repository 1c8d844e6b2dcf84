#pragma once

#include "base/json.hpp"
#include "fuzz/target.hpp"
#include "net/problem.hpp"

namespace obscura::fuzz {

/// A refused body is answered with a document that reads as JSON and names every field.
inline void must_be_told(base::Error const& error) {
    must(error.code == base::Errc::invalid_argument, "a refused body is the sender's to change");
    must(!error.fields.empty(), "a refusal names fields");
    for (auto const& field : error.fields)
        must(!field.code.empty() && !field.detail.empty(), "a field says what must change");
    auto const answer = net::problem(error, "id");
    must(base::parse_json(answer.body).has_value(), "a problem document is JSON");
}

}  // namespace obscura::fuzz
