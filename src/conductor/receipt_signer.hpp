#pragma once

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "net/runtime.hpp"
#include "ports/held_key_store.hpp"
#include "ports/receipt.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <set>

namespace obscura::conductor {

/// Has receipts signed, behind the orders: a receipt is recorded first and signed when it is there.
/// Its place is the record itself, so that a start goes on where the last one ended. Which
/// conductor does it does not matter: Ed25519 signs the same receipt the same way. Event-loop
/// thread.
class ReceiptSigner {
public:
    struct Ports {
        ports::ReceiptSignatures& receipts;
        ports::HeldKeyStore& keys;
        ports::StatementSigner& signer;
    };
    struct Limits {
        std::size_t batch = 50;  ///< some ms of citadel, which signs orders between them
        std::chrono::milliseconds look = std::chrono::seconds(30);     ///< when nobody wakes it
        std::chrono::milliseconds patience = std::chrono::seconds(2);  ///< after a failure
        std::size_t max_refused = 1'000;  ///< beyond them everything is tried again
    };
    /// All must outlive this.
    ReceiptSigner(boost::asio::any_io_executor executor, Ports ports, Limits limits,
                  base::Metrics& metrics);

    void start();
    [[nodiscard]] base::Task<void> stop();
    /// Receipts may have been recorded.
    void wake() { event_.notify(); }

private:
    enum class Round { idle, more, failed };
    base::Task<void> run();
    base::Task<Round> sign_some();
    base::Task<base::Result<ports::HeldKey>> key();
    base::Task<Round> sign(ports::HeldKey key, std::vector<ports::Receipt> receipts);
    void refuse(model::ReceiptId id, base::Error const& error);

    Ports ports_;
    Limits limits_;
    net::Scope scope_;
    net::Event event_;
    /// Those that citadel does not sign hold up no others. Told, and tried again after a start.
    std::set<model::ReceiptId> refused_;
    base::Counter& signed_total_;
    base::Counter& refused_total_;
};

}  // namespace obscura::conductor
