#include "paper/journal/journal.hpp"

#include "paper/journal/codec.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace obscura::paper {
namespace {

[[noreturn]] void raise(std::string const& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

int open_or_throw(std::filesystem::path const& path, int flags) {
    constexpr mode_t owner_only = 0600;
    int const file = ::open(path.c_str(), flags | O_CLOEXEC, owner_only);
    if (file < 0) raise("cannot open " + path.string());
    return file;
}

/// Reads up to `capacity` more bytes onto `buffer`; false at the end of the file.
bool read_more(int file, std::string& buffer, std::size_t capacity) {
    auto const old = buffer.size();
    buffer.resize(old + capacity);
    ssize_t got = 0;
    do {
        got = ::read(file, buffer.data() + old, capacity);
    } while (got < 0 && errno == EINTR);
    if (got < 0) raise("cannot read the journal");
    buffer.resize(old + static_cast<std::size_t>(got));
    return got > 0;
}

}  // namespace

Journal::Journal(std::filesystem::path directory)
    : directory_(std::move(directory)), path_(directory_ / "journal") {
    std::filesystem::create_directories(directory_);
    lock_ = open_or_throw(directory_ / "lock", O_RDWR | O_CREAT);
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        int const error = errno;
        ::close(lock_);
        throw std::system_error(error, std::generic_category(),
                                directory_.string() + " is in use by another process");
    }
    file_ = open_or_throw(path_, O_RDWR | O_CREAT | O_APPEND);
}

Journal::~Journal() {
    if (file_ >= 0) ::close(file_);
    if (lock_ >= 0) ::close(lock_);
}

Journal::Replayed Journal::replay(std::function<void(Fact const&)> const& sink) {
    constexpr std::size_t chunk = 1 << 20;
    Replayed result;
    std::string buffer;
    std::uint64_t good = 0;  // bytes of whole lines so far
    auto const file_size = std::filesystem::file_size(path_);
    bool more = true;
    while (more) {
        more = read_more(file_, buffer, chunk);
        std::size_t begin = 0;
        for (auto end = buffer.find('\n'); end != std::string::npos;
             end = buffer.find('\n', begin)) {
            auto const facts = parse_line(std::string_view(buffer).substr(begin, end - begin));
            if (!facts && good + (end + 1 - begin) == file_size) break;  // the last line: torn
            if (!facts) {
                throw std::runtime_error(path_.string() + " is damaged at byte " +
                                         std::to_string(good) + ": " + facts.error());
            }
            for (auto const& fact : *facts) sink(fact);
            result.facts += facts->size();
            good += end + 1 - begin;
            begin = end + 1;
        }
        buffer.erase(0, begin);
    }
    // A line without its end, or a broken last one, was being written when the process died; it was
    // never answered.
    result.cut_bytes = buffer.size();
    if (result.cut_bytes > 0 && ::ftruncate(file_, static_cast<off_t>(good)) != 0) {
        raise("cannot cut the journal's torn end");
    }
    size_ = good;
    return result;
}

void Journal::append(std::span<Fact const> facts) {
    if (facts.empty()) return;
    line_.clear();
    append_line(line_, facts);
    write_all(file_, line_);
    size_ += line_.size();
}

void Journal::rewrite(std::span<Fact const> facts) {
    constexpr std::size_t facts_a_line = 256;
    auto const fresh_path = directory_ / "journal.new";
    int const fresh = open_or_throw(fresh_path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND);
    std::uint64_t written = 0;
    for (std::size_t i = 0; i < facts.size(); i += facts_a_line) {
        line_.clear();
        append_line(line_, facts.subspan(i, std::min(facts_a_line, facts.size() - i)));
        write_all(fresh, line_);
        written += line_.size();
    }
    if (::fsync(fresh) != 0) raise("cannot sync " + fresh_path.string());
    std::filesystem::rename(fresh_path, path_);
    ::close(file_);
    file_ = fresh;
    size_ = written;
}

void Journal::write_all(int file, std::string_view text) const {
    while (!text.empty()) {
        auto const put = ::write(file, text.data(), text.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) raise("cannot write " + path_.string());
        text.remove_prefix(static_cast<std::size_t>(put));
    }
}

}  // namespace obscura::paper
