#include "paper/journal/journal.hpp"
#include "paper/exchange.hpp"
#include "paper/journal/codec.hpp"
#include "paper/ledger.hpp"
#include "unit/paper/market.hpp"
#include "unit/paper/temporary_folder.hpp"

#include <fstream>
#include <iterator>

namespace obscura::paper::test {
namespace {

namespace fs = std::filesystem;

std::string content(fs::path const& folder) {
    std::ifstream in(folder / "journal", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
void write(fs::path const& folder, std::string const& text) {
    std::ofstream(folder / "journal", std::ios::binary) << text;
}

PositionKey const short_of_two{SymbolId(2), PositionSide::short_side};

Order contract() {
    return {.id = OrderId(7),
            .account = AccountId(1),
            .symbol = SymbolId(2),
            .client_id = "c",
            .executed = quantity("1"),
            .fills = {{.trade = TradeId(1), .quantity = quantity("1"), .realised = money("-3.5")}},
            .contract = {.position_side = PositionSide::short_side,
                         .reduce_only = true,
                         .liquidates = true,
                         .leverage = 33}};
}

AlgoOrder algo() {
    return {.id = AlgoId(3),
            .account = AccountId(1),
            .terms = {.symbol = SymbolId(2),
                      .side = Side::sell,
                      .kind = AlgoKind::take_profit_market,
                      .working_type = WorkingType::mark_price,
                      .time_in_force = TimeInForce::ioc,
                      .position_side = PositionSide::long_side,
                      .reduce_only = true,
                      .close_position = true,
                      .price_protect = true,
                      .trigger = price("12.5"),
                      .quantity = quantity("2"),
                      .client_id = "a b"},
            .status = AlgoStatus::finished,
            .order = OrderId(4),
            .reason = "none",
            .created_at = start_time,
            .updated_at = start_time,
            .triggered_at = start_time};
}

/// One of every kind of fact, with awkward texts.
std::vector<Fact> every_fact() {
    Order order{.id = OrderId(7),
                .account = AccountId(1),
                .symbol = SymbolId(2),
                .client_id = "a|b c%\n",
                .side = Side::sell,
                .kind = OrderKind::limit,
                .time_in_force = TimeInForce::fok,
                .price = price("0.00000001"),
                .quantity = quantity("12.5"),
                .quote_quantity = money("3"),
                .accepted_at = start_time,
                .updated_at = start_time};
    Fill const fill{.trade = TradeId(9),
                    .price = price("1.5"),
                    .quantity = quantity("2"),
                    .commission = dec("0.001"),
                    .is_maker = true,
                    .time = start_time};
    auto restored = order;
    restored.fills = {fill, fill};
    restored.executed = quantity("4");
    restored.status = OrderStatus::partially_filled;
    return {AccountOpened{.account = AccountId(1),
                          .label = "",
                          .maker_fee = dec("0.001"),
                          .credential = {.type = KeyType::ed25519,
                                         .api_key = "k",
                                         .verifier = "-----BEGIN\nX|Y\n",
                                         .can_withdraw = true},
                          .time = start_time},
            Deposited{AccountId(1), AssetId(3), dec("-5.25"), start_time},
            OrderAccepted{order},
            OrderFilled{OrderId(7), fill},
            OrderClosed{OrderId(7), OrderStatus::expired, start_time},
            PriceFrozen{SymbolId(2), price("7"), true},
            MarketNoted{SymbolId(2), TradeId(64), price("8")},
            OrderRestored{restored},
            BalanceRestored{AccountId(1), AssetId(0), {dec("1"), dec("2")}},
            TotalsRestored{AssetId(0), {dec("1"), dec("-2"), dec("3")}},
            CountersRestored{OrderId(12), 5},
            FuturesDeposited{AccountId(1), dec("-1.5"), start_time},
            LeverageSet{AccountId(1), SymbolId(2), 75},
            MarginModeSet{AccountId(1), SymbolId(2), MarginMode::isolated},
            PositionModeSet{AccountId(1), true},
            FuturesAccepted{contract()},
            FuturesFilled{OrderId(7), contract().fills[0]},
            FuturesClosed{OrderId(7), OrderStatus::canceled, start_time},
            AlgoAccepted{algo()},
            AlgoChanged{AlgoId(3), AlgoStatus::rejected, OrderId(4), "why not", start_time},
            FundingPaid{AccountId(1), short_of_two, dec("0.25"), start_time},
            FundingSettled{start_time},
            InsuranceCleared{AccountId(1), SymbolId(2), dec("-7"), start_time},
            ListenKeySet{AccountId(1), "k|", start_time},
            FuturesRestored{contract()},
            WalletRestored{AccountId(1), dec("99.5"), start_time},
            PositionRestored{AccountId(1),
                             short_of_two,
                             {.quantity = quantity("-3"),
                              .cost = money("4"),
                              .isolated = money("5"),
                              .realised = money("-6"),
                              .updated_at = start_time}},
            IncomeRestored{AccountId(1),
                           {.id = 9,
                            .kind = IncomeKind::insurance_clear,
                            .symbol = SymbolId(2),
                            .amount = dec("-1"),
                            .trade = TradeId(5),
                            .time = start_time}},
            FuturesTradesNoted{SymbolId(2), TradeId(6)},
            FuturesCountersRestored{OrderId(8), 1, AlgoId(2), 3, dec("4"), dec("-5"), dec("6")}};
}

TEST(PaperJournalCodec, EveryFactSurvivesTheRoundTrip) {
    auto const facts = every_fact();
    std::string line;
    append_line(line, facts);
    ASSERT_TRUE(line.ends_with('\n'));
    line.pop_back();
    EXPECT_EQ(line.find('\n'), std::string::npos);
    auto const parsed = parse_line(line);
    ASSERT_TRUE(parsed) << parsed.error();
    ASSERT_EQ(parsed->size(), facts.size());
    std::string again;
    append_line(again, *parsed);
    EXPECT_EQ(again, line + "\n");
    auto const& order = std::get<OrderAccepted>((*parsed)[2]).order;
    EXPECT_EQ(order.client_id, "a|b c%\n");
    EXPECT_EQ(order.price, price("0.00000001"));
    EXPECT_EQ(std::get<OrderRestored>((*parsed)[7]).order.fills.size(), 2U);
}

TEST(PaperJournalCodec, EveryChangedByteIsNoticed) {
    std::string line;
    append_line(line, every_fact());
    line.pop_back();
    for (std::size_t i = 0; i < line.size(); ++i) {
        auto changed = line;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(parse_line(changed)) << i;
        EXPECT_FALSE(parse_line(line.substr(0, i))) << i;
    }
}

struct PaperJournal : testing::Test {
    std::vector<Fact> replayed(Journal::Replayed* result = nullptr) const {
        Journal journal(folder.path());
        std::vector<Fact> facts;
        auto const done = journal.replay([&](Fact const& fact) { facts.push_back(fact); });
        if (result != nullptr) *result = done;
        return facts;
    }
    void record(int batches) const {
        Journal journal(folder.path());
        (void)journal.replay([](Fact const&) {});
        for (int i = 0; i < batches; ++i) {
            std::vector<Fact> const batch{MarketNoted{SymbolId(1), TradeId(1), price("1")},
                                          PriceFrozen{SymbolId(1), price("2"), true}};
            journal.append(batch);
        }
    }
    TemporaryFolder folder;
};

TEST_F(PaperJournal, ComesBackAndGrows) {
    record(3);
    record(2);
    EXPECT_EQ(replayed().size(), 10U);
}

TEST_F(PaperJournal, TornTailIsCutAtEveryByteAndTheBatchIsAllOrNothing) {
    record(3);
    auto const whole = content(folder.path());
    auto const line = whole.size() / 3;
    for (std::size_t size = 2 * line; size < whole.size(); ++size) {
        write(folder.path(), whole.substr(0, size));
        Journal::Replayed result;
        EXPECT_EQ(replayed(&result).size(), 4U) << size;
        EXPECT_EQ(result.cut_bytes, size - 2 * line);
        EXPECT_EQ(content(folder.path()).size(), 2 * line);
    }
    record(1);
    EXPECT_EQ(replayed().size(), 6U);
}

TEST_F(PaperJournal, BrokenLastLineIsTornToo) {
    record(2);
    auto text = content(folder.path());
    text[text.size() - 2] ^= 1;
    write(folder.path(), text);
    EXPECT_EQ(replayed().size(), 2U);
}

TEST_F(PaperJournal, DamageBeforeTheEndIsNotPassedOver) {
    record(3);
    auto text = content(folder.path());
    text[20] ^= 1;
    write(folder.path(), text);
    EXPECT_THROW((void)replayed(), std::runtime_error);
    EXPECT_EQ(content(folder.path()), text);
}

TEST_F(PaperJournal, BelongsToOneProcessAndItsOwner) {
    Journal const journal(folder.path());
    EXPECT_THROW(Journal(folder.path()), std::system_error);
    auto const permissions = fs::status(folder.path() / "journal").permissions();
    EXPECT_EQ(permissions & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
}

/// An exchange on a folder, as after each start of the process.
struct Venue {
    explicit Venue(fs::path const& folder, std::uint64_t compact_above = 1 << 20)
        : exchange(catalogue, {.state_directory = folder, .compact_above_bytes = compact_above},
                   clock, random) {}

    Catalogue catalogue;
    base::ManualClock clock{start_time};
    base::SeededRandom random{1};
    Exchange exchange;

    AccountId open(std::string label) {
        Exchange::AccountTerms terms{.label = std::move(label), .taker_fee = dec("0.001")};
        terms.deposits = {{catalogue.find_asset("USDT").value(), dec("100000")}};
        return exchange.open_account(terms).value();
    }
    NewOrder order(OrderKind kind, std::string_view at, std::string client_id) const {
        return {.symbol = catalogue.find_symbol("BTCUSDT").value(),
                .side = Side::buy,
                .kind = kind,
                .price = price(at),
                .quantity = quantity("0.5"),
                .client_id = std::move(client_id)};
    }
    std::string ledger() const { return render_ledger(exchange.state(), {.limit = 1000}); }
};

struct PaperRestart : testing::TestWithParam<std::uint64_t> {
    TemporaryFolder folder;
};

TEST_P(PaperRestart, LosesNothing) {
    std::string before;
    Credential credential;
    {
        Venue venue(folder.path(), GetParam());
        auto const account = venue.open("leader");
        credential = venue.exchange.state().find_account(account)->credential;
        ASSERT_TRUE(venue.exchange.place(account, venue.order(OrderKind::market, "0", "one")));
        ASSERT_TRUE(venue.exchange.place(account, venue.order(OrderKind::limit, "40000", "two")));
        ASSERT_TRUE(venue.exchange.place(account, venue.order(OrderKind::limit, "41000", "three")));
        ASSERT_TRUE(
            venue.exchange.cancel(account, SymbolId(0), {.id = {}, .client_id = "two"}, ""));
        before = venue.ledger();
    }
    for (int start = 0; start < 3; ++start) {
        Venue venue(folder.path(), GetParam());
        EXPECT_EQ(venue.ledger(), before) << start;
        auto const key = venue.exchange.keys().find(credential.api_key);
        ASSERT_TRUE(key);
        EXPECT_EQ((*key)->secret, credential.verifier);
    }
    Venue venue(folder.path(), GetParam());
    auto const account = venue.exchange.state().find_account("leader")->id;
    auto const duplicate =
        venue.exchange.place(account, venue.order(OrderKind::limit, "40000", "three"));
    ASSERT_FALSE(duplicate);  // "three" is still open
    auto const next = venue.exchange.place(account, venue.order(OrderKind::market, "0", "four"));
    ASSERT_TRUE(next);
    EXPECT_EQ((*next)->id, OrderId(4));
    EXPECT_GT((*next)->fills[0].trade, TradeId(2));
    venue.exchange.freeze_price(SymbolId(0), price("40000"), true);
    EXPECT_EQ(venue.exchange.state().find_order(OrderId(3))->status, OrderStatus::filled);
}

// 0: the journal is compacted at every start.
INSTANTIATE_TEST_SUITE_P(JournalAndSnapshot, PaperRestart, testing::Values(1 << 20, 0));

}  // namespace
}  // namespace obscura::paper::test
