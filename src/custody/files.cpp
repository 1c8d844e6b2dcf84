#include "custody/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <system_error>

namespace obscura::custody {
namespace {

struct Descriptor {
    int fd = -1;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

std::unexpected<base::Error> unusable(std::string reason, std::string detail) {
    return base::fail(base::Errc::invalid_argument, std::move(reason), std::move(detail));
}

std::string last_error() { return std::generic_category().message(errno); }

/// All there is, up to `limit`; nothing when there is more or the system refuses.
std::optional<base::Secret> read_all(int fd, std::size_t limit) {
    auto buffer = base::Secret::zeroed(limit + 1);
    std::size_t size = 0;
    while (size <= limit) {
        auto const place = buffer.mutable_bytes().subspan(size);
        auto const got = ::read(fd, place.data(), place.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) return base::Secret(buffer.bytes().first(size));
        size += static_cast<std::size_t>(got);
    }
    return std::nullopt;
}

/// The number in "fd:3"; -1 for any other text.
int descriptor_in(std::string_view where) {
    constexpr std::string_view prefix = "fd:";
    if (!where.starts_with(prefix)) return -1;
    int fd = -1;
    auto const* const end = where.data() + where.size();
    auto const [stop, error] = std::from_chars(where.data() + prefix.size(), end, fd);
    return error == std::errc{} && stop == end && fd >= 0 ? fd : -1;
}

base::Result<void> check_private(int fd, std::string const& path) {
    struct stat found{};
    if (::fstat(fd, &found) != 0 || !S_ISREG(found.st_mode))
        return unusable("passphrase_file", path + ": must be a file");
    if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return unusable("passphrase_file",
                        path +
                            ": others than its owner may use it; chmod 600 it, and take another "
                            "passphrase where others could have read this one");
    if (found.st_uid != ::geteuid() && found.st_uid != 0)
        return unusable("passphrase_file", path + ": belongs to somebody else");
    return {};
}

}  // namespace

base::Result<base::Secret> read_passphrase(std::string const& where) {
    auto const given = descriptor_in(where);
    Descriptor const in{given >= 0 ? given : ::open(where.c_str(), O_RDONLY | O_CLOEXEC)};
    if (in.fd < 0) return unusable("passphrase_file", where + ": " + last_error());
    if (given < 0) {
        auto const checked = check_private(in.fd, where);
        if (!checked) return std::unexpected(checked.error());
    }
    auto const text = read_all(in.fd, max_passphrase);
    if (!text) return unusable("passphrase_file", where + ": cannot be read, or is too long");
    auto line = text->bytes();
    if (!line.empty() && line.back() == '\n') line = line.first(line.size() - 1);
    if (line.empty()) return unusable("passphrase_file", where + ": is empty");
    return base::Secret(line);
}

base::Result<KeyFile> load_key_file(std::string const& path) {
    Descriptor const in{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (in.fd < 0) return unusable("key_file_missing", path + ": " + last_error());
    auto const text = read_all(in.fd, max_key_file);
    if (!text) return unusable("key_file", path + ": cannot be read, or is no key file");
    auto file = parse_key_file(text->reveal());
    if (!file) file.error().detail = path + ": " + file.error().detail;
    return file;
}

}  // namespace obscura::custody
