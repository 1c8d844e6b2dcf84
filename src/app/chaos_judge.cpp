#include "app/chaos_judge.hpp"

#include <algorithm>
#include <map>

namespace obscura::app {
namespace {

using Kind = ChaosFinding::Kind;
using store::AuditRecord;

class Judge {
public:
    Judge(VenueLedger const& ledger, AuditRecord const& record, ChaosDeeds const& deeds)
        : ledger_(ledger), record_(record), deeds_(deeds) {
        for (auto const& leg : record.legs) legs_[{leg.account, leg.client_order_id}] = &leg;
        for (auto const& order : ledger.orders)
            if (is_follower(order.account))
                orders_[{order.account, order.client_order_id}].push_back(&order);
    }

    ChaosVerdict run() {
        check_sources();
        check_cancelled();
        check_signals();
        check_copies();
        check_orders();
        check_sequences();
        check_legs();
        check_positions();
        return std::move(verdict_);
    }

private:
    using OrderKey = std::pair<std::string, std::string>;  ///< account, client order id

    void find(Kind kind, std::string detail) {
        verdict_.findings.push_back({kind, std::move(detail)});
    }
    [[nodiscard]] bool is_follower(std::string const& account) const {
        return std::ranges::find(deeds_.followers, account) != deeds_.followers.end();
    }

    /// Every fill of the leader is one signal of each pool; every 202 is one of the tenant's.
    void check_sources() {
        std::map<std::pair<model::PoolId, std::string>, int> trades;
        std::map<std::string, int> references;
        for (auto const& signal : record_.signals) {
            if (auto const trade = trade_of_source(signal.source_id); !trade.empty())
                ++trades[{signal.pool, trade}];
            else if (signal.source_id.starts_with("x:") && signal.pool == deeds_.partner)
                ++references[signal.source_id.substr(2)];
            else
                find(Kind::stray, "signal " + signal.id.to_string() + " of " + signal.source_id);
        }
        for (auto const& order : ledger_.orders) {
            auto const leader = deeds_.leaders.find(order.account);
            if (leader == deeds_.leaders.end()) continue;
            for (auto const& trade : order.trade_ids)
                for (auto const& pool : leader->second)
                    expect_once(trades, {pool, trade},
                                "the leader's fill " + trade + " in pool " + pool.to_string());
        }
        for (auto const& reference : deeds_.accepted)
            expect_once(references, reference, "the tenant's signal " + reference);
        for (auto const& [key, count] : trades)
            find(Kind::stray, "a signal of trade " + key.second + " that the ledger does not have");
        for (auto const& [reference, count] : references)
            if (!deeds_.sent.contains(reference))
                find(Kind::stray, "a signal " + reference + " that nobody sent");
    }

    /// What the owner of a cancelled order was told of it is final.
    void check_cancelled() {
        for (auto const& order : ledger_.orders) {
            auto const it = deeds_.cancelled.find(order.client_order_id);
            if (it == deeds_.cancelled.end() || it->second.executed == order.executed) continue;
            find(Kind::mismatch, "order " + order.client_order_id + " had executed " +
                                     it->second.executed.to_string() + " when it ended, and now " +
                                     order.executed.to_string());
        }
    }

    template <class Key>
    void expect_once(std::map<Key, int>& seen, Key const& key, std::string const& what) {
        auto const it = seen.find(key);
        if (it == seen.end()) return find(Kind::lost, what + " became no signal");
        if (it->second > 1) find(Kind::doubled, what + " became several signals");
        seen.erase(it);
    }

    /// Each active subscription of the pool answered each signal once.
    void check_signals() {
        std::map<std::pair<model::SignalId, model::SubscriptionId>, int> answers;
        for (auto const& copy : record_.copies) ++answers[{copy.signal, copy.subscription}];
        for (auto const& signal : record_.signals) {
            if (!signal.is_over())
                find(Kind::unresolved, "signal " + signal.id.to_string() + " is " + signal.status);
            for (auto const& subscription : record_.subscriptions) {
                if (subscription.pool != signal.pool) continue;
                auto const count = answers[{signal.id, subscription.id}];
                auto const what = signal.id.to_string() + " on " + subscription.account;
                if (count == 0) find(Kind::lost, "no copy of " + what);
                if (count > 1) find(Kind::doubled, "several copies of " + what);
            }
        }
    }

    void check_copies() {
        for (auto const& copy : record_.copies) {
            ++verdict_.copies;
            auto const what = "copy " + copy.id.to_string() + " is " + copy.status;
            if (copy.status == "waiting" || copy.status == "open")
                find(Kind::unresolved, what);
            else if (copy.status != "filled" && copy.reason.empty())
                find(Kind::mismatch, what + " without a reason");
            if (copy.status == "refused") ++verdict_.refusals;
            if (!copy.reason.empty())
                ++verdict_.reasons[copy.status + ": " + copy.reason.substr(0, 100)];
        }
    }

    /// No order twice, none that no leg asked for.
    void check_orders() {
        for (auto const& [key, orders] : orders_) {
            auto const count = std::ssize(orders);
            verdict_.orders += count;
            auto const what = key.second + " of " + key.first;
            if (count > 1)
                find(Kind::doubled, what + " was placed " + std::to_string(count) + " times");
            if (!legs_.contains(key)) find(Kind::stray, "order " + what + " belongs to no leg");
        }
    }

    /// One leg a copy, or one after another while they continue: a close, its rest, the other side
    /// of a flip.
    void check_sequences() {
        std::map<model::CopyId, std::map<int, AuditRecord::Leg const*>> copies;
        for (auto const& leg : record_.legs)
            if (!copies[leg.copy].emplace(leg.seq, &leg).second)
                find(Kind::doubled, "copy " + leg.copy.to_string() + " has two legs of one number");
        for (auto const& [copy, legs] : copies) {
            AuditRecord::Leg const* before = nullptr;
            for (auto const& [seq, leg] : legs) {
                if (before != nullptr && (!before->continues || !before->reduce_only))
                    find(Kind::doubled, "copy " + copy.to_string() + " went on after its last leg");
                before = leg;
            }
            bool const leaves_rest = before->reduce_only && before->state == "filled" &&
                                     !before->continues && before->executed < before->quantity;
            if (leaves_rest)
                find(Kind::lost, "the rest of " + before->client_order_id + " of " +
                                     before->account + " was never closed");
        }
    }

    void check_legs() {
        for (auto const& leg : record_.legs) {
            base::Quantity executed{};
            if (auto const it = orders_.find({leg.account, leg.client_order_id});
                it != orders_.end())
                for (auto const* order : it->second) executed += order->executed;
            auto const what = "leg " + leg.client_order_id + " of " + leg.account + " is " +
                              leg.state + ", the ledger executed " + executed.to_string();
            if (leg.state == "filled" && (!executed.is_positive() || leg.executed != executed))
                find(Kind::mismatch, what + ", the record " + leg.executed.to_string());
            else if (leg.state == "filled" && leg.filled != leg.executed)
                find(Kind::mismatch, what + ", its fills " + leg.filled.to_string());
            else if (leg.state == "rejected" && executed.is_positive())
                find(Kind::mismatch, what);
        }
    }

    /// What an account holds is what its subscriptions hold, to the last digit; of contracts
    /// nothing when their leader holds nothing.
    void check_positions() {
        using model::Market;
        std::map<std::pair<std::string, Market>, base::Quantity> held;
        for (auto const& position : record_.positions)
            if (position.symbol ==
                (position.market == Market::spot ? deeds_.symbol : deeds_.contract))
                held[{position.account, position.market}] += position.quantity;
        bool const is_out = ledger_.position(deeds_.contracts_leader, deeds_.contract).is_zero();
        for (auto const& follower : deeds_.followers) {
            auto const contracts = ledger_.position(follower, deeds_.contract);
            compare(follower, deeds_.asset, ledger_.balance(follower, deeds_.asset),
                    held[{follower, Market::spot}]);
            compare(follower, "contracts", contracts, held[{follower, Market::futures}]);
            if (is_out && !contracts.is_zero())
                find(Kind::lost, follower + " still holds " + contracts.to_string() +
                                     " contracts, the leader is out");
        }
    }
    void compare(std::string const& follower, std::string const& what, base::Quantity theirs,
                 base::Quantity ours) {
        if (theirs != ours)
            find(Kind::mismatch, follower + " holds " + theirs.to_string() + " " + what +
                                     ", on record " + ours.to_string());
    }

    VenueLedger const& ledger_;
    AuditRecord const& record_;
    ChaosDeeds const& deeds_;
    std::map<OrderKey, AuditRecord::Leg const*> legs_;
    std::map<OrderKey, std::vector<LedgerOrder const*>> orders_;
    ChaosVerdict verdict_;
};

}  // namespace

std::string_view to_string(ChaosFinding::Kind kind) {
    switch (kind) {
        case Kind::lost:
            return "lost";
        case Kind::doubled:
            return "doubled";
        case Kind::unresolved:
            return "unresolved";
        case Kind::stray:
            return "stray";
        case Kind::mismatch:
            return "mismatch";
        case Kind::trouble:
            return "trouble";
    }
    return "?";
}

std::int64_t ChaosVerdict::count(ChaosFinding::Kind kind) const {
    return std::ranges::count(findings, kind, &ChaosFinding::kind);
}

ChaosVerdict judge_chaos(VenueLedger const& ledger, AuditRecord const& record,
                         ChaosDeeds const& deeds) {
    return Judge(ledger, record, deeds).run();
}

std::string trade_of_source(std::string const& source_id) {
    if (!source_id.starts_with("t:")) return {};
    return source_id.substr(source_id.rfind(':') + 1);
}

}  // namespace obscura::app
