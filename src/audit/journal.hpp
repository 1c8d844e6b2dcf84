#pragma once

#include "audit/chain.hpp"
#include "audit/log_check.hpp"
#include "audit/log_file.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace obscura::audit {

struct JournalConfig {
    std::string folder;               ///< made where it is missing
    std::string name = "audit.log";   ///< of the log in it
    std::int64_t head_entries = 256;  ///< at most so many entries without a head
    std::chrono::milliseconds head_interval{1'000};
    /// From one group of entries to the next. Neither a lone entry waits, nor one that somebody
    /// waits for.
    std::chrono::milliseconds flush_interval{20};
    std::size_t exits_only_bytes = 4 << 20;  ///< waiting for the disk: Standing::failing
    std::size_t full_bytes = 32 << 20;       ///< the same: Standing::full
    std::chrono::milliseconds stalled_after{3'000};
    /// From there on a next file is begun; 0: never.
    std::int64_t file_bytes = 0;
    bool is_daily = false;  ///< also with the first entry of a new day of UTC
};

/// The finished files of a log in a folder and the one that is written, oldest first: of the log
/// that the latter is of.
[[nodiscard]] std::vector<std::string> files_of_log(std::string const& folder,
                                                    std::string const& name = "audit.log");

enum class Standing {
    good,
    failing,  ///< the disk refuses or takes no more: entries wait in memory
    full,     ///< and no more may
};

/// Writes a log in groups on a thread of its own: `append` never waits for the disk. A group is one
/// write and one sync, however many entries came while the last was on its way. What cannot be
/// written waits and is tried again until it can be. One thread may call; `standing` and `durable`
/// any.
class Journal {
public:
    using Ticket = std::uint64_t;

    /// Goes on with the log in the folder: a torn last line is cut off and noted. A log that does
    /// not hold, or is of another key, is put aside under another name, and a new one says so in
    /// its opening. Throws std::system_error where the folder cannot be written. `reader` is told
    /// what the log has already, before this returns; of one that is put aside a part.
    Journal(JournalConfig config, crypto::Ed25519PrivateKey key, base::Clock const& clock,
            base::Random& random, EntryReader reader = {});
    ~Journal();
    Journal(Journal const&) = delete;
    Journal& operator=(Journal const&) = delete;

    /// `fields` is an object without `sequence`; it is never large.
    Ticket append(base::Json fields);
    /// What each later file tells at its beginning, so that a start needs to read no more than one.
    void carry(base::Json fields);
    /// Everything up to the ticket is on the disk.
    [[nodiscard]] bool is_durable(Ticket ticket) const;
    /// Calls back once, when the ticket is on the disk or the disk has refused: from the journal's
    /// thread, or at once.
    void when_settled(Ticket ticket, std::function<void()> settled);
    [[nodiscard]] Standing standing() const;
    /// Writes what waits, with a head behind it, unless the disk refuses; the last call but `head`.
    void end();
    /// Returns when everything is on the disk, or the disk has refused.
    void flush();
    /// The newest on the disk.
    [[nodiscard]] SignedHead head() const;
    /// Why an earlier log was put aside, "" where none was.
    [[nodiscard]] std::string const& put_aside() const { return put_aside_; }

private:
    using Steady = std::chrono::steady_clock;
    struct End {  ///< of the chain
        std::int64_t sequence = 0;
        crypto::Digest link = chain_start();
        std::int64_t unsigned_entries = 0;
    };

    /// What the opening, or the first entry after a start, tells.
    [[nodiscard]] base::Json recover(base::Random& random, EntryReader const& reader);
    /// Reads a file of the log, whatever was before it. False where it does not hold.
    [[nodiscard]] bool read_file(std::string const& path, EntryReader const& reader,
                                 Report& report);
    /// Of a finished file where there is no other: a crash came between two.
    [[nodiscard]] bool goes_on_from_finished(EntryReader const& reader);
    void run();
    void link_entry(std::string_view fields);
    void add_head();
    void add_continuation();
    [[nodiscard]] bool is_head_due() const;
    [[nodiscard]] bool is_file_full() const;
    void begin_file();
    void write_group(std::unique_lock<std::mutex>& lock);
    /// Tells those whose entries are on the disk, or all of them after a refusal.
    void tell_settled(std::unique_lock<std::mutex>& lock);

    JournalConfig config_;
    crypto::Ed25519PrivateKey key_;
    base::Clock const& clock_;
    LogFile file_;
    base::Uuid log_{};
    std::string put_aside_;

    // Of the thread alone, once it runs:
    End end_;
    std::string group_;  ///< linked, on its way to the disk
    Ticket group_ticket_ = 0;
    SignedHead group_head_;
    Steady::time_point last_head_{};
    std::int64_t file_first_ = 1;  ///< the sequence that its file begins with
    std::int64_t file_day_ = 0;    ///< of UTC, of its first entry
    Steady::time_point next_try_{};

    mutable std::mutex mutex_;
    std::condition_variable wake_, hurry_, settled_;
    std::vector<std::string> waiting_;  ///< entries without their sequence
    std::size_t waiting_bytes_ = 0;     ///< with the group's
    Steady::time_point waiting_since_{};
    Ticket appended_ = 0, durable_ = 0;
    SignedHead head_;
    struct Awaited {
        Ticket ticket = 0;
        std::function<void()> settled;
    };
    std::vector<Awaited> awaited_;
    base::Json carried_ = base::Json::object();
    bool is_refused_ = false, is_stopping_ = false;
    std::thread thread_;
};

}  // namespace obscura::audit
