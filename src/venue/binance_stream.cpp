#include "venue/binance_stream.hpp"

#include "venue/binance_codec.hpp"
#include "venue/binance_futures_codec.hpp"

namespace obscura::venue {
namespace {

StreamReply read_reply(base::Json const& json) {
    StreamReply reply;
    if (auto const id = json["id"].to_text()) reply.id = *id;
    auto const status = json["status"].to_int64().value_or(0);
    reply.ok = status == 200;
    if (reply.ok) return reply;
    auto const& error = json["error"];
    reply.error = "status " + std::to_string(status);
    if (auto const code = error["code"].to_int64())
        reply.error += ", code " + std::to_string(*code);
    if (auto const message = error["msg"].to_text())
        reply.error += ": " + std::string(message->substr(0, 256));
    return reply;
}

StreamMessage fill_of(base::Result<model::Trade> trade) {
    if (!trade) return StreamUnreadable{trade.error().detail};
    return StreamFill{std::move(*trade)};
}

StreamMessage read_spot_order(base::Json const& event) {
    auto const execution = event["x"].to_text();
    if (!execution) return StreamUnreadable{"executionReport without an execution type"};
    if (*execution != "TRADE") return StreamOther{};
    return fill_of(decode_execution(event));
}

StreamMessage read_futures_order(base::Json const& order) {
    auto const execution = order["x"].to_text();
    if (!execution) return StreamUnreadable{"ORDER_TRADE_UPDATE without an execution type"};
    if (*execution == "TRADE") return fill_of(decode_futures_execution(order));
    // Which fills a liquidation brings, the history tells.
    if (*execution == "CALCULATED") return StreamUnreadable{"a liquidation"};
    return StreamOther{};
}

StreamMessage read_event(base::Json const& event) {
    auto const type = event["e"].to_text();
    if (!type) return StreamUnreadable{"event without a type"};
    if (*type == "eventStreamTerminated" || *type == "serverShutdown" ||
        *type == "listenKeyExpired")
        return StreamEnded{std::string(*type)};
    if (*type == "executionReport") return read_spot_order(event);
    if (*type == "ORDER_TRADE_UPDATE") return read_futures_order(event["o"]);
    return StreamOther{};
}

}  // namespace

StreamMessage decode_stream_message(std::string_view text) {
    auto const json = parse_binance(text);
    if (!json) return StreamUnreadable{json.error().detail};
    if (auto const* event = json->find("event")) return read_event(*event);
    // Futures, and spot servers of the older form, send the event bare.
    if (json->find("e") != nullptr) return read_event(*json);
    if (json->find("status") != nullptr) return read_reply(*json);
    return StreamUnreadable{"neither an event nor a reply"};
}

std::string stream_ping(std::string_view id) {
    return base::Json::object({{"id", id}, {"method", "ping"}}).dump();
}

}  // namespace obscura::venue
