#pragma once

#include "base/json.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace obscura::test {

/// The text of tests/golden/binance/<name>.json.
inline std::string golden_text(std::string const& name) {
    std::ifstream in(std::string(OBSCURA_TESTS_DIR) + "/golden/binance/" + name + ".json");
    if (!in) throw std::runtime_error("no golden file " + name);
    return {std::istreambuf_iterator<char>(in), {}};
}
inline base::Json golden(std::string const& name) {
    return base::parse_json(golden_text(name)).value();
}

}  // namespace obscura::test
