#include "custody/detail/key_file_lines.hpp"

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace obscura::custody::detail {
namespace {

constexpr std::string_view first_line = "obscura-master-keys 1\n";
constexpr std::string_view versions_word = "versions ";
constexpr std::size_t max_words = 6;

std::string text_of(crypto::Bytes bytes) { return crypto::base64url_encode(bytes); }

/// The words of a line, one blank apart; empty when there are too many.
std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (words.size() < max_words) {
        auto const end = line.find(' ');
        words.push_back(line.substr(0, end));
        if (end == line.npos) return words;
        line.remove_prefix(end + 1);
    }
    return {};
}

template <std::size_t N>
bool read(std::string_view word, std::array<std::uint8_t, N>& out) {
    auto const bytes = crypto::base64url_decode(word);
    if (!bytes || bytes->size() != N) return false;
    std::ranges::copy(*bytes, out.begin());
    return true;
}
bool read(std::string_view word, std::vector<std::uint8_t>& out) {
    auto bytes = crypto::base64url_decode(word);
    if (!bytes) return false;
    out = std::move(*bytes);
    return true;
}
template <std::unsigned_integral N>
bool read(std::string_view word, N& out) {
    auto const [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
    return error == std::errc{} && end == word.data() + word.size();
}

using Words = std::vector<std::string_view>;

bool read_passphrase(Words const& w, KeyFile& file) {
    auto& lock = file.passphrase.emplace();
    return w.size() == 6 && read(w[1], lock.cost.passes) && read(w[2], lock.cost.memory_bytes) &&
           read(w[3], lock.salt) && read(w[4], lock.nonce) && read(w[5], lock.sealed);
}
bool read_machine(Words const& w, KeyFile& file) {
    auto& lock = file.machine.emplace();
    return w.size() == 4 && crypto::hex_decode_into(w[1], lock.tcb.bytes) &&
           read(w[2], lock.nonce) && read(w[3], lock.sealed);
}
bool read_recipient(Words const& w, KeyFile& file) {
    auto& lock = file.recipient.emplace();
    return w.size() == 4 && read(w[1], lock.key) && read(w[2], lock.enc) && read(w[3], lock.sealed);
}

bool read_line(std::string_view line, KeyFile& file) {
    auto const words = words_of(line);
    if (words.empty()) return false;
    if (words[0] == "passphrase") return read_passphrase(words, file);
    if (words[0] == "machine") return read_machine(words, file);
    if (words[0] == "recipient") return read_recipient(words, file);
    return words[0] == "check" && words.size() == 2 && read(words[1], file.check);
}

}  // namespace

std::string head_of(std::span<int const> versions) {
    return std::string(first_line) + std::string(versions_word) + versions_text(versions) + "\n";
}

std::string lock_of(PassphraseLock const& lock) {
    return "passphrase " + std::to_string(lock.cost.passes) + " " +
           std::to_string(lock.cost.memory_bytes) + " " + text_of(lock.salt) + " " +
           text_of(lock.nonce) + " ";
}
std::string lock_of(MachineLock const& lock) {
    return "machine " + crypto::hex_encode(lock.tcb.bytes) + " " + text_of(lock.nonce) + " ";
}
std::string lock_of(RecipientLock const& lock) { return "recipient " + text_of(lock.key) + " "; }

std::string all_but_check(KeyFile const& file) {
    auto out = head_of(file.versions);
    if (auto const& lock = file.passphrase) out += lock_of(*lock) + text_of(lock->sealed) + "\n";
    if (auto const& lock = file.machine) out += lock_of(*lock) + text_of(lock->sealed) + "\n";
    if (auto const& lock = file.recipient)
        out += lock_of(*lock) + text_of(lock->enc) + " " + text_of(lock->sealed) + "\n";
    return out;
}

std::string check_line(KeyFile const& file) { return "check " + text_of(file.check) + "\n"; }

std::optional<KeyFile> read_lines(std::string_view text) {
    if (text.size() > max_key_file || !text.starts_with(first_line)) return std::nullopt;
    text.remove_prefix(first_line.size());
    KeyFile file;
    bool is_first = true;
    while (!text.empty()) {
        auto const end = text.find('\n');
        if (end == text.npos) return std::nullopt;
        auto const line = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (!std::exchange(is_first, false)) {
            if (!read_line(line, file)) return std::nullopt;
            continue;
        }
        if (!line.starts_with(versions_word)) return std::nullopt;
        auto versions = parse_versions(line.substr(versions_word.size()));
        if (!versions) return std::nullopt;
        file.versions = std::move(*versions);
    }
    if (!file.passphrase && !file.machine && !file.recipient) return std::nullopt;
    return file;
}

}  // namespace obscura::custody::detail
