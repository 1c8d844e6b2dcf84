#include "ports/trade_reader.hpp"

#include <charconv>

namespace obscura::ports {

std::string to_cursor(TradePosition const& position) {
    return std::to_string(base::to_unix_us(position.executed_at)) + "." + position.id.to_string();
}

std::optional<TradePosition> position_of_cursor(std::string_view cursor) {
    auto const dot = cursor.find('.');
    if (dot == std::string_view::npos || dot == 0 || dot > 19) return std::nullopt;
    std::int64_t microseconds = 0;
    auto const [end, error] = std::from_chars(cursor.data(), cursor.data() + dot, microseconds);
    if (error != std::errc{} || end != cursor.data() + dot || microseconds < 0) return std::nullopt;
    auto const id = model::TradeId::parse(cursor.substr(dot + 1));
    if (!id) return std::nullopt;
    return TradePosition{base::from_unix_us(microseconds), *id};
}

base::Result<TradeQuery> trade_query_of(TradeListParams const& params, base::Timestamp now) {
    base::Error bad = base::field_error("", "", "");
    bad.fields.clear();
    auto const refuse = [&](std::string name, std::string code, std::string detail) {
        bad.fields.push_back({"/" + std::move(name), std::move(code), std::move(detail)});
    };
    auto const time = [&](std::optional<std::string> const& text, std::string name,
                          base::Timestamp otherwise) {
        if (!text) return otherwise;
        auto const parsed = base::parse_rfc3339(*text);
        if (!parsed) refuse(std::move(name), "invalid_time", "Must be an RFC 3339 time.");
        return parsed.value_or(otherwise);
    };
    TradeQuery query;
    if (!params.trader_id) {
        refuse("trader_id", "required", "Must be given.");
    } else if (auto const id = model::TraderId::parse(*params.trader_id)) {
        query.trader = *id;
    } else {
        refuse("trader_id", "invalid_uuid", "Must be a UUID.");
    }
    query.to = time(params.to, "to", now);
    query.from = time(params.from, "from", query.to - std::chrono::days(30));
    if (bad.fields.empty() && query.from > query.to)
        refuse("from", "out_of_range", "Must not be later than 'to'.");
    if (params.limit) {
        auto const& text = *params.limit;
        auto const [end, error] =
            std::from_chars(text.data(), text.data() + text.size(), query.limit);
        if (error != std::errc{} || end != text.data() + text.size() || query.limit < 1 ||
            query.limit > 1000)
            refuse("limit", "out_of_range", "Must be an integer from 1 to 1000.");
    }
    if (params.cursor) {
        query.after = position_of_cursor(*params.cursor);
        if (!query.after) refuse("cursor", "invalid_cursor", "Must be a next_cursor of this list.");
    }
    if (!bad.fields.empty()) return std::unexpected(std::move(bad));
    return query;
}

base::Json trade_page_json(TradePage const& page) {
    auto data = base::Json::array();
    for (auto const& trade : page.trades) data.push_back(model::trade_document(trade));
    auto next = page.next ? base::Json(to_cursor(*page.next)) : base::Json();
    return base::Json::object({{"data", std::move(data)}, {"next_cursor", std::move(next)}});
}

}  // namespace obscura::ports
