// The guided flow: what a visitor should see work, judged from the venue's own ledger.
#include "app/tour.hpp"

#include "app/api_client.hpp"
#include "app/demo.hpp"
#include "app/tour_report.hpp"
#include "app/venue_ledger.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "net/runtime.hpp"
#include "store/stage_report.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>

namespace obscura::app {
namespace {

using namespace std::chrono_literals;
using base::Json;
using base::Quantity;

constexpr auto leader_spends = 2'500;  // USDT
constexpr auto patience = 60s;         // tells alive from stuck

class Tour {
public:
    Tour(StackInfo const& stack, boost::asio::any_io_executor executor, TourReport& report)
        : stack_(stack),
          report_(report),
          api_(executor, clock_, {stack.url("gateway"), stack.url("paper")}),
          database_(executor, {.url = stack.engine_database_url, .connections = 1}, metrics_) {}

    net::Task<void> run() {
        co_await step("every service is healthy", [this] { return healthy(); });
        co_await step("demo data is found", [this] { return find_demo(); });
        co_await step("the leader buys on the paper venue", [this] { return leader_buys(); });
        co_await step("every follower holds the position", [this] { return followers_hold(); });
        co_await step("the leader sells", [this] { return leader_sells(); });
        co_await step("every follower is flat", [this] { return followers_flat("leader's sale"); });
        co_await step("a B2B signal by REST buys", [this] { return tenant_buys(); });
        co_await step("every follower holds it, too", [this] { return tenant_followers_hold(); });
        co_await step("a B2B signal by REST sells", [this] { return tenant_sells(); });
        co_await step("every follower is flat again",
                      [this] { return followers_flat("B2B sale"); });
        api_.close();
        database_.close();
    }

private:
    using Work = std::function<net::Task<std::string>()>;

    /// Runs a step; after one that failed the others are skipped.
    net::Task<void> step(std::string name, Work work) {
        if (report_.failed()) co_return;
        auto const started = clock_.steady();
        std::string detail;
        bool ok = false;
        try {
            detail = co_await work();
            ok = true;
        } catch (std::exception const& e) {
            detail = e.what();
        }
        report_.add(std::move(name), ok, clock_.steady() - started, std::move(detail));
    }

    net::Task<std::string> healthy() {
        auto const health = co_await api_.expect("GET", stack_.url("gateway"), "/health", "");
        auto const status = text_of(health, "status");
        if (status != "ok") throw ApiFailure("/health says " + health.dump());
        co_return "status ok";
    }

    net::Task<std::string> find_demo() {
        for (auto const& login : load_logins(stack_.state_dir))
            if (login.name == demo::tenant_key_login) tenant_key_ = login.secret;
        if (tenant_key_.empty()) throw ApiFailure("no demo data: start without --bare");
        auto const pools =
            co_await api_.expect("GET", stack_.url("gateway"), "/v2/pools?limit=100", tenant_key_);
        for (auto const& pool : pools["data"].as_array()) {
            if (text_of(pool, "name") == demo::curated_pool) curated_ = pool_id(pool);
            if (text_of(pool, "name") == demo::partner_pool) partner_ = pool_id(pool);
        }
        auto label = Json::object({{"label", demo::leader_label}});
        auto const leader = co_await api_.expect("POST", stack_.url("paper"), "/admin/accounts", "",
                                                 std::move(label));
        leader_key_ = text_of(leader, "api_key");
        leader_secret_ = text_of(leader, "secret");
        co_await choose_market();
        co_return std::to_string(demo::followers) + " followers, pools \"" + demo::curated_pool +
            "\" and \"" + demo::partner_pool + "\", trading " + symbol_;
    }

    static model::PoolId pool_id(Json const& pool) {
        auto const id = model::PoolId::parse(text_of(pool, "id"));
        if (!id) throw ApiFailure("no pool id in " + pool.dump());
        return *id;
    }

    /// The first market in which nobody holds anything: what visitors have opened is left alone.
    net::Task<void> choose_market() {
        auto const venue = stack_.url("paper");
        auto const info = co_await api_.expect("GET", venue, "/api/v3/exchangeInfo", "");
        auto const ledger = co_await read_ledger(api_, venue, 0);
        for (auto const& market : info["symbols"].as_array()) {
            symbol_ = text_of(market, "symbol");
            asset_ = text_of(market, "baseAsset");
            for (auto const& filter : market["filters"].as_array())
                if (text_of(filter, "filterType") == "LOT_SIZE")
                    step_ = Quantity{filter["stepSize"].to_decimal().value()};
            if (!nobody_holds(ledger)) continue;
            auto const path = "/api/v3/ticker/price?symbol=" + symbol_;
            auto const ticker = co_await api_.expect("GET", venue, path, "");
            auto const price = base::Price{ticker["price"].to_decimal().value()};
            auto const bought =
                quantity_for(base::Money(leader_spends), price, base::Rounding::floor);
            quantity_ = to_step(bought, step_, base::Rounding::floor);
            co_return;
        }
        throw ApiFailure("somebody holds something in every market: start with a new state folder");
    }

    bool nobody_holds(VenueLedger const& ledger) const {
        bool nobody = ledger.balance(demo::leader_label, asset_) < step_;
        for (int i = 0; nobody && i < demo::followers; ++i)
            nobody = is_flat(ledger.balance(demo::follower_label(i), asset_));
        return nobody;
    }

    /// The venue takes its fee out of what is bought, so that less than a lot stays behind: at most
    /// one such rest for each of the follower's two subscriptions.
    bool is_flat(Quantity held) const { return held < step_ + step_; }

    // The leader's side

    net::Task<Json> leader_order(std::string side, std::string quantity) {
        auto const before = co_await read_ledger(api_, stack_.url("paper"), 0);
        ledger_mark_ = before.last_order_id();
        since_ = clock_.now();
        auto const params = "symbol=" + symbol_ + "&side=" + side +
                            "&type=MARKET&newOrderRespType=FULL&quantity=" + quantity;
        auto const answer = co_await api_.signed_call("POST", stack_.url("paper"), "/api/v3/order",
                                                      leader_key_, leader_secret_, params);
        if (answer.status != 200) throw ApiFailure("the venue answered " + answer.body.dump());
        co_return answer.body;
    }

    net::Task<std::string> leader_buys() {
        auto const order = co_await leader_order("BUY", quantity_.to_string());
        co_return co_await copied(curated_, order["fills"].as_array(), "leader buys");
    }

    net::Task<std::string> leader_sells() {
        auto const ledger = co_await read_ledger(api_, stack_.url("paper"), ledger_mark_);
        auto const held =
            to_step(ledger.balance(demo::leader_label, asset_), step_, base::Rounding::floor);
        auto const order = co_await leader_order("SELL", held.to_string());
        co_return co_await copied(curated_, order["fills"].as_array(), "leader sells");
    }

    /// Waits until each of the leader's fills has become a signal that is over.
    net::Task<std::string> copied(model::PoolId pool, Json::Array const& fills, std::string what) {
        price_ = base::Price{fills.at(0)["price"].to_decimal().value()};
        auto const signals = co_await finished_signals(pool, fills.size());
        report_.add_stages(std::move(what), signals);
        co_return std::to_string(fills.size()) + " fill(s) at " + price_.to_string();
    }

    net::Task<std::vector<store::SignalStages>> finished_signals(model::PoolId pool,
                                                                 std::size_t count) {
        auto const deadline = clock_.steady() + patience;
        while (clock_.steady() < deadline) {
            auto signals = co_await store::stages_since(database_, pool, since_);
            bool const over = std::ranges::all_of(signals, &store::SignalStages::is_over);
            if (signals.size() >= count && over) co_return signals;
            co_await net::sleep_for(10ms);
        }
        throw ApiFailure("the signals were not over within a minute");
    }

    // The followers' side

    Quantity expected(int follower, base::Price price) const {
        auto const size =
            base::Money{base::Decimal::from_scaled(demo::follower_investment_usd(follower), 1)};
        return to_step(quantity_for(size, price, base::Rounding::floor), step_,
                       base::Rounding::floor);
    }

    /// Each follower has exactly one order since the mark, of the size that its subscription says.
    net::Task<std::string> hold(base::Price price) {
        auto const ledger = co_await read_ledger(api_, stack_.url("paper"), ledger_mark_);
        if (auto const twice = ledger.doubled(); !twice.empty())
            throw ApiFailure("doubled: " + *twice.begin());
        for (int i = 0; i < demo::followers; ++i) {
            auto const label = demo::follower_label(i);
            std::vector<LedgerOrder> mine;
            std::ranges::copy_if(
                ledger.orders, std::back_inserter(mine),
                [&](LedgerOrder const& o) { return o.account == label && o.symbol == symbol_; });
            if (mine.size() != 1)
                throw ApiFailure(label + " has " + std::to_string(mine.size()) +
                                 " orders, not one");
            if (mine[0].side != "BUY" || mine[0].executed != expected(i, price))
                throw ApiFailure(label + " bought " + mine[0].executed.to_string() + ", not " +
                                 expected(i, price).to_string());
        }
        co_return std::to_string(demo::followers) + " orders on " +
            std::to_string(demo::followers) + " accounts, each of its own size, none doubled";
    }

    net::Task<std::string> followers_hold() { return hold(price_); }

    net::Task<std::string> followers_flat(std::string after) {
        auto const ledger = co_await read_ledger(api_, stack_.url("paper"), ledger_mark_);
        if (auto const twice = ledger.doubled(); !twice.empty())
            throw ApiFailure("doubled: " + *twice.begin());
        for (int i = 0; i < demo::followers; ++i) {
            auto const left = ledger.balance(demo::follower_label(i), asset_);
            if (!is_flat(left))
                throw ApiFailure(demo::follower_label(i) + " still holds " + left.to_string());
        }
        co_return "after the " + after + " no subscription holds a lot of " + asset_;
    }

    // The tenant's side

    net::Task<std::string> signal(std::string side, std::string what) {
        auto const before = co_await read_ledger(api_, stack_.url("paper"), 0);
        ledger_mark_ = before.last_order_id();
        since_ = clock_.now();
        auto const reference = base::make_uuid_v7(clock_.now(), random_).to_string();
        auto body = Json::object({{"symbol", symbol_},
                                  {"side", side},
                                  {"quantity", quantity_},
                                  {"external_trade_id", reference}});
        auto const path = "/v2/pools/" + partner_.to_string() + "/signals";
        auto const accepted =
            co_await api_.expect("POST", stack_.url("gateway"), path, tenant_key_, std::move(body));
        auto const signals = co_await finished_signals(partner_, 1);
        report_.add_stages(std::move(what), signals);
        auto const id = text_of(accepted, "signal_id");
        auto const status =
            co_await api_.expect("GET", stack_.url("gateway"), path + "/" + id, tenant_key_);
        auto const& counts = status["counts"];
        co_return text_of(status, "status") + ", filled " + counts["filled"].digits() + " of " +
            counts["copies"].digits();
    }

    net::Task<std::string> tenant_buys() { return signal("buy", "B2B buys"); }
    net::Task<std::string> tenant_sells() { return signal("sell", "B2B sells"); }

    /// A market signal has no price: sizes follow the venue's last price, so they are compared with
    /// one another instead of with a number.
    net::Task<std::string> tenant_followers_hold() {
        auto const ledger = co_await read_ledger(api_, stack_.url("paper"), ledger_mark_);
        if (auto const twice = ledger.doubled(); !twice.empty())
            throw ApiFailure("doubled: " + *twice.begin());
        Quantity last{};
        for (int i = 0; i < demo::followers; ++i) {
            auto const label = demo::follower_label(i);
            auto const orders = std::ranges::count(ledger.orders, label, &LedgerOrder::account);
            auto const order = std::ranges::find(ledger.orders, label, &LedgerOrder::account);
            if (orders != 1)
                throw ApiFailure(label + " has " + std::to_string(orders) + " orders, not one");
            if (order->executed < last) throw ApiFailure(label + " put in more and bought less");
            last = order->executed;
        }
        co_return std::to_string(demo::followers) +
            " orders, growing with each follower's investment";
    }

    StackInfo const& stack_;
    TourReport& report_;
    base::SystemClock clock_;
    base::SystemRandom random_;
    base::Metrics metrics_;
    ApiClient api_;
    store::PgPool database_;
    std::string tenant_key_, leader_key_, leader_secret_;
    model::PoolId curated_{}, partner_{};
    std::string symbol_, asset_;
    Quantity step_{};      ///< a lot of the market
    Quantity quantity_{};  ///< what the leader buys
    base::Price price_{};
    std::int64_t ledger_mark_ = 0;
    base::Timestamp since_{};
};

}  // namespace

int run_tour(std::vector<std::string> args) {
    std::string state = ".obscura";
    bool json = false;
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (args[i] == "--json")
            json = true;
        else if (args[i] == "--state" && i + 1 < args.size())
            state = args[++i];
        else {
            std::fprintf(stderr, "usage: obscura tour [--state DIR] [--json]\n");
            return 2;
        }
    }
    base::log::start("tour", base::log::Level::warn, base::log::Format::readable);
    TourReport report(!json);
    try {
        auto const stack = load_stack(state);
        boost::asio::io_context io(1);
        Tour tour(stack, io.get_executor(), report);
        boost::asio::co_spawn(io, tour.run(), [&](std::exception_ptr e) {
            io.stop();
            if (e) std::rethrow_exception(e);
        });
        io.run();
    } catch (std::exception const& e) {
        report.add("the tour runs", false, {}, e.what());
    }
    report.finish(json);
    return report.failed() ? 1 : 0;
}

}  // namespace obscura::app
