#include "paper/stream/market_streams.hpp"

#include "paper/protocol/json_text.hpp"
#include "paper/protocol/render_futures_market.hpp"
#include "paper/protocol/render_market.hpp"
#include "paper/protocol/render_streams.hpp"

#include <algorithm>

namespace obscura::paper {
namespace {

constexpr std::size_t max_name = 64;

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        auto const part = text.substr(0, text.find('/'));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        if (!part.empty()) parts.emplace_back(part.substr(0, max_name));
    }
    return parts;
}

std::string lower(std::string text) {
    for (auto& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

std::string error_reply(std::string const& id, int code, char const* message) {
    JsonText json;
    json.begin_object()
        .begin_object("error")
        .number("code", code)
        .text("msg", message)
        .end_object()
        .raw("id", id)
        .end_object();
    return json.take();
}

}  // namespace

MarketStreams::MarketStreams(Exchange const& exchange, PrivateStreams& futures_private,
                             Connections& connections, std::chrono::milliseconds idle)
    : exchange_(exchange),
      futures_private_(futures_private),
      connections_(connections),
      idle_(idle) {
    for (auto const& instrument : exchange.catalogue().instruments()) {
        lower_names_.push_back(lower(instrument.symbol));
    }
    shown_books_.resize(lower_names_.size());
}

std::vector<net::SocketRoute> MarketStreams::routes() {
    auto const handler = [this](Market market, bool combined) -> net::SocketHandler {
        return [this, market, combined](net::Request& request, net::WebSocket& socket) {
            return serve(*this, request, socket, market, combined);
        };
    };
    std::vector<net::SocketRoute> routes;
    for (std::string const prefix : {"", "/market", "/public", "/private"}) {
        auto const market = prefix.empty() ? Market::spot : Market::futures;
        routes.push_back({.pattern = prefix + "/ws", .handler = handler(market, false)});
        routes.push_back({.pattern = prefix + "/ws/{streams*}", .handler = handler(market, false)});
        routes.push_back({.pattern = prefix + "/stream", .handler = handler(market, true)});
    }
    return routes;
}

net::Task<void> MarketStreams::serve(MarketStreams& streams, net::Request& request,
                                     net::WebSocket& socket, Market market, bool combined) {
    auto const session = std::make_shared<Session>();
    session->connection = std::make_shared<Connection>(socket);
    session->market = market;
    session->combined = combined;
    struct Leave {
        MarketStreams& streams;
        SessionPtr session;
        ~Leave() {
            auto const names = session->streams;
            for (auto const& name : names) streams.unsubscribe(session, name);
            auto const accounts = session->accounts;
            for (auto const account : accounts) streams.leave(session, account);
            streams.connections_.remove(session->connection);
        }
    } const leave{streams, session};
    streams.connections_.add(session->connection);
    auto const wanted = combined ? request.query_param("streams").value_or("")
                                 : std::string(request.param("streams"));
    for (auto const& name : split(wanted)) {
        if (!streams.subscribe(session, name)) co_return;
    }
    if (auto const key = request.query_param("listenKey")) streams.listen(session, *key);
    while (true) {
        auto const message = co_await socket.receive(streams.idle_);
        if (!message) co_return;
        streams.receive(session, *message);
    }
}

void MarketStreams::receive(SessionPtr const& session, std::string_view text) {
    auto const message = base::parse_json(text, {.max_depth = 8, .max_members = 2 * max_streams});
    auto const reply = [&](std::string json) { session->connection->send(std::move(json)); };
    if (!message || !message->is_object()) return reply(error_reply("null", 3, "Invalid JSON"));
    auto const& given_id = (*message)["id"];
    auto const id = given_id.is_string() || given_id.is_number() ? given_id.dump() : "null";
    auto const method = (*message)["method"].to_text().value_or("");
    if (method == "LIST_SUBSCRIPTIONS") {
        JsonText json;
        json.begin_object().begin_array("result");
        for (auto const& name : session->streams) json.text_item(name);
        return reply(json.end_array().raw("id", id).end_object().take());
    }
    auto const& names = (*message)["params"];
    bool const known = method == "SUBSCRIBE" || method == "UNSUBSCRIBE";
    bool const sound =
        names.is_array() && std::ranges::all_of(names.as_array(), [](auto const& name) {
            return name.is_string() && !name.as_string().empty() &&
                   name.as_string().size() <= max_name;
        });
    if (!known || !sound) {
        return reply(
            error_reply(id, 2, "Invalid request: method or params are not what they must be"));
    }
    for (auto const& name : names.as_array()) {
        if (method == "UNSUBSCRIBE") {
            unsubscribe(session, name.as_string());
        } else if (!subscribe(session, name.as_string())) {
            return reply(error_reply(id, 4, "Too many subscriptions"));
        }
    }
    reply("{\"result\":null,\"id\":" + id + "}");
}

bool MarketStreams::subscribe(SessionPtr const& session, std::string const& name) {
    if (session->streams.size() >= max_streams) return session->streams.contains(name);
    session->streams.insert(name);
    listeners(session->market)[name].insert(session);
    listen(session, name);
    return true;
}

void MarketStreams::listen(SessionPtr const& session, std::string const& name) {
    auto const* account = exchange_.state().futures().find_listener(name);
    if (account == nullptr) return;
    leave(session, account->id);  // an earlier key of the account may have ended
    session->accounts.insert(account->id);
    futures_private_.subscribe(account->id, session->connection, 0);
    futures_private_.mute_matching(account->id, *session->connection);
}

void MarketStreams::leave(SessionPtr const& session, AccountId account) {
    if (session->accounts.erase(account) == 0) return;
    futures_private_.unsubscribe(account, *session->connection, 0);
}

void MarketStreams::unsubscribe(SessionPtr const& session, std::string const& name) {
    session->streams.erase(name);
    if (auto const* owner = exchange_.state().futures().find_listener(name)) {
        leave(session, owner->id);
    }
    auto& of_market = listeners(session->market);
    auto const found = of_market.find(name);
    if (found == of_market.end()) return;
    found->second.erase(session);
    if (found->second.empty()) of_market.erase(found);
}

void MarketStreams::send(Market market, std::string const& name,
                         std::function<std::string()> const& render) {
    auto const& of_market = listeners(market);
    auto const found = of_market.find(name);
    if (found == of_market.end()) return;
    auto const data = render();
    for (auto const& session : found->second) {
        session->connection->send(
            session->combined ? "{\"stream\":\"" + name + "\",\"data\":" + data + "}" : data);
    }
}

void MarketStreams::publish(PublicTrade const& trade) {
    if (spot_listeners_.empty()) return;
    send(Market::spot, lower_names_[trade.symbol.value] + "@trade",
         [&] { return render_trade_event(trade, exchange_.catalogue()); });
}

void MarketStreams::publish(MarketMoved const& event) {
    auto const symbol = event.symbol;
    auto const& engine = exchange_.engine();
    auto const now = exchange_.now();
    auto const before = std::exchange(shown_books_[symbol.value], engine.book(symbol));
    if (!futures_listeners_.empty()) publish_futures(symbol, now);
    if (spot_listeners_.empty()) return;
    auto const& name = lower_names_[symbol.value];
    constexpr auto spot = Market::spot;
    auto const mini = [&] { return render_mini_ticker_event(engine, symbol, now); };
    auto const full = [&] { return render_ticker_event(engine, symbol, now); };
    send(spot, name + "@miniTicker", mini);
    send(spot, "!miniTicker@arr", [&] { return "[" + mini() + "]"; });
    send(spot, name + "@ticker", full);
    send(spot, "!ticker@arr", [&] { return "[" + full() + "]"; });
    send(spot, name + "@bookTicker", [&] { return render_book_ticker_event(engine, symbol); });
    for (std::string const suffix : {"", "@100ms", "@1000ms"}) {
        send(spot, name + "@depth" + suffix,
             [&] { return render_depth_event(engine, symbol, before, now); });
        for (std::size_t const levels : {5, 10, 20}) {
            send(spot, name + "@depth" + std::to_string(levels) + suffix,
                 [&] { return render_depth(engine, symbol, levels); });
        }
    }
}

void MarketStreams::publish_futures(SymbolId symbol, base::Timestamp now) {
    auto const& engine = exchange_.engine();
    auto const& name = lower_names_[symbol.value];
    constexpr auto futures = Market::futures;
    auto const mark = [&] { return render_mark_price_event(engine, symbol, now); };
    auto const mini = [&] { return render_futures_mini_ticker_event(engine, symbol, now); };
    for (std::string const suffix : {"", "@1s"}) {
        send(futures, name + "@markPrice" + suffix, mark);
        send(futures, "!markPrice@arr" + suffix, [&] { return "[" + mark() + "]"; });
    }
    send(futures, name + "@miniTicker", mini);
    send(futures, "!miniTicker@arr", [&] { return "[" + mini() + "]"; });
    send(futures, name + "@bookTicker",
         [&] { return render_futures_book_ticker_event(engine, symbol, now); });
}

}  // namespace obscura::paper
