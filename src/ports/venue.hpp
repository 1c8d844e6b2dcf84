#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "model/instrument.hpp"
#include "model/trade.hpp"
#include "ports/signer.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace obscura::ports {

struct VenueFill {
    std::string venue_trade_id;
    base::Price price{};
    base::Quantity quantity{};
    base::Decimal fee{};
    std::string fee_asset;
    base::Timestamp executed_at{};
    bool is_foreign = false;  ///< of no order of ours: what closed the position instead of one
};

/// An order as the venue tells it. Of a trigger order it is `open` while it waits; once set off,
/// `venue_order_id` is that of the order it became ("" before), and the fills are that one's.
struct OrderState {
    enum class Status { open, partially_filled, filled, canceled, rejected, expired };
    std::string venue_order_id;
    std::string client_order_id;
    std::string symbol;
    std::optional<model::Side> side;  ///< an acknowledgement does not say
    Status status = Status::open;
    base::Quantity executed_quantity{};
    base::Money executed_quote{};
    /// Those the answer carried. They add up to `executed_quantity`, or must be asked for.
    std::vector<VenueFill> fills;
    [[nodiscard]] bool is_final() const {
        return status != Status::open && status != Status::partially_filled;
    }
};

// What became of an order that was sent. A timeout is not a no.
struct Accepted {
    OrderState order;
};
/// The venue answered that it did not take the order. `code` and `message` are its evidence.
struct Rejected {
    std::string code;
    std::string message;
    /// The same order may be accepted later (no balance is not; a matching-engine overload is).
    bool may_retry = false;
    /// It was outside of its window by the venue's clock, which should be read again.
    bool is_untimely = false;
    /// The account has not what the order would take away: nothing to reduce, no balance.
    bool lacks_holdings = false;
};
/// The venue refused to look at it: over a limit or banned. Nothing was accepted.
struct Throttled {
    enum class Whose { address, account };
    std::chrono::milliseconds retry_after{0};
    Whose whose = Whose::address;  ///< whose limit it is: everybody's here, or one account's
};
/// Nothing left this process.
struct NotSent {
    std::string detail;
};
/// Bytes left, no evidence came back. Ask for the client id.
struct OutcomeUnknown {
    std::string detail;
};
/// citadel made no request of the item. Nothing left.
struct NotSigned {
    base::Error error;
};
using SubmitOutcome =
    std::variant<Accepted, Rejected, Throttled, NotSent, OutcomeUnknown, NotSigned>;

/// The venue knows no such order *now*: proof of absence only after the request expired.
struct OrderAbsent {};
using QueryOutcome = std::variant<OrderState, OrderAbsent, Throttled, OutcomeUnknown>;

/// The venue's own count of the request weight of this address in its present minute.
struct WeightUsed {
    std::int64_t weight = 0;
    base::Instant at{};  ///< when the answer that told it arrived
};

/// A futures position as the venue tells it.
struct VenuePosition {
    std::string symbol;
    model::PositionSide side = model::PositionSide::both;
    base::Quantity quantity{};  ///< signed: a short one is negative, in hedge mode too
    base::Price entry_price{};
    base::Price mark_price{};
    std::optional<base::Price> liquidation_price;
    std::optional<int> leverage;  ///< where the answer says it
    model::MarginMode margin_mode = model::MarginMode::cross;
    base::Money isolated_margin{};
};

/// What of an account is asked for: a contract's position, or of spot a coin.
struct HoldingOf {
    std::string symbol;
    std::string base_asset;
    model::PositionSide position_side = model::PositionSide::both;
};

/// A venue's order entry with requests that citadel signed, or relays. Never retries. Event-loop
/// thread.
class OrderVenue {
public:
    virtual ~OrderVenue() = default;
    [[nodiscard]] virtual Task<SubmitOutcome> submit(VenueRequest request) = 0;
    [[nodiscard]] virtual Task<QueryOutcome> query(VenueRequest request) = 0;
    /// Answers of `ListTrades`, by ascending trade id; what the venue does not say is left empty.
    /// rate_limited with retry_after when it is over a limit of the address.
    [[nodiscard]] virtual Task<base::Result<std::vector<model::Trade>>> list_fills(
        VenueRequest request) = 0;
    /// Opens connections ahead of a fan-out.
    [[nodiscard]] virtual Task<void> warm(model::Environment environment,
                                          std::size_t connections) = 0;
    [[nodiscard]] virtual Task<base::Result<std::vector<model::Instrument>>> instruments(
        model::Environment environment) = 0;
    /// The venue's clock, cut to milliseconds, as it read at some moment of the call. Errors as of
    /// `list_fills`.
    [[nodiscard]] virtual Task<base::Result<base::Timestamp>> server_time(
        model::Environment environment) = 0;
    /// From the last answer that told it, of whatever call.
    [[nodiscard]] virtual std::optional<WeightUsed> weight_used(
        model::Environment environment) const = 0;
    /// The last price of each symbol asked for that the venue knows.
    [[nodiscard]] virtual Task<base::Result<std::vector<std::pair<std::string, base::Price>>>>
    prices(model::Environment environment, std::vector<std::string> symbols) = 0;

    /// What the account holds, signed; of spot what its orders have locked too. Answers of
    /// `ReadPositions` and `ReadAccount`. Errors as of `list_fills`.
    [[nodiscard]] virtual Task<base::Result<base::Quantity>> holding(VenueRequest request,
                                                                     HoldingOf of) = 0;

    // Futures; a venue without them answers not_supported. Errors as of `list_fills`, and
    // invalid_argument with the venue's words where it refuses.

    /// `SetLeverage` and `SetMarginMode`. A venue that says there is nothing to change is content.
    /// Both may be sent again whatever became of them.
    [[nodiscard]] virtual Task<base::Result<void>> configure(VenueRequest request);
    /// Answers of `ReadPositions`; those of nothing may be left out.
    [[nodiscard]] virtual Task<base::Result<std::vector<VenuePosition>>> positions(
        VenueRequest request);
    [[nodiscard]] virtual Task<base::Result<model::PositionMode>> position_mode(
        VenueRequest request);
};

}  // namespace obscura::ports
