#include "citadel/audit_key.hpp"

#include "audit/log_file.hpp"
#include "base/log.hpp"
#include "crypto/hex.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

namespace obscura::citadel {
namespace {

constexpr std::string_view context = "obscura/citadel/audit-key/v1";

/// A key that is not on the disk before its first signature would be another one after a crash.
void write_key(std::string const& path, std::string const& sealed) {
    auto const temporary = path + ".new";
    ::unlink(temporary.c_str());
    int const fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    auto const size = static_cast<ssize_t>(sealed.size());
    bool const is_written =
        fd >= 0 && ::write(fd, sealed.data(), sealed.size()) == size && ::fsync(fd) == 0;
    int const error = errno;
    if (fd >= 0) ::close(fd);
    if (!is_written) throw std::system_error(error, std::generic_category(), temporary);
    std::filesystem::rename(temporary, path);
}

crypto::Ed25519PrivateKey make_key(std::string const& path, Keyring& keyring,
                                   base::Random& random) {
    auto key = crypto::Ed25519PrivateKey::generate(random);
    auto digits = crypto::hex_encode(key.seed().bytes());
    write_key(path, keyring.encrypt(digits, context));
    base::cleanse(digits);
    return key;
}

/// Whoever can spoil a file must not be able to stop exits: the log of that key is put aside too.
void put_aside(std::string const& path) {
    auto const other = audit::path_put_aside(path);
    base::log::error("audit.key_put_aside", {{"key", other}});
    std::filesystem::rename(path, other);
}

std::optional<crypto::Ed25519PrivateKey> opened(std::string const& path, Keyring& keyring) {
    std::ifstream in(path, std::ios::binary);
    std::string const sealed(std::istreambuf_iterator<char>(in), {});
    auto const digits = keyring.decrypt(sealed, context);
    auto seed = base::Secret::zeroed(32);
    if (!digits || !crypto::hex_decode_into(digits->reveal(), seed.mutable_bytes()))
        return std::nullopt;
    auto key = crypto::Ed25519PrivateKey::from_seed(seed.bytes());
    if (!key) return std::nullopt;
    auto const renewed = keyring.rewrap(sealed, context);
    if (renewed && *renewed != sealed) write_key(path, *renewed);
    return std::move(*key);
}

}  // namespace

crypto::Ed25519PrivateKey load_audit_key(std::string const& path, Keyring& keyring,
                                         base::Random& random) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    if (std::filesystem::exists(path)) {
        if (auto key = opened(path, keyring)) return std::move(*key);
        put_aside(path);
    }
    return make_key(path, keyring, random);
}

bool audit_key_opens(std::string const& path, Keyring& keyring) {
    if (!std::filesystem::exists(path)) return true;
    std::ifstream in(path, std::ios::binary);
    std::string const sealed(std::istreambuf_iterator<char>(in), {});
    return keyring.decrypt(sealed, context).has_value();
}

}  // namespace obscura::citadel
