#include "custody/master_keys.hpp"

#include "crypto/aead.hpp"

#include <algorithm>

namespace obscura::custody {
namespace {

constexpr std::size_t key_size = crypto::Aead::key_size;

std::unexpected<base::Error> bad_payload() {
    return base::fail(base::Errc::invalid_argument, "key_payload",
                      "What opened does not hold the versions that it was said to hold.");
}

}  // namespace

std::vector<int> versions_of(MasterKeys const& keys) {
    std::vector<int> out;
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (!keys[i].empty()) out.push_back(static_cast<int>(i) + 1);
    return out;
}

int highest_version(MasterKeys const& keys) {
    auto const versions = versions_of(keys);
    return versions.empty() ? 0 : versions.back();
}

base::Result<int> add_version(MasterKeys& keys, base::Random& random) {
    auto const version = highest_version(keys) + 1;
    if (version > static_cast<int>(keys.size()))
        return base::fail(base::Errc::conflict, "key_versions",
                          "There are nine versions, and no room for another.");
    keys[static_cast<std::size_t>(version - 1)] = crypto::random_key(random, key_size);
    return version;
}

std::string versions_text(std::span<int const> versions) {
    std::string out;
    for (auto const version : versions) {
        if (!out.empty()) out += ' ';
        out += std::to_string(version);
    }
    return out;
}

base::Result<std::vector<int>> parse_versions(std::string_view text) {
    std::vector<int> out;
    for (auto const letter : text)
        if (letter >= '1' && letter <= '9') out.push_back(letter - '0');
    bool const is_ascending = std::ranges::is_sorted(out, std::ranges::less_equal());
    if (out.empty() || !is_ascending || versions_text(out) != text)
        return base::fail(base::Errc::invalid_argument, "key_versions",
                          "Versions are 1 to 9, ascending, with one blank between them.");
    return out;
}

base::Secret pack(MasterKeys const& keys) {
    auto const versions = versions_of(keys);
    auto out = base::Secret::zeroed(versions.size() * (1 + key_size));
    auto place = out.mutable_bytes().begin();
    for (auto const version : versions) {
        *place++ = static_cast<std::uint8_t>(version);
        auto const bytes = keys[static_cast<std::size_t>(version - 1)].bytes();
        place = std::ranges::copy(bytes.first(key_size), place).out;
    }
    return out;
}

base::Result<MasterKeys> unpack(crypto::Bytes payload, std::span<int const> versions) {
    if (versions.empty() || payload.size() != versions.size() * (1 + key_size))
        return bad_payload();
    MasterKeys keys;
    for (auto const version : versions) {
        if (version < 1 || version > static_cast<int>(keys.size()) || payload[0] != version)
            return bad_payload();
        keys[static_cast<std::size_t>(version - 1)] = base::Secret(payload.subspan(1, key_size));
        payload = payload.subspan(1 + key_size);
    }
    return keys;
}

}  // namespace obscura::custody
