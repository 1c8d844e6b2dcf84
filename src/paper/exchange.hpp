#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "paper/engine/engine.hpp"
#include "paper/engine/rate_limits.hpp"
#include "paper/journal/journal.hpp"
#include "paper/protocol/keys.hpp"

#include <filesystem>
#include <functional>
#include <span>
#include <utility>

namespace obscura::paper {

struct ExchangeSettings {
    EngineSettings engine;
    RateLimitSettings limits;
    RateLimitSettings futures_limits{.weight_per_minute = 2400,
                                     .orders_per_10s = 300,
                                     .orders_per_day = UINT64_MAX,
                                     .orders_per_minute = 1200};
    std::filesystem::path state_directory;
    std::uint64_t compact_above_bytes =
        64 << 20;  ///< journals larger than this are rewritten at start
};

/// The engine with its record, its keys and its listeners. What a command decided is in the journal
/// before its caller sees it; if that fails the process ends, because its memory is ahead of its
/// record. Event-loop thread only.
class Exchange {
public:
    using Listener = std::function<void(Event const&)>;

    /// Replays the journal. Throws std::runtime_error or std::system_error when that is impossible.
    Exchange(Catalogue const& catalogue, ExchangeSettings settings, base::Clock const& clock,
             base::Random& random);

    void set_listener(Listener listener) { listener_ = std::move(listener); }

    [[nodiscard]] Engine const& engine() const { return engine_; }
    [[nodiscard]] State const& state() const { return engine_.state(); }
    [[nodiscard]] Catalogue const& catalogue() const { return catalogue_; }
    [[nodiscard]] KeyRing const& keys() const { return keys_; }
    [[nodiscard]] RateLimits& limits(Market market = Market::spot) {
        return market == Market::spot ? limits_ : futures_limits_;
    }
    [[nodiscard]] ExchangeSettings const& settings() const { return settings_; }
    [[nodiscard]] base::Timestamp now() const { return clock_.now(); }

    [[nodiscard]] Outcome<Order const*> place(AccountId account, NewOrder const& order);
    [[nodiscard]] Outcome<Order const*> cancel(AccountId account, SymbolId symbol,
                                               OrderName const& name, std::string const& own_id);
    struct AccountTerms {
        std::string label;
        KeyType key_type = KeyType::hmac;
        std::string public_key;  ///< PEM, Ed25519: the client's own; "" = the venue makes a pair
        base::Decimal maker_fee{};
        base::Decimal taker_fee{};
        bool can_trade = true;
        bool can_withdraw = false;
        std::vector<std::pair<AssetId, base::Decimal>> deposits;
        base::Decimal futures_deposit{};
    };
    [[nodiscard]] base::Result<AccountId> open_account(AccountTerms const& terms);
    [[nodiscard]] base::Result<void> deposit(AccountId account, AssetId asset,
                                             base::Decimal amount);
    /// A command on the futures market: `command(FuturesEngine&, base::Timestamp now, Batch&)`.
    template <class Command>
    auto change_futures(Command const& command) {
        return run([&](Batch& batch) { return command(engine_.futures(), now(), batch); });
    }
    /// The account's listen key of the futures market; a fresh one when it has none.
    [[nodiscard]] std::string open_listen_key(AccountId account);
    /// One tick of the market: a frozen symbol ticks at its frozen price.
    void step_prices(std::span<std::pair<SymbolId, base::Price> const> prices);
    void freeze_price(SymbolId symbol, std::optional<base::Price> price, bool frozen);

private:
    /// Runs a command, records and publishes what it did.
    template <class Command>
    auto run(Command const& command) {
        batch_.clear();
        // However the command ends, what it recorded is in force and belongs in the journal.
        struct Commit {
            Exchange& exchange;
            ~Commit() { exchange.commit(); }
        } const at_end{*this};
        return command(batch_);
    }
    void commit() noexcept;

    Catalogue const& catalogue_;
    ExchangeSettings settings_;
    base::Clock const& clock_;
    base::Random& random_;
    Engine engine_;
    RateLimits limits_;
    RateLimits futures_limits_;
    Journal journal_;
    KeyRing keys_;
    Listener listener_;
    Batch batch_;  ///< reused
};

}  // namespace obscura::paper
