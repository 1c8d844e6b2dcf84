// Futures accounts: how they keep their positions, and what an open trades under.
#include "conductor/order_desk.hpp"

#include "base/log.hpp"

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;
using model::LegEvent;
using Kind = LegEvent::Kind;

constexpr std::int64_t mode_weight = 5;     // Binance futures: GET accountConfig
constexpr std::int64_t setting_weight = 1;  // POST marginType, POST leverage
constexpr auto asked_in_vain_for = 5s;      // then an account is worth another try

}  // namespace

AccountMode OrderDesk::mode_of(model::ConnectionId connection) const {
    auto const found = accounts_.find(connection);
    if (found == accounts_.end()) return {};
    auto const& account = found->second;
    if (account.mode) return {.is_asked = true, .mode = account.mode};
    bool const is_known = !account.is_being_asked && account.asked != base::Instant{} &&
                          clock_.steady() < account.asked + asked_in_vain_for;
    return {.is_asked = is_known};
}

base::Task<void> OrderDesk::read_modes(std::vector<FuturesAccount> accounts) {
    std::vector<ports::SignItem> items;
    std::vector<FuturesAccount> asked;
    for (auto& account : accounts) {
        if (accounts_[account.connection].is_being_asked) continue;
        PlaceKey const key{{account.venue, model::Market::futures}, account.environment};
        auto const wait =
            reserve(key, account.connection.to_string(), mode_weight, 0, model::BudgetUse::open);
        if (wait > 0ms || halted_) continue;
        Tracked question;
        auto& leg = question.armed.leg;
        leg.venue = account.venue;
        leg.environment = account.environment;
        leg.market = model::Market::futures;
        question.armed.credentials = account.credentials;
        auto item = sign_item(question, model::ReadPositionMode{}, std::nullopt);
        item.id = account.connection.to_string();
        items.push_back(std::move(item));
        asked.push_back(std::move(account));
    }
    if (items.empty()) co_return;
    auto requests = co_await requests_.make(std::move(items));
    if (!requests) co_return;  // citadel is away: nobody was asked
    for (std::size_t i = 0; i < asked.size(); ++i) {
        auto& account = accounts_[asked[i].connection];
        account.asked = clock_.steady();
        if ((*requests)[i]) {
            account.is_being_asked = true;
            scope_->spawn("orders.mode",
                          read_mode(std::move(asked[i]), std::move(*(*requests)[i])));
        } else {
            base::log::warn("orders.mode_unread", {{"connection", asked[i].connection.to_string()},
                                                   {"detail", (*requests)[i].error().detail}});
        }
    }
}

base::Task<void> OrderDesk::read_mode(FuturesAccount account, ports::VenueRequest request) {
    std::string broken;
    std::optional<model::PositionMode> mode;
    try {
        auto* const venue = ports_.venues.at({account.venue, model::Market::futures});
        auto const told = co_await venue->position_mode(std::move(request));
        if (told)
            mode = *told;
        else
            broken = told.error().detail;
    } catch (std::exception const& e) {
        broken = e.what();
    }
    auto& known = accounts_[account.connection];
    known.mode = mode;
    known.asked = clock_.steady();
    known.is_being_asked = false;
    if (!broken.empty())
        base::log::warn("orders.mode_unread",
                        {{"connection", account.connection.to_string()}, {"detail", broken}});
}

/// Exits need nothing: they close under whatever was set.
bool OrderDesk::is_prepared(model::Leg const& leg) const {
    if (leg.market == model::Market::spot || leg.reduce_only) return true;
    auto const account = accounts_.find(leg.connection);
    if (account == accounts_.end()) return false;
    auto const set = account->second.leverages.find(leg.symbol);
    return set != account->second.leverages.end() && set->second == leg.leverage;
}

base::Task<void> OrderDesk::prepare(model::LegId id) {
    std::optional<LegEvent> obstacle;
    try {
        obstacle = co_await set_up(id);
    } catch (std::exception const& e) {
        obstacle = LegEvent{.kind = Kind::not_sent, .retryable = true, .evidence = e.what()};
    }
    --in_flight_;
    if (halted_) co_return;  // the next owner finds it armed
    if (obstacle)
        apply(id, *obstacle);
    else
        ready_opens_.push_front(id);
    ready_event_.notify();
}

base::Task<std::optional<LegEvent>> OrderDesk::set_up(model::LegId id) {
    auto const leg = find(id)->armed.leg;
    accounts_[leg.connection].leverages.erase(leg.symbol);  // until both are set
    auto obstacle = co_await configure(
        id, model::SetMarginMode{.symbol = leg.symbol, .margin_mode = leg.margin_mode});
    if (obstacle) co_return obstacle;
    obstacle =
        co_await configure(id, model::SetLeverage{.symbol = leg.symbol, .leverage = leg.leverage});
    if (!obstacle) accounts_[leg.connection].leverages[leg.symbol] = leg.leverage;
    co_return obstacle;
}

base::Task<std::optional<LegEvent>> OrderDesk::configure(model::LegId id,
                                                         model::VenueOperation operation) {
    auto const& tracked = *find(id);
    auto const& leg = tracked.armed.leg;
    auto const wait = reserve(leg, setting_weight, 0, model::BudgetUse::open);
    if (wait > 0ms || halted_)
        co_return LegEvent{.kind = Kind::not_sent,
                           .retryable = true,
                           .evidence = "no budget",
                           .retry_after = wait};
    auto const what = std::string(kind_of(operation));
    std::vector<ports::SignItem> items;
    items.push_back(sign_item(tracked, std::move(operation), std::nullopt));
    auto requests = co_await requests_.make(std::move(items));
    if (!requests) co_return not_signed(requests.error());
    if (!requests->front()) co_return not_signed(requests->front().error());
    auto const done = co_await venue_of(leg).configure(std::move(*requests->front()));
    if (done) co_return std::nullopt;
    auto const& error = done.error();
    if (error.retry_after) pause(leg, {.retry_after = *error.retry_after});
    bool const is_refused = error.code == base::Errc::invalid_argument ||
                            error.code == base::Errc::unauthenticated ||
                            error.code == base::Errc::forbidden;
    co_return LegEvent{.kind = Kind::not_sent,
                       .retryable = !is_refused,
                       .evidence = what + ": " + error.detail,
                       .retry_after = error.retry_after.value_or(0s)};
}

}  // namespace obscura::conductor
