#pragma once

#include "base/clock.hpp"
#include "base/decode.hpp"
#include "crypto/eip712.hpp"

#include <chrono>
#include <map>

namespace obscura::citadel {

/// How far a proof log had come at a time, and what it held: what the notary vouches for on chain.
struct Checkpoint {
    crypto::Digest log_id{};
    std::uint64_t count = 0;            ///< entries so far
    crypto::Digest log_commitment{};    ///< to the entries, salted
    crypto::Digest marks_commitment{};  ///< to the prices that open positions were valued at
    std::uint64_t time_s = 0;           ///< Unix
    crypto::Digest previous{};          ///< struct hash of the log's last one; zeros for the first

    /// hashStruct of EIP-712: what the next one names as `previous`.
    [[nodiscard]] crypto::Digest hash() const;
    [[nodiscard]] base::Timestamp time() const;
};

/// The domain that checkpoints are signed in: a signature for one chain and registry is none for
/// another.
[[nodiscard]] crypto::Eip712Domain checkpoint_domain(std::uint64_t chain_id,
                                                     crypto::EthereumAddress registry);

/// The members of a checkpoint out of an object that may have more.
[[nodiscard]] Checkpoint read_checkpoint(base::ObjectReader& in);

/// That checkpoints come at a fixed cadence and never contradict each other, as far as this process
/// remembers: a restart forgets, and then the registry on chain is what finds a contradiction.
class CheckpointCadence {
public:
    struct Limits {
        std::chrono::seconds interval = std::chrono::hours(1);
        std::chrono::seconds clock_error{5};
        std::size_t max_logs = 100'000;
    };
    explicit CheckpointCadence(Limits limits) : limits_(limits) {}

    /// Whether it may be signed; what may be is remembered. The same one again may always.
    /// invalid_argument "checkpoint_time" (not about now), "checkpoint_conflict" (another one with
    /// this log and count was signed), "checkpoint_backwards" (fewer entries than before),
    /// "checkpoint_too_soon" (one per interval); unavailable "notary_busy".
    [[nodiscard]] base::Result<void> admit(Checkpoint const& checkpoint, base::Timestamp now);

private:
    struct Last {
        std::uint64_t count = 0;
        std::uint64_t slot = 0;
        crypto::Digest hash{};
    };
    [[nodiscard]] std::uint64_t slot_of(std::uint64_t time_s) const;

    Limits limits_;
    std::map<crypto::Digest, Last> last_;
};

}  // namespace obscura::citadel
