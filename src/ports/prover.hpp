#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "model/trade.hpp"

#include <string>
#include <vector>

namespace obscura::ports {

using base::Task;

/// A contiguous run of a leader's proof log, oldest first. A prover is never given a chosen subset:
/// the entries go on exactly where the last accepted proof of the log ended.
struct ProofSegment {
    std::string log_id;            ///< leader, venue account and environment
    std::int64_t first_entry = 0;  ///< position of `entries.front()` in the log
    std::vector<model::Trade> entries;
    std::string previous_commitment;  ///< 32 bytes: the state that the last proof ended in
};

/// What goes on chain and into a visitor's browser.
struct Proof {
    std::string bytes;
    std::vector<std::string> public_inputs;  ///< field elements, 0x-prefixed hex
    std::string circuit;                     ///< name and version of the verification key
};

/// Proves the aggregates of a segment (signed PnL, fees, wins, losses, drawdown) without showing an
/// entry, and verifies what it made before it hands it out. Slow: seconds per segment, on a CPU
/// pool or in a child process, never on the event loop.
///
/// This is the port only. Nothing implements it yet; alchemist says so at /health ("proofs":
/// "not_available") rather than pretending.
class Prover {
public:
    virtual ~Prover() = default;
    /// unavailable when the prover process cannot run; invalid_argument when the segment does not
    /// fit the circuit or does not follow `previous_commitment`.
    [[nodiscard]] virtual Task<base::Result<Proof>> prove(ProofSegment segment) = 0;
    [[nodiscard]] virtual Task<base::Result<bool>> verify(Proof proof) = 0;
};

}  // namespace obscura::ports
