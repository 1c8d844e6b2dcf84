#pragma once

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hash.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace obscura::audit {

/// A log is lines of `<link in hex> <entry>\n`, an entry being a JSON object without line breaks.
/// Link n is SHA-256("obscura/audit-entry/v1" || link n-1 || the bytes of entry n), so that an
/// entry can be neither changed, taken out, moved nor slipped in without every later link telling.
/// The first follows `chain_start`. Entries are numbered from 1 by their `sequence`.
inline constexpr std::size_t max_line = 64 * 1024;

[[nodiscard]] crypto::Digest chain_start();
[[nodiscard]] crypto::Digest chain_link(crypto::Digest const& previous, std::string_view entry);

/// One line taken apart, its link not checked yet.
struct Line {
    crypto::Digest link{};
    std::string_view entry;
};
[[nodiscard]] std::string to_text(Line const& line);  ///< with the newline
/// Of a line without its newline. One spelling only: lower case, one blank.
[[nodiscard]] std::optional<Line> line_of(std::string_view text);

/// How far a log had come at a time: its last entry then, and that entry's link.
struct Head {
    base::Uuid log{};  ///< as the log's first entry names it
    std::int64_t sequence = 0;
    crypto::Digest link{};
    base::Timestamp at{};  ///< milliseconds count
};
struct SignedHead {
    Head head;
    crypto::Ed25519Signature signature{};
    std::array<std::uint8_t, 32> key{};  ///< public; not signed: whoever checks knows it, or trusts
                                         ///< whoever gave him the head
};

/// The signature is over "obscura/audit-head/v1" || log || sequence || link || at, numbers being 8
/// bytes with the highest first.
[[nodiscard]] SignedHead sign(Head const& head, crypto::Ed25519PrivateKey const& key);
[[nodiscard]] bool is_signed_by(SignedHead const& head, crypto::Ed25519PublicKey const& key);

/// `{log, sequence, link, at, signature, key}`.
[[nodiscard]] base::Json to_json(SignedHead const& head);
/// nullopt for anything else; further members are let pass.
[[nodiscard]] std::optional<SignedHead> head_from_json(base::Json const& json);

}  // namespace obscura::audit
