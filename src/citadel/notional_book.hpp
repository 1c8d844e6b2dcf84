#pragma once

#include "audit/journal.hpp"
#include "citadel/call_log.hpp"
#include "citadel/keyring.hpp"
#include "citadel/notional_ledger.hpp"

#include <memory>
#include <string>

namespace obscura::citadel {

/// The ledger of a day with the file that keeps it over a restart (ADR 25): `<folder>/<day>.log`, a
/// chained log whose rows are sealed under the master key, each for its day and its number. Where
/// today's file does not hold, or has fewer rows than the audit log has marked, nobody knows what
/// was signed: until the next day nothing is that a day's limit speaks of. Event-loop thread.
class NotionalBook {
public:
    /// What an order waits for; 0: for nothing.
    using Ticket = std::uint64_t;
    struct Options {
        std::string folder;    ///< made where it is missing; empty: in memory alone
        std::string lost_day;  ///< "2026-11-29": that day goes on with what is known of it
        std::string key_file;  ///< the audit log's key, which signs here too
        std::int64_t max_rows = 1'000'000;  ///< of a day
    };
    /// All must outlive this.
    NotionalBook(Options options, CallLog& call_log, Keyring& keyring, base::Clock const& clock,
                 base::Random& random);
    /// Ends the file, also where somebody who waits for it holds it still.
    ~NotionalBook();
    NotionalBook(NotionalBook const&) = delete;
    NotionalBook& operator=(NotionalBook const&) = delete;

    /// As the ledger's, and invalid_argument "limit_day_unknown"; unavailable
    /// "limit_ledger_unavailable" while the disk refuses. The order may leave once the ticket is
    /// durable.
    [[nodiscard]] base::Result<Ticket> admit(std::string const& account,
                                             ports::CredentialLimits const& limits,
                                             base::Money notional);
    [[nodiscard]] bool is_durable(Ticket ticket) const;
    /// Ends when it is; "limit_ledger_unavailable" when it is not in time.
    [[nodiscard]] base::Task<base::Result<void>> until_durable(Ticket ticket);
    /// Why today's sums are not known; "" where they are.
    [[nodiscard]] std::string const& unknown() const { return unknown_; }

private:
    /// Of a file that is read.
    struct Found {
        std::int64_t rows = 0;
        std::string unknown;
    };
    [[nodiscard]] base::Result<void> begin(std::int64_t today);
    void open_file();
    void read_row(base::Json const& entry, Found& found);
    [[nodiscard]] std::string judge(Found const& found, std::string const& put_aside) const;
    void accept_lost_day();
    Ticket write_row(base::Json const& row);
    void mark();
    void forget_old_files() const;
    [[nodiscard]] std::string context_of_row(std::int64_t row) const;

    Options options_;
    CallLog& call_log_;
    Keyring& keyring_;
    base::Clock const& clock_;
    base::Random& random_;
    NotionalLedger ledger_{{}};
    std::optional<crypto::Ed25519PrivateKey> key_;
    std::string day_;  ///< "2026-11-29"; "" before the first
    std::string unknown_;
    std::shared_ptr<audit::Journal> file_;
    std::int64_t rows_ = 0;  ///< of the file
    Ticket last_ = 0;
    Ticket before_file_ = 0;  ///< tickets of earlier days' files, all durable
    Ticket marked_ = 0;
};

}  // namespace obscura::citadel
