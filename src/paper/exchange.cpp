#include "paper/exchange.hpp"

#include "base/log.hpp"

#include <cstdlib>
#include <exception>

namespace obscura::paper {

Exchange::Exchange(Catalogue const& catalogue, ExchangeSettings settings, base::Clock const& clock,
                   base::Random& random)
    : catalogue_(catalogue),
      settings_(std::move(settings)),
      clock_(clock),
      random_(random),
      engine_(catalogue, settings_.engine),
      limits_(settings_.limits),
      futures_limits_(settings_.futures_limits),
      journal_(settings_.state_directory) {
    auto const replayed = journal_.replay([this](Fact const& fact) { engine_.replay(fact); });
    if (journal_.size() > settings_.compact_above_bytes) journal_.rewrite(state().snapshot());
    engine_.resume();
    for (auto const& account : state().accounts()) keys_.add(account.id, account.credential);
    base::log::info("paper.replayed", {{"facts", replayed.facts},
                                       {"cut_bytes", replayed.cut_bytes},
                                       {"accounts", state().accounts().size()},
                                       {"orders", state().order_count()},
                                       {"journal_bytes", journal_.size()}});
}

void Exchange::commit() noexcept {
    try {
        journal_.append(batch_.facts);
    } catch (std::exception const& e) {
        base::log::error("paper.journal_failed", {{"error", e.what()}});
        std::abort();
    }
    if (!listener_) return;
    for (auto const& event : batch_.events) listener_(event);
}

Outcome<Order const*> Exchange::place(AccountId account, NewOrder const& order) {
    return run([&](Batch& batch) { return engine_.place(account, order, now(), batch); });
}

Outcome<Order const*> Exchange::cancel(AccountId account, SymbolId symbol, OrderName const& name,
                                       std::string const& own_id) {
    return run(
        [&](Batch& batch) { return engine_.cancel(account, symbol, name, own_id, now(), batch); });
}

base::Result<AccountId> Exchange::open_account(AccountTerms const& terms) {
    auto credential = make_credential(terms.key_type, random_);
    if (!terms.public_key.empty()) {
        credential.verifier = terms.public_key;
        credential.private_key.clear();
    }
    credential.can_trade = terms.can_trade;
    credential.can_withdraw = terms.can_withdraw;
    auto const opened = run([&](Batch& batch) -> base::Result<AccountId> {
        auto id = engine_.open_account({.label = terms.label,
                                        .maker_fee = terms.maker_fee,
                                        .taker_fee = terms.taker_fee,
                                        .credential = credential,
                                        .time = now()},
                                       batch);
        if (!id) return id;
        for (auto const& [asset, amount] : terms.deposits) {
            auto const given = engine_.deposit(*id, asset, amount, now(), batch);
            if (!given) return std::unexpected(given.error());
        }
        if (terms.futures_deposit.is_positive()) {
            auto const given = engine_.futures().deposit(*id, terms.futures_deposit, now(), batch);
            if (!given) return std::unexpected(given.error());
        }
        return id;
    });
    if (opened) keys_.add(*opened, credential);
    return opened;
}

base::Result<void> Exchange::deposit(AccountId account, AssetId asset, base::Decimal amount) {
    return run([&](Batch& batch) { return engine_.deposit(account, asset, amount, now(), batch); });
}

std::string Exchange::open_listen_key(AccountId account) {
    auto const fresh = random_key(random_);
    return change_futures([&](FuturesEngine& market, base::Timestamp at, Batch& batch) {
        return market.open_listen_key(account, fresh, at, batch);
    });
}

void Exchange::step_prices(std::span<std::pair<SymbolId, base::Price> const> prices) {
    (void)run([&](Batch& batch) {
        for (auto const& [symbol, price] : prices) {
            auto const& market = state().symbol(symbol);
            engine_.step_price(symbol, market.frozen ? market.price : price, now(), batch);
        }
        return true;
    });
}

void Exchange::freeze_price(SymbolId symbol, std::optional<base::Price> price, bool frozen) {
    (void)run([&](Batch& batch) {
        engine_.freeze_price(symbol, price, frozen, now(), batch);
        return true;
    });
}

}  // namespace obscura::paper
