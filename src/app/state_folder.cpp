#include "app/state_folder.hpp"

#include "app/files.hpp"
#include "base/random.hpp"
#include "crypto/hex.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <system_error>
#include <thread>

namespace obscura::app {
namespace {

std::string lock_path(std::string const& state_path) { return state_path + "/lock"; }

/// `lock_holder` takes a shared lock for a moment to see whether there is another: that is no
/// owner.
bool lock_for_us(int fd) {
    for (int tries = 0; tries < 10; ++tries) {
        if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
}

/// A secret's text may have been edited by hand: an ending newline is not part of it.
std::string_view without_newline(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    return text;
}

}  // namespace

StateFolder::StateFolder(std::string const& path)
    : path_(std::filesystem::weakly_canonical(std::filesystem::absolute(path))) {
    make_folder(path_, 0711);
    for (auto const* name : {"/config", "/secrets", "/logs", "/redis"})
        make_folder(path_ + name, 0700);
}

base::Secret StateFolder::secret(std::string const& name, std::size_t bytes) const {
    auto const path = path_ + "/secrets/" + name;
    auto text = read_file(path);
    if (!text) {
        auto raw = base::Secret::zeroed(bytes);
        base::SystemRandom random;
        random.fill(std::as_writable_bytes(raw.mutable_bytes()));
        text = crypto::hex_encode(raw.bytes());
        write_file(path, *text, 0600);
    }
    base::Secret result(without_newline(*text));
    base::cleanse(*text);
    return result;
}

StateLock::~StateLock() {
    if (fd_ >= 0) ::close(fd_);
}

bool StateLock::try_acquire(std::string const& state_path) {
    auto const path = lock_path(state_path);
    // Children do not inherit it: the lock ends with this process.
    int const fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
    if (!lock_for_us(fd)) {
        ::close(fd);
        return false;
    }
    auto const pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) != std::ssize(pid)) {
        ::close(fd);
        throw std::system_error(errno, std::generic_category(), path);
    }
    fd_ = fd;
    return true;
}

pid_t lock_holder(std::string const& state_path) {
    int const fd = ::open(lock_path(state_path).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    pid_t holder = 0;
    if (::flock(fd, LOCK_SH | LOCK_NB) != 0) {
        std::array<char, 16> text{};
        auto const size = ::pread(fd, text.data(), text.size() - 1, 0);
        // Locked but not yet named: it is starting this very moment. There is somebody.
        holder = size > 0 ? static_cast<pid_t>(std::atoi(text.data())) : -1;
    }
    ::close(fd);
    return holder;
}

}  // namespace obscura::app
