#include "audit/log_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace obscura::audit {
namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

[[noreturn]] void refuse(std::string const& path) { throw std::system_error(last_error(), path); }

/// A new name is on the disk once its folder is.
std::error_code sync_folder_of(std::string const& path) {
    auto const folder = std::filesystem::path(path).parent_path().string();
    int const fd =
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return last_error();
    auto const error = ::fsync(fd) == 0 ? std::error_code() : last_error();
    ::close(fd);
    return error;
}

}  // namespace

LogFile::LogFile(std::string path) : path_(std::move(path)) { open(); }

LogFile::~LogFile() {
    if (fd_ >= 0) ::close(fd_);
}

void LogFile::open() {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd_ < 0) refuse(path_);
    struct stat found{};
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0 || ::fstat(fd_, &found) != 0) {
        auto const error = last_error();
        ::close(std::exchange(fd_, -1));
        throw std::system_error(error, path_ + ": another process writes it, or it is no file");
    }
    size_ = found.st_size;
    if (auto const error = sync_folder_of(path_); error) throw std::system_error(error, path_);
}

void LogFile::shorten(std::int64_t size) {
    if (::ftruncate(fd_, size) != 0 || ::fdatasync(fd_) != 0) refuse(path_);
    size_ = size;
}

void LogFile::set_aside(std::string const& path) {
    if (::rename(path_.c_str(), path.c_str()) != 0) refuse(path_);
    ::close(std::exchange(fd_, -1));
    open();
}

std::error_code LogFile::begin_next(std::string const& path) {
    auto const next = path_ + ".next";
    int const fd = ::open(next.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return last_error();
    // A crash between the two names leaves none, and the next start makes an empty one.
    bool const is_next = ::flock(fd, LOCK_EX | LOCK_NB) == 0 &&
                         ::rename(path_.c_str(), path.c_str()) == 0 &&
                         (::rename(next.c_str(), path_.c_str()) == 0 ||
                          (::rename(path.c_str(), path_.c_str()), false));
    if (!is_next) {
        auto const error = last_error();
        ::close(fd);
        ::unlink(next.c_str());
        return error;
    }
    ::close(std::exchange(fd_, fd));
    size_ = 0;
    is_named_ = false;
    return {};
}

std::error_code LogFile::append(std::string_view text) {
    struct stat found{};
    if (::fstat(fd_, &found) != 0) return last_error();
    if (found.st_nlink == 0) return std::make_error_code(std::errc::no_such_file_or_directory);
    if (found.st_size < size_) return std::make_error_code(std::errc::io_error);
    // Longer than it should be is what an earlier try has left of the same text.
    if (found.st_size > size_ && ::ftruncate(fd_, size_) != 0) return last_error();
    auto place = size_;
    while (!text.empty()) {
        auto const wrote = ::pwrite(fd_, text.data(), text.size(), place);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) return last_error();
        text.remove_prefix(static_cast<std::size_t>(wrote));
        place += wrote;
    }
    if (::fdatasync(fd_) != 0) return last_error();
    if (!is_named_) {
        if (auto const error = sync_folder_of(path_); error) return error;
        is_named_ = true;
    }
    size_ = place;
    return {};
}

std::string path_put_aside(std::string const& path) {
    for (int i = 1;; ++i) {
        auto other = path + ".broken-" + std::to_string(i);
        if (!std::filesystem::exists(other)) return other;
    }
}

}  // namespace obscura::audit
