#pragma once

#include "audit/log_check.hpp"
#include "crypto/hex.hpp"

#include <sstream>
#include <string>
#include <vector>

namespace obscura::audit::test {

inline crypto::Ed25519PrivateKey key_of(std::uint8_t byte) {
    std::array<std::uint8_t, 32> seed{};
    seed.fill(byte);
    return std::move(*crypto::Ed25519PrivateKey::from_seed(seed));
}

/// A log written by hand, so that a test can write a wrong one.
struct Log {
    std::vector<std::string> lines;  ///< each with its newline
    crypto::Digest link = chain_start();
    crypto::Ed25519PrivateKey key = key_of(1);
    base::Uuid id{{1, 2, 3}};
    base::Timestamp at = base::from_unix_ms(1'764'000'000'000);

    explicit Log(int head_entries = 4) {
        add(base::Json::object({{"kind", "open"},
                                {"log", id.to_string()},
                                {"key", key_text()},
                                {"head_entries", head_entries}}));
    }
    [[nodiscard]] std::string key_text() const {
        return crypto::hex_encode(key.public_key().bytes());
    }
    void add(base::Json fields) {
        fields.set("sequence", static_cast<std::int64_t>(lines.size()) + 1);
        auto const entry = fields.dump();
        link = chain_link(link, entry);
        lines.push_back(to_text({.link = link, .entry = entry}));
    }
    void call(std::string_view operation) {
        add(base::Json::object({{"kind", "call"}, {"operation", operation}}));
    }
    [[nodiscard]] SignedHead head_now() const {
        return sign({.log = id,
                     .sequence = static_cast<std::int64_t>(lines.size()),
                     .link = link,
                     .at = at},
                    key);
    }
    void head() {
        auto json = to_json(head_now());
        auto entry = base::Json::object(
            {{"kind", "head"}, {"at", base::to_rfc3339(at)}, {"signature", json["signature"]}});
        add(std::move(entry));
    }
};

inline std::string text_of(std::vector<std::string> const& lines) {
    std::string out;
    for (auto const& line : lines) out += line;
    return out;
}

inline Report check_text(std::string const& text, Known known = {}) {
    std::istringstream in(text);
    return check_log(in, std::move(known));
}

/// "edited 3", or "" where nothing is at fault.
inline std::string verdict(std::string const& text, Known known = {}) {
    auto const report = check_text(text, std::move(known));
    if (!report.finding) return "";
    return std::string(to_string(report.finding->fault)) + " " +
           std::to_string(report.finding->sequence);
}

}  // namespace obscura::audit::test
