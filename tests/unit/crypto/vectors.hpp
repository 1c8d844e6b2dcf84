#pragma once

#include "base/json.hpp"
#include "crypto/hex.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace obscura::crypto {

/// A file of tests/vectors.
inline base::Json read_vectors(std::string const& path) {
    std::ifstream file(OBSCURA_TESTS_DIR "/vectors/" + path, std::ios::binary);
    std::string const text(std::istreambuf_iterator<char>(file), {});
    auto json = base::parse_json(text);
    EXPECT_TRUE(json) << path;
    return json.value_or(base::Json());
}

/// A field in hex.
inline std::vector<std::uint8_t> bytes_of(base::Json const& test, std::string_view field) {
    auto const bytes = hex_decode(test[field].as_string());
    EXPECT_TRUE(bytes) << field;
    return bytes.value_or(std::vector<std::uint8_t>());
}

}  // namespace obscura::crypto
