#include "alchemist/config.hpp"

namespace obscura::alchemist {

void Config::bind_to(base::ConfigTable& table) {
    table.bind("alchemist.address", address, "address to listen on");
    table.bind("alchemist.port", port, "TCP port; 0 takes a free one");
    table.bind(
        "alchemist.internal_api_key", internal_api_key,
        "X-Internal-API-Key that callers of /internal must send; also signs X-Obscura-Caller",
        [](std::string const& key) -> std::optional<std::string> {
            if (key.size() >= 16) return std::nullopt;
            return "at least 16 characters";
        });
    table.required();
}

}  // namespace obscura::alchemist
