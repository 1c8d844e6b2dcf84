#pragma once

#include "citadel/callers.hpp"
#include "citadel/chain_transaction.hpp"
#include "citadel/checkpoint.hpp"
#include "citadel/held_keys.hpp"

#include <map>

namespace obscura::citadel {

/// Signs statements: citadel makes the bytes of the statement's typed fields, so that whoever asks
/// cannot have a text, a digest or a statement of another kind signed. Event-loop thread.
class HeldKeySigner {
public:
    /// The keys that one batch has opened: each once, and wiped at its end.
    using Opened = std::map<std::pair<ports::KeyPurpose, std::string>, OpenedKey>;

    /// The others must outlive this.
    HeldKeySigner(HeldKeys& keys, ChainRules rules, base::Clock const& clock);

    /// forbidden "purpose_not_allowed"; invalid_argument "chain_not_configured", or with fields, or
    /// as `HeldKeys::open` and `CheckpointCadence::admit` have it.
    [[nodiscard]] base::Result<ports::StatementSignature> sign(Caller const& caller,
                                                               ports::StatementItem const& item,
                                                               Opened& opened);

private:
    using Signed = base::Result<ports::StatementSignature>;
    [[nodiscard]] base::Result<OpenedKey const*> open(ports::StatementItem const& item,
                                                      Opened& opened);
    [[nodiscard]] Signed sign_receipt(ports::StatementItem const& item, Opened& opened);
    [[nodiscard]] Signed sign_checkpoint(ports::StatementItem const& item, Opened& opened);
    [[nodiscard]] Signed sign_access_token(ports::StatementItem const& item, Opened& opened);
    [[nodiscard]] Signed sign_transaction(ports::StatementItem const& item, Opened& opened);

    HeldKeys& keys_;
    ChainRules rules_;
    base::Clock const& clock_;
    CheckpointCadence cadence_;
};

}  // namespace obscura::citadel
