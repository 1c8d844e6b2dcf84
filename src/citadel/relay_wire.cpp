#include "citadel/relay_wire.hpp"

#include "citadel/sign_batch.hpp"
#include "net/problem.hpp"

#include <algorithm>
#include <array>

namespace obscura::citadel {
namespace {

using base::Json;

constexpr std::array<base::EnumName<RelayOutcome>, 3> outcome_names{
    {{"refused", RelayOutcome::refused},
     {"not_sent", RelayOutcome::not_sent},
     {"unknown", RelayOutcome::unknown}}};

constexpr std::string_view told_fields[] = {"content-type", "date", "retry-after"};
constexpr std::string_view told_prefixes[] = {"ratelimit",    "x-ratelimit",     "x-rate-limit",
                                              "x-mbx-used-",  "x-mbx-order-",    "x-bapi-limit",
                                              "gw-ratelimit", "x-gate-ratelimit"};
constexpr std::size_t longest_value = 256;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_told(std::string_view field) {
    std::string name(field);
    std::ranges::transform(name, name.begin(), lower);
    return std::ranges::find(told_fields, name) != std::end(told_fields) ||
           std::ranges::any_of(told_prefixes, [&](auto p) { return name.starts_with(p); });
}

std::unexpected<base::Error> bad_frame(std::string detail) {
    return base::fail(base::Errc::invalid_argument, "bad_frame", std::move(detail));
}

}  // namespace

base::Result<RelayFrame> relay_frame(std::string_view text, base::Timestamp default_not_after,
                                     std::string& id) {
    auto const json = base::parse_json(text);
    if (!json) return std::unexpected(json.error());
    if (!json->is_object() || json->as_object().size() != 1)
        return bad_frame("A frame has one member: item or venue.");
    if (auto const said = (*json)["venue"].to_text(); said == "closed") return VenueClosed{};
    auto const& item = (*json)["item"];
    auto const named = item["id"].to_text();
    if (!named || named->empty() || named->size() > max_item_id)
        return bad_frame("An item has an id of 1 to 64 bytes.");
    id = *named;
    auto read = item_from_json(item, default_not_after);
    if (!read) return std::unexpected(std::move(read.error()));
    return std::move(*read);
}

std::string relay_answer(std::string_view id, net::Response const& response) {
    auto headers = Json::object();
    for (auto const& [name, value] : response.headers) headers.set(name, value);
    std::string out = R"({"id":)";
    out.reserve(response.body.size() + response.body.size() / 8 + 512);
    base::append_json_string(out, id);
    out += R"(,"status":)" + std::to_string(response.status) + R"(,"headers":)" + headers.dump() +
           R"(,"body":)";
    base::append_json_string(out, response.body);
    out += '}';
    return out;
}

std::string relay_failure(std::string_view id, RelayOutcome outcome, base::Error const& error) {
    std::string out = "{";
    if (!id.empty()) {
        out += R"("id":)";
        base::append_json_string(out, id);
        out += ',';
    }
    out += R"("outcome":)";
    base::append_json_string(out, model::name_of(outcome, outcome_names));
    out += R"(,"error":)" + net::problem(error, "").body + '}';
    return out;
}

net::Headers relayed_headers(net::Headers const& headers) {
    net::Headers out;
    for (auto const& [name, value] : headers)
        if (is_told(name) && value.size() <= longest_value) out.add(name, value);
    return out;
}

}  // namespace obscura::citadel
