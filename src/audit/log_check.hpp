#pragma once

#include "audit/chain.hpp"

#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <vector>

namespace obscura::audit {

enum class Fault {
    edited,           ///< an entry is not the one that was linked, or is none
    deleted,          ///< it is nowhere in the log
    reordered,        ///< it is in the log, at another place or twice
    wrong_signature,  ///< a head is not signed by the log's key: entries up to it were made anew
    unsigned_run,     ///< more entries without a head than the log lets pass: heads were taken out
    truncated,        ///< the log ends before a head that is known
    rewritten,        ///< the log has another entry where the known head has its own
    another_log,      ///< the known head is of another log, or the key of another writer
};
[[nodiscard]] std::string_view to_string(Fault fault);

struct Finding {
    Fault fault;
    std::int64_t sequence = 0;  ///< the first place where the log does not hold
    std::string detail;
};

/// What is known from elsewhere. Without a key the log's own is taken, which holds against whoever
/// cannot write the log anew from its beginning; without a head a log that was cut at its end, or
/// set back to an earlier copy, cannot be told from a whole one.
struct Known {
    std::optional<std::array<std::uint8_t, 32>> key;
    std::optional<SignedHead> head;
    struct Place {
        std::int64_t sequence = 0;
        crypto::Digest link{};
    };
    std::optional<Place> place;
    /// Of this log and of others, in any order, as a witness kept them. What is not signed by the
    /// key that it names (the one given, where one is) proves nothing and is left out.
    std::vector<SignedHead> heads;
    /// The last entry of the files that were moved away: the first one here follows it.
    std::optional<Place> after;
    /// A file alone, whatever was before it: its first entry's signature says where it goes on.
    bool may_begin_anywhere = false;
};

struct Report {
    std::optional<Finding> finding;
    base::Uuid log{};
    std::array<std::uint8_t, 32> key{};
    std::int64_t first = 1;    ///< the first entry's sequence
    std::int64_t entries = 0;  ///< the last one's sequence that holds
    std::int64_t heads = 0;
    std::int64_t unsigned_entries = 0;  ///< after the last head: the chain alone holds them
    /// Those that had no head yet when the writer started again and signed what it found: a crash
    /// leaves such, and so may whoever can write the file.
    std::int64_t adopted_entries = 0;
    crypto::Digest link{};  ///< of the last entry that holds
    std::optional<SignedHead> last_head;
    std::int64_t heads_kept = 0;     ///< of those kept elsewhere, that are of this log
    std::int64_t heads_ignored = 0;  ///< that are another log's, or nobody's
    std::size_t torn_bytes = 0;      ///< of a last line without an end, as a crash leaves it
};

/// Told each entry that holds, in order.
using EntryReader = std::function<void(base::Json const& entry)>;

/// Takes a log line by line. Its memory does not grow with the log.
class LogCheck {
public:
    explicit LogCheck(Known known, EntryReader reader = {});
    /// A line without its newline. Goes on after a fault, to tell what was moved from what is gone.
    void take(std::string_view line);
    /// `torn_bytes`: what was left after the last newline.
    [[nodiscard]] Report finish(std::size_t torn_bytes);

private:
    void take_entry(std::string_view line);
    /// The first entry of a log; of a file that goes on with one, of which nothing is known yet.
    [[nodiscard]] std::optional<Finding> open(base::Json const& entry);
    [[nodiscard]] std::optional<Finding> begin_within(base::Json const& entry);
    [[nodiscard]] std::optional<Finding> take_names(base::Json const& entry);
    [[nodiscard]] std::optional<Finding> take_continuation(base::Json const& entry);
    [[nodiscard]] std::optional<Finding> take_head(base::Json const& entry);
    [[nodiscard]] std::optional<Finding> compare_with_known();
    /// `unsigned_before`: entries before this one that no head had signed.
    void count_adopted(base::Json const& entry, std::int64_t unsigned_before);
    /// Leaves the heads of this log, in their order.
    [[nodiscard]] std::optional<Finding> choose_heads();
    void fault(Fault fault, std::int64_t sequence, std::string detail);

    Known known_;
    EntryReader reader_;
    Report report_;
    std::int64_t head_entries_ = 0;
    std::int64_t continued_over_ = 0;  ///< entries that the continuation just read has signed
    std::size_t next_head_ = 0;        ///< of those kept elsewhere
    bool heads_are_chosen_ = false;
    bool missing_is_sought_ = false;
    std::optional<crypto::Digest> claimed_;  ///< the link at fault, for the next line
};

/// The whole of a stream. What `reader` was told counts only where nothing is found.
[[nodiscard]] Report check_log(std::istream& in, Known known, EntryReader reader = {});
/// The files of a log, the oldest first. Throws std::system_error for one that cannot be read.
[[nodiscard]] Report check_files(std::vector<std::string> const& paths, Known known);

}  // namespace obscura::audit
