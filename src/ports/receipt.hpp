#pragma once

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace obscura::ports {

/// What became of an execution, as its owner may show it to anybody.
struct Receipt {
    model::ReceiptId id{};
    model::TenantId tenant{};
    model::CopyId copy{};
    model::SubscriptionId subscription{};
    base::Json body;
    base::Timestamp created_at{};
    struct Signature {
        std::string key_id;
        std::string bytes;  ///< 64, of Ed25519
    };
    std::optional<Signature> signature;  ///< not yet: a moment after the outcome was recorded
};

/// The document that is signed (`model::receipt_text`), and downloaded with its signature beside
/// it: both are made here, so that they are the same to the byte.
[[nodiscard]] base::Json receipt_document(Receipt const& receipt);

/// Receipts that wait for their signature. Throws as the other stores do.
class ReceiptSignatures {
public:
    struct Signed {
        Receipt receipt;  ///< as it was read: one that was changed meanwhile is signed again
        Receipt::Signature signature;
    };
    virtual ~ReceiptSignatures() = default;
    /// In the order of their ids, without those in `except`.
    [[nodiscard]] virtual base::Task<std::vector<Receipt>> unsigned_receipts(
        std::vector<model::ReceiptId> except, std::size_t limit) = 0;
    [[nodiscard]] virtual base::Task<void> store(std::vector<Signed> receipts) = 0;
};

}  // namespace obscura::ports
