#include "paper/config.hpp"

#include <stdexcept>
#include <utility>

namespace obscura::paper {
namespace {

std::optional<std::string> check_source(std::string const& text) {
    if (text == "synthetic" || text == "replay" || text == "binance") return std::nullopt;
    return "synthetic, replay or binance";
}

std::optional<std::string> check_fee(std::string const& text) {
    auto const fee = base::Decimal::parse(text);
    bool const good = fee && !fee->is_negative() && *fee <= base::Decimal::from_scaled(1, 1);
    return good ? std::nullopt : std::optional<std::string>("a fraction from 0 to 0.1");
}

std::optional<std::string> check_rate(std::string const& text) {
    auto const rate = base::Decimal::parse(text);
    bool const good = rate && rate->abs() <= base::Decimal::from_scaled(3, 2);
    return good ? std::nullopt : std::optional<std::string>("a fraction from -0.03 to 0.03");
}

std::optional<std::string> check_amount(std::string const& text) {
    auto const amount = base::Decimal::parse(text);
    bool const good =
        amount && !amount->is_negative() && *amount <= base::Decimal(1'000'000'000'000);
    return good ? std::nullopt : std::optional<std::string>("an amount of USDT, e.g. 100000");
}

std::optional<std::pair<std::string, base::Decimal>> parse_balance(std::string const& text) {
    auto const equals = text.find('=');
    if (equals == std::string::npos) return std::nullopt;
    auto const amount = base::Decimal::parse(std::string_view(text).substr(equals + 1));
    if (!amount || amount->is_negative() || *amount > base::Decimal(1'000'000'000'000))
        return std::nullopt;
    return std::pair{text.substr(0, equals), *amount};
}

std::optional<std::string> check_balance(std::string const& text) {
    if (parse_balance(text)) return std::nullopt;
    return "ASSET=AMOUNT, e.g. USDT=100000";
}

void bind_market(base::ConfigTable& table, Config& c) {
    table.bind("paper.prices", c.prices, "Where prices come from: synthetic, replay or binance",
               check_source);
    table.bind("paper.price_file", c.price_file, "Of replay: lines of unix_ms,symbol,price");
    table.bind("paper.live_origin", c.live_origin, "Of binance: the public stream's origin");
    table.bind("paper.seed", c.seed, "Of synthetic: the same seed, the same walk", {0, INT64_MAX});
    table.bind("paper.tick", c.tick, "Time between price steps", {10, 60'000});
    table.bind("paper.volatility_ppm", c.volatility_ppm,
               "Of synthetic: largest move in one step, millionths", {0, 100'000});
    table.bind("paper.level_notional", c.level_notional,
               "Value of the book's first level in quote units; the n-th has n times it",
               {1, 1'000'000'000});
}

void bind_futures(base::ConfigTable& table, Config& c) {
    table.bind("paper.futures_maker_fee", c.futures_maker_fee,
               "Fraction of a contract's value, of all accounts", check_fee);
    table.bind("paper.futures_taker_fee", c.futures_taker_fee, "The same for orders that take",
               check_fee);
    table.bind("paper.default_futures_balance", c.default_futures_balance,
               "USDT of accounts that are opened without futures_balances", check_amount);
    table.bind("paper.funding_rate", c.funding_rate,
               "What longs pay shorts each round, as a fraction; negative: the other way",
               check_rate);
    table.bind("paper.funding_interval", c.funding_interval,
               "Between rounds of funding, counted from midnight UTC", {1'000, 86'400'000});
    table.bind("paper.listen_key_life", c.listen_key_life,
               "A futures listen key that nobody keeps alive", {1'000, 86'400'000});
    table.bind("paper.futures_weight_per_minute", c.futures_weight_per_minute,
               "Request weight per address, of /fapi", {1, INT64_MAX});
    table.bind("paper.futures_orders_per_10s", c.futures_orders_per_10s, "Orders per account",
               {1, INT64_MAX});
    table.bind("paper.futures_orders_per_minute", c.futures_orders_per_minute, "Orders per account",
               {1, INT64_MAX});
}

void bind_limits(base::ConfigTable& table, Config& c) {
    table.bind("paper.max_open_orders", c.max_open_orders, "Per account and symbol", {1, 10'000});
    table.bind("paper.max_accounts", c.max_accounts, "Accounts of the venue", {1, 1'000'000});
    table.bind("paper.max_closed_orders", c.max_closed_orders,
               "Closed orders kept; beyond it the oldest are forgotten", {1'000, 100'000'000});
    table.bind("paper.compact_above_bytes", c.compact_above_bytes,
               "A journal larger than this is rewritten at start", {1024, INT64_MAX});
    table.bind("paper.weight_per_minute", c.weight_per_minute, "Request weight per address",
               {1, INT64_MAX});
    table.bind("paper.orders_per_10s", c.orders_per_10s, "Orders per account", {1, INT64_MAX});
    table.bind("paper.orders_per_day", c.orders_per_day, "Orders per account", {1, INT64_MAX});
    table.bind("paper.refusals_before_ban", c.refusals_before_ban,
               "429 answers in one minute before 418", {1, INT64_MAX});
    table.bind("paper.first_ban", c.first_ban, "Length of a first ban; doubles",
               {1'000, 259'200'000});
    table.bind("paper.ping_every", c.ping_every,
               "WebSocket pings; a peer silent for three of them is dropped", {100, 600'000});
}

}  // namespace

void Config::bind_to(base::ConfigTable& table) {
    table.bind("paper.state_dir", state_directory, "Folder of the journal");
    bind_market(table, *this);
    bind_limits(table, *this);
    bind_futures(table, *this);
    table.bind("paper.maker_fee", maker_fee, "Fraction of the received amount, for new accounts",
               check_fee);
    table.bind("paper.taker_fee", taker_fee, "The same for orders that take", check_fee);
    table.bind("paper.default_balances", default_balances,
               "Of accounts that are opened without balances", check_balance);
}

ExchangeSettings Config::exchange() const {
    return {.engine = {.level_notional = base::Money(level_notional),
                       .max_open_orders = max_open_orders,
                       .max_accounts = max_accounts,
                       .max_closed_orders = max_closed_orders,
                       .futures = {.maker_fee = base::Decimal::parse(futures_maker_fee).value(),
                                   .taker_fee = base::Decimal::parse(futures_taker_fee).value(),
                                   .funding_rate = base::Decimal::parse(funding_rate).value(),
                                   .funding_interval = funding_interval,
                                   .listen_key_life = listen_key_life}},
            .limits = {.weight_per_minute = weight_per_minute,
                       .orders_per_10s = orders_per_10s,
                       .orders_per_day = orders_per_day,
                       .refusals_before_ban = refusals_before_ban,
                       .first_ban = std::chrono::ceil<std::chrono::seconds>(first_ban)},
            .futures_limits = {.weight_per_minute = futures_weight_per_minute,
                               .orders_per_10s = futures_orders_per_10s,
                               .orders_per_day = UINT64_MAX,
                               .orders_per_minute = futures_orders_per_minute,
                               .refusals_before_ban = refusals_before_ban,
                               .first_ban = std::chrono::ceil<std::chrono::seconds>(first_ban)},
            .state_directory = state_directory,
            .compact_above_bytes = compact_above_bytes};
}

SyntheticSettings Config::synthetic() const {
    return {
        .seed = static_cast<std::uint64_t>(seed), .step = tick, .volatility_ppm = volatility_ppm};
}

AdminSettings Config::admin(Catalogue const& catalogue) const {
    AdminSettings settings{
        .maker_fee = base::Decimal::parse(maker_fee).value(),
        .taker_fee = base::Decimal::parse(taker_fee).value(),
        .default_balances = {},
        .default_futures_balance = base::Decimal::parse(default_futures_balance).value()};
    for (auto const& text : default_balances) {
        auto const balance = parse_balance(text);
        auto const asset = balance ? catalogue.find_asset(balance->first) : std::nullopt;
        if (!asset)
            throw std::invalid_argument("paper.default_balances: " + text + " is not traded here");
        settings.default_balances.emplace_back(*asset, balance->second);
    }
    return settings;
}

}  // namespace obscura::paper
