#include "app/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace fs = std::filesystem;

namespace obscura::app {
namespace {

[[noreturn]] void refuse(std::string const& path) {
    throw std::system_error(errno, std::generic_category(), path);
}

/// Closes on every way out.
struct Descriptor {
    int fd = -1;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

}  // namespace

std::optional<std::string> read_file(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        if (errno == ENOENT) return std::nullopt;
        refuse(path);
    }
    return std::string(std::istreambuf_iterator<char>(in), {});
}

std::optional<std::string> read_file(std::string const& path, std::size_t max) {
    Descriptor const in{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (in.fd < 0 && errno == ENOENT) return std::nullopt;
    if (in.fd < 0) refuse(path);
    std::string out;
    std::array<char, 16 * 1024> piece{};
    while (true) {
        auto const got = ::read(in.fd, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) refuse(path);
        if (got == 0) return out;
        out.append(piece.data(), static_cast<std::size_t>(got));
        if (out.size() <= max) continue;
        errno = EFBIG;
        refuse(path);
    }
}

void write_file(std::string const& path, std::string_view text, unsigned mode) {
    auto const temporary = path + ".new";
    ::unlink(temporary.c_str());
    {
        Descriptor const out{
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)};
        if (out.fd < 0 || ::fchmod(out.fd, mode) != 0) refuse(temporary);
        while (!text.empty()) {
            auto const wrote = ::write(out.fd, text.data(), text.size());
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote <= 0) refuse(temporary);
            text.remove_prefix(static_cast<std::size_t>(wrote));
        }
        // A secret that is lost after it was used would lock its data away for good.
        if (::fsync(out.fd) != 0) refuse(temporary);
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) refuse(path);
}

void make_folder(std::string const& path, unsigned mode) {
    fs::create_directories(path);
    if (::chmod(path.c_str(), mode) != 0) refuse(path);
}

void rotate_file(std::string const& path, std::size_t limit) {
    std::error_code none;
    auto const size = fs::file_size(path, none);
    if (none || size <= limit) return;
    for (int n = 3; n > 1; --n)
        fs::rename(path + "." + std::to_string(n - 1), path + "." + std::to_string(n), none);
    fs::rename(path, path + ".1", none);
}

std::string last_lines(std::string const& path, std::size_t count) {
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) return {};
    auto const end = static_cast<std::streamoff>(in.tellg());
    in.seekg(std::max<std::streamoff>(0, end - 16'384));
    std::string text(std::istreambuf_iterator<char>(in), {});
    while (!text.empty() && text.back() == '\n') text.pop_back();
    auto start = text.size();
    for (std::size_t lines = 0; lines < count && start != 0 && start != text.npos; ++lines)
        start = text.rfind('\n', start - 1);
    if (start != text.npos && start != 0) text.erase(0, start + 1);
    return text;
}

std::string executable_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

}  // namespace obscura::app
