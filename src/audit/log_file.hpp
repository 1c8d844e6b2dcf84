#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace obscura::audit {

/// An append-only file, locked for one process. What was appended is on the disk; what failed to be
/// is appended again by the caller, at the same place: after a failed sync nobody knows what of it
/// is there.
class LogFile {
public:
    /// Makes the file where it is missing, readable by its owner only. Throws std::system_error,
    /// also when another process writes it.
    explicit LogFile(std::string path);
    ~LogFile();
    LogFile(LogFile const&) = delete;
    LogFile& operator=(LogFile const&) = delete;

    [[nodiscard]] std::string const& path() const { return path_; }
    [[nodiscard]] std::int64_t size() const { return size_; }
    /// Takes the end off.
    void shorten(std::int64_t size);
    /// Gives the file another name in the same folder and begins an empty one in its place.
    void set_aside(std::string const& path);
    /// Gives the file that name in the same folder, for good, and begins an empty one in its place.
    /// With an error nothing has changed.
    [[nodiscard]] std::error_code begin_next(std::string const& path);
    /// Returns once `text` is on the disk, or with the reason why it may not be; then nothing of it
    /// counts. no_such_file_or_directory: the file was taken away; io_error: cut by somebody else.
    [[nodiscard]] std::error_code append(std::string_view text);

private:
    void open();

    std::string path_;
    int fd_ = -1;
    std::int64_t size_ = 0;  ///< that is on the disk for certain
    bool is_named_ = true;   ///< the folder with the file's name is on the disk
};

/// Where a file that does not hold is moved: a name beside it that nothing has yet.
[[nodiscard]] std::string path_put_aside(std::string const& path);

}  // namespace obscura::audit
