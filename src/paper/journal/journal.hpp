#pragma once

#include "paper/engine/facts.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace obscura::paper {

/// The append-only file of facts. A batch is in the kernel's hands (write(2)) before `append`
/// returns, so it survives the process being killed; a power failure may take the last seconds.
class Journal {
public:
    /// Opens or creates `directory`/journal, mode 0600 (it holds the accounts' keys), and locks it
    /// against a second process. Throws std::system_error.
    explicit Journal(std::filesystem::path directory);
    ~Journal();
    Journal(Journal const&) = delete;
    Journal& operator=(Journal const&) = delete;

    struct Replayed {
        std::uint64_t facts = 0;
        std::uint64_t cut_bytes = 0;  ///< a torn last line, removed
    };
    /// Feeds every fact to `sink`. A broken line that is not the last is damage, not a crash:
    /// throws std::runtime_error with its position.
    Replayed replay(std::function<void(Fact const&)> const& sink);

    /// Throws std::system_error; the caller's state is then ahead of its record.
    void append(std::span<Fact const> facts);
    /// Replaces the whole content, atomically and synced.
    void rewrite(std::span<Fact const> facts);
    [[nodiscard]] std::uint64_t size() const { return size_; }

private:
    void write_all(int file, std::string_view text) const;

    std::filesystem::path directory_;
    std::filesystem::path path_;
    int lock_ = -1;
    int file_ = -1;
    std::uint64_t size_ = 0;
    std::string line_;  ///< reused
};

}  // namespace obscura::paper
