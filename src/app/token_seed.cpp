#include "app/token_seed.hpp"

#include "app/files.hpp"
#include "base/secret.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hex.hpp"
#include "model/access_token.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace obscura::app {
namespace {

namespace fs = std::filesystem;

std::string seed_file(StateFolder const& state) { return state.file("secrets/gateway-jwt-seed"); }
/// When it was wiped, in Unix milliseconds, a blank, and its public key.
std::string note_file(StateFolder const& state) { return state.file("previous-token-key"); }

/// In its own place, before its name goes: a new file would leave the old one's bytes behind. What
/// a journal or a flash disk keeps of it is beyond this.
void wipe_file(std::string const& path) {
    auto const size = fs::file_size(path);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file << std::string(size, '0') << std::flush;
    file.close();
    fs::remove(path);
}

void wipe_seed(StateFolder const& state, base::Timestamp now) {
    auto text = read_file(seed_file(state));
    if (!text) return;
    auto seed = base::Secret::zeroed(32);
    bool const is_seed =
        crypto::hex_decode_into(std::string_view(*text).substr(0, 64), seed.mutable_bytes());
    base::cleanse(*text);
    if (is_seed) {
        auto const key = crypto::Ed25519PrivateKey::from_seed(seed.bytes()).value();
        write_file(note_file(state),
                   std::to_string(base::to_unix_ms(now)) + " " +
                       crypto::hex_encode(key.public_key().bytes()),
                   0600);
    }
    wipe_file(seed_file(state));
}

}  // namespace

std::optional<std::string> key_of_plain_token_seed(StateFolder const& state, base::Timestamp now) {
    wipe_seed(state, now);
    auto const note = read_file(note_file(state));
    if (!note) return std::nullopt;
    std::int64_t wiped_at = 0;
    std::string key;
    std::istringstream(*note) >> wiped_at >> key;
    if (now - base::from_unix_ms(wiped_at) <= model::AccessToken::longest_life) return key;
    fs::remove(note_file(state));
    return std::nullopt;
}

}  // namespace obscura::app
