#include "peers/relay_wire.hpp"

#include "peers/citadel_wire.hpp"

namespace obscura::peers::relay_wire {
namespace {

using base::Json;
using Kind = RelayFailure::Kind;

std::optional<Kind> kind_of(Json const& outcome) {
    auto const name = outcome.to_text();
    if (name == "refused") return Kind::refused;
    if (name == "not_sent") return Kind::not_sent;
    if (name == "unknown") return Kind::unknown_outcome;
    return std::nullopt;
}

std::optional<net::Response> response_from(Json const& json) {
    auto const status = json["status"].to_int64();
    auto const body = json["body"].to_text();
    auto const& headers = json["headers"];
    if (!status || *status < 200 || *status > 999 || !body || !headers.is_object())
        return std::nullopt;
    net::Response out{.status = static_cast<unsigned>(*status), .body = std::string(*body)};
    for (auto const& [name, value] : headers.as_object()) {
        auto const text = value.to_text();
        if (!text) return std::nullopt;
        out.headers.add(name, std::string(*text));
    }
    return out;
}

}  // namespace

std::string item_frame(ports::SignItem const& item) {
    std::string out = R"({"item":)";
    out.reserve(1024);
    citadel_wire::append_item(out, item);
    out += '}';
    return out;
}

std::optional<Heard> read_frame(std::string_view text) {
    auto const json = base::parse_json(text);
    if (!json) return std::nullopt;
    Heard out{.id = std::string((*json)["id"].to_text().value_or(""))};
    if (json->find("outcome") == nullptr) {
        auto response = response_from(*json);
        if (!response || out.id.empty()) return std::nullopt;
        out.answer = std::move(*response);
        return out;
    }
    auto const kind = kind_of((*json)["outcome"]);
    if (!kind) return std::nullopt;
    out.answer = std::unexpected(RelayFailure{*kind, citadel_wire::error_from((*json)["error"])});
    return out;
}

}  // namespace obscura::peers::relay_wire
