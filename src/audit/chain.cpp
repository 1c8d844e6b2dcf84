#include "audit/chain.hpp"

#include "crypto/hex.hpp"

namespace obscura::audit {
namespace {

constexpr std::string_view entry_label = "obscura/audit-entry/v1";
constexpr std::string_view head_label = "obscura/audit-head/v1";
constexpr std::string_view start_label = "obscura/audit-log/v1";
constexpr std::size_t link_digits = 64;

void append_number(std::string& out, std::int64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8)
        out += static_cast<char>(static_cast<std::uint64_t>(number) >> shift & 0xff);
}

std::string message_of(Head const& head) {
    std::string out(head_label);
    out.append(reinterpret_cast<char const*>(head.log.bytes.data()), head.log.bytes.size());
    append_number(out, head.sequence);
    out += crypto::as_text(head.link);
    append_number(out, base::to_unix_ms(head.at));
    return out;
}

template <std::size_t N>
bool read_hex(base::Json const& json, std::array<std::uint8_t, N>& out) {
    return json.is_string() && crypto::hex_decode_into(json.as_string(), out);
}

}  // namespace

crypto::Digest chain_start() { return crypto::sha256(start_label); }

crypto::Digest chain_link(crypto::Digest const& previous, std::string_view entry) {
    return crypto::Sha256()
        .update(entry_label)
        .update(crypto::Bytes(previous))
        .update(entry)
        .finish();
}

std::string to_text(Line const& line) {
    auto out = crypto::hex_encode(line.link);
    out.reserve(out.size() + line.entry.size() + 2);
    out += ' ';
    out += line.entry;
    out += '\n';
    return out;
}

std::optional<Line> line_of(std::string_view text) {
    if (text.size() <= link_digits + 1 || text[link_digits] != ' ') return std::nullopt;
    auto const digits = text.substr(0, link_digits);
    Line line{.entry = text.substr(link_digits + 1)};
    // Hex reads either case, and a letter changed into the other would go unseen.
    bool const is_lower = digits.find_first_of("ABCDEF") == digits.npos;
    if (!is_lower || !crypto::hex_decode_into(digits, line.link)) return std::nullopt;
    return line;
}

SignedHead sign(Head const& head, crypto::Ed25519PrivateKey const& key) {
    return {.head = head, .signature = key.sign(message_of(head)), .key = key.public_key().bytes()};
}

bool is_signed_by(SignedHead const& head, crypto::Ed25519PublicKey const& key) {
    return key.verify(message_of(head.head), head.signature);
}

base::Json to_json(SignedHead const& head) {
    return base::Json::object({{"log", head.head.log.to_string()},
                               {"sequence", head.head.sequence},
                               {"link", crypto::hex_encode(head.head.link)},
                               {"at", base::to_rfc3339(head.head.at)},
                               {"signature", crypto::hex_encode(head.signature)},
                               {"key", crypto::hex_encode(head.key)}});
}

std::optional<SignedHead> head_from_json(base::Json const& json) {
    auto const log =
        json["log"].is_string() ? base::parse_uuid(json["log"].as_string()) : std::nullopt;
    auto const at =
        json["at"].is_string() ? base::parse_rfc3339(json["at"].as_string()) : std::nullopt;
    auto const sequence = json["sequence"].to_int64();
    SignedHead out;
    bool const is_head =
        log && at && sequence && *sequence > 0 && read_hex(json["link"], out.head.link) &&
        read_hex(json["signature"], out.signature) && read_hex(json["key"], out.key);
    if (!is_head) return std::nullopt;
    out.head.log = *log;
    out.head.sequence = *sequence;
    out.head.at = *at;
    return out;
}

}  // namespace obscura::audit
