#pragma once

#include "base/config.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <string>

namespace obscura::alchemist {

struct Config {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8003;
    base::Secret internal_api_key;  ///< of the callers of /internal, and of their signed headers

    void bind_to(base::ConfigTable& table);
};

}  // namespace obscura::alchemist
