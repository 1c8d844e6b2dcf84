#pragma once

#include "audit/journal.hpp"
#include "citadel/callers.hpp"
#include "citadel/keyring.hpp"
#include "model/ids.hpp"
#include "ports/signer.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace obscura::citadel {

/// What is told of one call: who, what, for whom, how it ended. Ids, names and counts; nothing of
/// what was sealed, opened or signed.
class CallNote {
public:
    /// Whose credentials a context is of. A context of another form names nobody, and is not told:
    /// callers write what they like in it.
    void about(std::string_view context);
    void about(model::TenantId tenant, model::ConnectionId connection);
    void did(std::string_view kind, std::int64_t count = 1) { done_[std::string(kind)] += count; }
    void refused(std::string_view reason, std::int64_t count = 1);
    /// A held key that was made or signed with.
    void with_key(std::string_view id);
    [[nodiscard]] base::Json to_json() const;

private:
    std::map<std::string, std::int64_t> done_, refused_;
    std::set<std::string> subjects_;  ///< "tenant/connection", at most `max_subjects`
    std::set<std::string> keys_;      ///< at most `max_subjects`
    std::set<std::string> others_;    ///< beyond them: counted, and hashed together
};
inline constexpr std::size_t max_subjects = 32;

/// What the audit log lets happen while its disk refuses (ADR 16): all of it; only what looks or
/// lessens risk at a venue; nothing.
enum class Admission { all, exits, nothing };

/// How much of a day's sums (`NotionalBook`) was on the disk: their file cannot be cut unseen while
/// the log is whole.
struct DayMark {
    std::string day;  ///< "2026-11-29"
    std::int64_t rows = 0;
};

/// Every call of citadel's in its audit log. Without a folder (tests) it keeps nothing. Event-loop
/// thread.
class CallLog {
public:
    CallLog(audit::JournalConfig config, Keyring& keyring, base::Clock const& clock,
            base::Random& random);
    ~CallLog();

    [[nodiscard]] Admission admission() const;
    /// "audit_unavailable", for what is not admitted.
    [[nodiscard]] static base::Error unavailable();
    void add(std::string_view caller, std::string_view operation, CallNote const& note);
    /// Refused before anything was looked at. Nobody's calls are counted by the second, so that the
    /// log does not grow as fast as anybody can send.
    void add_refused(std::string_view caller, std::string_view operation, std::string_view reason);
    /// Refused for their number: counted by the second as well.
    void add_limited(std::string_view caller, std::string_view operation, std::string_view reason);
    /// Writes what is still counted, once its second is over.
    void settle();
    /// Ends when what was added is on the disk; the error when it is not in time.
    [[nodiscard]] base::Task<base::Result<void>> until_durable();
    void mark(DayMark mark);
    /// The newest; nullopt where there is none.
    [[nodiscard]] std::optional<DayMark> const& mark() const { return mark_; }
    /// Whether the log is the one from before the start: it was there, and it held.
    [[nodiscard]] bool goes_on() const;
    /// nullopt without a log.
    [[nodiscard]] std::optional<audit::SignedHead> head() const;

private:
    void write(std::string_view caller, std::string_view operation, CallNote const& note,
               base::Timestamp at);
    void write_counted();
    void count(std::string_view caller, std::string_view operation, std::string_view reason);

    void read(base::Json const& entry);
    void carry();

    base::Clock const& clock_;
    std::optional<DayMark> mark_;
    bool has_entries_ = false;  ///< from before the start
    std::shared_ptr<audit::Journal> journal_;
    audit::Journal::Ticket last_ = 0;
    std::map<std::pair<std::string, std::string>, CallNote> counted_;  ///< by caller, operation
    base::Timestamp counted_since_{};
};

/// Whether an operation can only lessen what an account has at risk, or only looks.
[[nodiscard]] bool is_exit(ports::SignItem const& item);

}  // namespace obscura::citadel
