#pragma once

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "conductor/account.hpp"
#include "conductor/agenda.hpp"
#include "conductor/config.hpp"
#include "conductor/market_book.hpp"
#include "conductor/request_source.hpp"
#include "model/venue_clock.hpp"
#include "net/runtime.hpp"
#include "ports/copy_store.hpp"
#include "ports/signer.hpp"
#include "ports/venue.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace obscura::conductor {

/// Takes armed legs to their end: reserves venue budget, has them signed, sends them at once, finds
/// out what became of them, and records it. All policy is `model::next_step`; this class only
/// carries its steps out. Event-loop thread.
class OrderDesk {
public:
    struct Ports {
        ports::CopyStore& copies;
        ports::Signer& signer;
        MarketBook::Venues venues;
        std::function<void()> on_recorded = [] {};
    };
    /// `on_released` gets signals whose waiting copies may be planned now; `on_fenced` is called
    /// when another conductor has taken over.
    OrderDesk(boost::asio::any_io_executor executor, EngineConfig const& config, Ports ports,
              base::Clock const& clock, base::Metrics& metrics,
              std::function<void(std::vector<model::Signal>)> on_released,
              std::function<void()> on_fenced);

    void start(net::Scope& scope, ports::Epoch epoch);
    /// Legs committed under this epoch that nobody has sent.
    void send(std::vector<ports::ArmedLeg> legs);
    /// Further legs of a signal are being planned: outcomes are not recorded in between. Counted.
    void expect_more() { ++expected_; }
    void expect_no_more() { --expected_; }
    /// Nothing is signed, sent or armed from now on: another conductor acts.
    void halt() { halted_ = true; }
    /// Legs of an epoch before: each may have reached its venue.
    void resolve(std::vector<ports::ArmedLeg> legs);
    /// `send_not_after` for a leg that is committed now: by its venue's clock, or the epoch when
    /// that is not known, and then the leg is armed again before it is sent.
    [[nodiscard]] base::Timestamp window_of(model::Leg const& leg);
    /// What is known of how an account keeps its positions. Not asked: nobody has, the answer is
    /// not there yet, or there was none and it is worth another try.
    [[nodiscard]] AccountMode mode_of(model::ConnectionId connection) const;
    /// Begins to ask accounts for it, as far as the venue's budget goes.
    [[nodiscard]] base::Task<void> read_modes(std::vector<FuturesAccount> accounts);
    [[nodiscard]] std::size_t tracked() const { return legs_.size(); }
    [[nodiscard]] bool has_room() const { return legs_.size() < config_.max_legs_tracked; }

private:
    struct Tracked {
        ports::ArmedLeg armed;
        std::string venue_order_id;
        base::Quantity executed_quantity{};
        base::Money executed_quote{};
        std::vector<ports::VenueFill> fills;
        std::size_t recorded_fills = 0;
        std::string refusal;  ///< of an exit, while its account's holdings are looked at
        std::optional<base::Quantity> looked;  ///< what they were the last time
        std::optional<ports::Gone> gone;
        std::optional<std::int64_t> fills_from;  ///< trade id of the next page; the newest fills
        int next_attempt = 0;                    ///< of the rearm that is due
        base::Instant since{};                   ///< this attempt is here
        std::optional<base::Instant> give_up;  ///< `Leg::give_up_at` by the clock that never jumps
        std::optional<base::Timestamp> signed_at, sent_at, accepted_at;
    };
    using PlaceKey = std::pair<VenueMarket, model::Environment>;
    /// What a venue grants us and what time it is there.
    struct Place {
        model::RateBudget budget;
        model::VenueClock clock;
        bool is_being_read = false;
    };
    /// A futures account, as far as this process has asked and told it.
    struct Account {
        std::optional<model::PositionMode> mode;
        bool is_being_asked = false;
        base::Instant asked{};                 ///< for it, last
        std::map<std::string, int> leverages;  ///< by symbol: isolated, and set to it
    };
    using Batch = std::vector<model::LegId>;

    // Loops
    base::Task<void> send_loop();
    base::Task<void> agenda_loop();
    base::Task<void> clock_loop();
    base::Task<void> record_loop();
    base::Task<void> gather_records();
    base::Task<bool> record_batch(std::vector<ports::LegRecord> records);
    base::Task<std::vector<ports::LegRecord>> record_one_by_one(
        std::vector<ports::LegRecord> records);
    void keep(std::vector<ports::LegRecord> records);
    // One batch of orders: budget, signatures, bytes
    base::Task<void> send_batch(Batch batch);
    base::Task<void> submit(model::LegId id, ports::VenueRequest request);
    /// Sets what an open trades under; then it is sent.
    base::Task<void> prepare(model::LegId id);
    /// Why the leg cannot go out; nullopt once its account is as it must be.
    base::Task<std::optional<model::LegEvent>> set_up(model::LegId id);
    base::Task<std::optional<model::LegEvent>> configure(model::LegId id,
                                                         model::VenueOperation operation);
    base::Task<void> read_mode(FuturesAccount account, ports::VenueRequest request);
    base::Task<void> query(model::LegId id);
    base::Task<model::LegEvent> ask(model::LegId id);
    /// What the account of an exit that was refused holds.
    base::Task<void> look(model::LegId id);
    base::Task<model::LegEvent> look_at(model::LegId id);
    base::Task<base::Result<base::Quantity>> read_holding(model::LegId id);
    base::Task<void> rearm(Batch batch);
    /// True when the fills known add up to what the venue says was executed. Reads a few pages at
    /// most and goes on from there the next time.
    base::Task<bool> complete_fills(model::LegId id);
    /// The next page of fills. False when there is none after it, or it could not be had.
    base::Task<bool> read_fills(model::LegId id);
    using Trades = base::Result<std::vector<model::Trade>>;
    base::Task<Trades> list_fills(model::LegId id);
    base::Task<Trades> list_trades(model::LegId id, model::ListTrades operation);

    [[nodiscard]] Batch take_ready(std::size_t limit);
    [[nodiscard]] Batch reserve(Batch const& batch);
    [[nodiscard]] Tracked tracked(ports::ArmedLeg armed) const;
    [[nodiscard]] bool can_sign(model::Leg const& leg);
    [[nodiscard]] bool is_prepared(model::Leg const& leg) const;
    [[nodiscard]] ports::SignItem sign_item(Tracked const& leg, model::VenueOperation operation,
                                            std::optional<base::Timestamp> not_after);
    [[nodiscard]] model::LegEvent event_of(model::LegId id, ports::SubmitOutcome outcome);
    /// `otherwise` is what it is when the order is not the leg's.
    base::Task<model::LegEvent> event_of_order(model::LegId id, ports::OrderState order,
                                               model::LegEvent::Kind otherwise);
    void apply(model::LegId id, model::LegEvent const& event);
    void record(Tracked& leg, std::string evidence);
    [[nodiscard]] std::vector<ports::LegRecord> take_records();
    [[nodiscard]] Tracked* find(model::LegId id);
    // A venue's limits and clock
    [[nodiscard]] Place& place(PlaceKey const& key);
    [[nodiscard]] static PlaceKey key_of(model::Leg const& leg) {
        return {{leg.venue, leg.market}, leg.environment};
    }
    [[nodiscard]] Place& place_of(model::Leg const& leg) { return place(key_of(leg)); }
    /// Asks the venue for its time. False when it was not asked or told none.
    base::Task<bool> read_clock(PlaceKey key);
    [[nodiscard]] model::LegTime time_of(Tracked const& tracked);
    [[nodiscard]] std::chrono::milliseconds reserve(PlaceKey const& key, std::string const& account,
                                                    std::int64_t weight, std::int64_t orders,
                                                    model::BudgetUse use);
    [[nodiscard]] std::chrono::milliseconds reserve(model::Leg const& leg, std::int64_t weight,
                                                    std::int64_t orders, model::BudgetUse use);
    void pause(model::Leg const& leg, ports::Throttled const& throttled);
    [[nodiscard]] static model::LegEvent not_signed(base::Error const& error);
    /// Throws std::runtime_error for a venue that is not configured (any more).
    [[nodiscard]] ports::OrderVenue& venue_of(model::Leg const& leg) const;
    void fenced(std::string const& detail);

    boost::asio::any_io_executor executor_;
    EngineConfig const& config_;
    Ports ports_;
    RequestSource requests_;
    base::Clock const& clock_;
    std::function<void(std::vector<model::Signal>)> on_released_;
    std::function<void()> on_fenced_;
    net::Scope* scope_ = nullptr;
    ports::Epoch epoch_ = 0;
    bool halted_ = false;

    std::unordered_map<model::LegId, Tracked> legs_;
    std::deque<model::LegId> ready_exits_;
    std::deque<model::LegId> ready_opens_;
    Agenda agenda_;
    std::unordered_map<model::LegId, ports::LegRecord> to_record_;
    int expected_ = 0;              ///< signals that are not planned whole
    base::Instant record_since_{};  ///< when the first of them came
    std::map<PlaceKey, Place> places_;
    std::map<model::ConnectionId, Account> accounts_;
    std::size_t in_flight_ = 0;
    std::size_t queries_in_flight_ = 0;
    net::Event ready_event_;
    net::Event agenda_event_;
    net::Event record_event_;
    net::Event clock_event_;

    base::Histogram& sign_seconds_;
    base::Histogram& submit_seconds_;
    base::Histogram& record_seconds_;
    base::Counter& unknown_;
    base::Counter& rearmed_;
};

}  // namespace obscura::conductor
