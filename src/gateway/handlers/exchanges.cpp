#include "gateway/handlers/exchanges.hpp"

#include "gateway/query.hpp"
#include "gateway/sensitive_body.hpp"
#include "gateway/views.hpp"

#include <algorithm>
#include <map>
#include <variant>

namespace obscura::gateway {
namespace {

using base::Json;

/// HMAC secrets are short; an Ed25519 key is PEM, with line breaks.
constexpr std::size_t max_credential = 4096;
constexpr std::array<std::string_view, 2> credential_fields{"api_key", "secret"};
constexpr std::array<base::EnumName<std::monostate>, 1> venue_names{{{"binance", {}}}};

struct NewConnection {
    ports::ConnectionRecord record;
    std::map<std::string, base::Secret> credentials;
    std::optional<ports::SealedCredential> sealed;
};

/// One credential: printable, and in a PEM text line breaks too. Its value appears in no error.
void read_credential(base::ObjectReader& reader, Json const& from, std::string_view field,
                     std::map<std::string, base::Secret>& into) {
    auto const* value = from.find(field);
    auto const complain = [&](char const* code, char const* detail) {
        reader.absorb({{"/credentials/" + std::string(field), code, detail}});
    };
    if (value == nullptr || value->is_null()) return complain("required", "Must be given.");
    if (!value->is_string()) return complain("wrong_type", "Must be a string.");
    auto const& text = value->as_string();
    if (text.empty()) return complain("too_short", "Must not be empty.");
    if (text.size() > max_credential) return complain("too_long", "Must have at most 4096 bytes.");
    for (char const c : text)
        if ((c < ' ' && c != '\n' && c != '\r') || c == 0x7f)
            return complain("contains_control_characters", "Must not contain control characters.");
    into.emplace(field, base::Secret(text));
}

void read_credentials(base::ObjectReader& reader, std::map<std::string, base::Secret>& into) {
    auto const* given = reader.optional_object("credentials");
    if (given == nullptr) return;
    for (auto const field : credential_fields) read_credential(reader, *given, field, into);
    base::ObjectReader const inner(*given, reader.pointer_to("credentials"));
    for (auto const& [name, value] : given->as_object()) {
        if (std::ranges::find(credential_fields, name) != credential_fields.end()) continue;
        reader.absorb({{inner.pointer_to(name.substr(0, 128)), "unknown_field",
                        "Is not a field of this object."}});
    }
}

void read_sealed(base::ObjectReader& reader, std::optional<ports::SealedCredential>& into) {
    auto const* given = reader.optional_object("sealed");
    if (given == nullptr) return;
    auto sealed = ports::sealed_credential_from_json(*given, reader.pointer_to("sealed"));
    if (sealed)
        into = std::move(*sealed);
    else
        reader.absorb(std::move(sealed.error().fields));
}

/// One of the two. Both together would leave open which is meant.
void read_either(base::ObjectReader& reader, Json const& body, NewConnection& made) {
    read_credentials(reader, made.credentials);
    read_sealed(reader, made.sealed);
    bool const is_plain = !body["credentials"].is_null();
    bool const is_sealed = !body["sealed"].is_null();
    if (is_plain && made.sealed)
        reader.add_error("credentials", "not_allowed", "Give sealed, and nothing in the open.");
    if (!is_plain && !is_sealed)
        reader.add_error("sealed", "required",
                         "Give sealed; on paper and testnet credentials will do.");
}

/// Named `exchange` as in a signal; `venue` says the same.
std::string read_venue(base::ObjectReader& reader, bool has_exchange) {
    auto const exchange = reader.optional_one_of("exchange", venue_names);
    auto const venue = reader.optional_one_of("venue", venue_names, !has_exchange);
    if (exchange && venue) reader.add_error("venue", "not_allowed", "Give exchange, not both.");
    return "binance";
}

base::Result<NewConnection> read_connection(Call& call) {
    SensitiveBody const body(call.request);
    if (!body.json()) return std::unexpected(body.json().error());
    base::ObjectReader reader(*body.json());
    NewConnection made;
    auto& record = made.record;
    record.id = model::ConnectionId{call.new_id};
    record.tenant = call.caller.tenant;
    record.user = *call.caller.user;
    record.venue = read_venue(reader, !(*body.json())["exchange"].is_null());
    record.environment = reader.one_of("environment", model::environment_names);
    record.purpose = reader.one_of("purpose", ports::connection_purpose_names);
    record.label = reader.optional_text("label", {.max = 80}).value_or(record.venue);
    record.created_at = call.now;
    read_either(reader, *body.json(), made);
    if (auto const done = reader.finish(); !done) return std::unexpected(done.error());
    return made;
}

}  // namespace

void ExchangeRoutes::add_to(EndpointList& endpoints) {
    endpoints.push_back(
        {"GET", "/exchanges/supported", Access::open, [](Call& call) { return supported(call); }});
    endpoints.push_back({"GET", "/exchanges/sealing-key", Access::user,
                         [this](Call& call) { return sealing_key(call); }});
    endpoints.push_back({"POST", "/exchanges/connections", Access::user,
                         [this](Call& call) { return connect(call); }, Creates::yes});
    endpoints.push_back(
        {"GET", "/exchanges/connections", Access::user, [this](Call& call) { return list(call); }});
    endpoints.push_back({"GET", "/exchanges/connections/{id}", Access::user,
                         [this](Call& call) { return show(call); }});
    endpoints.push_back({"DELETE", "/exchanges/connections/{id}", Access::user,
                         [this](Call& call) { return remove(call); }});
}

Task<base::Result<net::Response>> ExchangeRoutes::supported(Call& call) {
    QueryReader query(call.request);
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto environments = Json::object({{"paper", true}, {"testnet", true}, {"live", false}});
    auto binance = Json::object({{"id", "binance"},
                                 {"name", "Binance"},
                                 {"certified", true},
                                 {"type", "cex"},
                                 {"spot", true},
                                 {"futures", false},
                                 {"margin", false},
                                 {"websocket", true},
                                 {"polling", true},
                                 {"environments", std::move(environments)}});
    auto data = Json::array({std::move(binance)});
    co_return net::json_response(
        200, Json::object({{"data", std::move(data)}, {"next_cursor", nullptr}}));
}

Task<base::Result<net::Response>> ExchangeRoutes::sealing_key(Call& call) {
    QueryReader query(call.request);
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto const key = co_await vault_.sealing_key();
    if (!key) co_return std::unexpected(key.error());
    auto response = net::json_response(200, to_json(*key));
    response.headers.add("Cache-Control", "no-store");
    co_return response;
}

Task<base::Result<net::Response>> ExchangeRoutes::connect(Call& call) {
    auto made = read_connection(call);
    if (!made) co_return std::unexpected(made.error());
    auto& record = made->record;
    if (!made->sealed && record.environment == model::Environment::live)
        co_return base::fail(
            base::Errc::conflict, "sealing_required",
            "Live credentials must be sealed to citadel's key by the client: give sealed.");
    auto fields = made->sealed ? co_await open_sealed(record, std::move(*made->sealed))
                               : co_await vault_.encrypt_fields(ports::context_of(record),
                                                                std::move(made->credentials));
    if (!fields) co_return std::unexpected(fields.error());
    record.credentials = std::move(*fields);
    auto const stored = co_await connections_.create(std::move(record), stamp_of(call));
    if (!stored) co_return std::unexpected(stored.error());
    co_return net::json_response(201, view(*stored));
}

/// What was sealed is meant to last: the venue is asked about the key before it is kept.
Task<base::Result<ports::SealedCredentials>> ExchangeRoutes::open_sealed(
    ports::ConnectionRecord connection, ports::SealedCredential sealed) {
    auto fields = co_await vault_.open_sealed(connection, std::move(sealed));
    if (!fields) co_return std::unexpected(fields.error());
    connection.credentials = *fields;
    auto const admitted = co_await check_.admit(connection);
    if (!admitted) co_return std::unexpected(admitted.error());
    co_return std::move(*fields);
}

Task<base::Result<net::Response>> ExchangeRoutes::list(Call& call) {
    QueryReader query(call.request);
    auto const page = read_page(query);
    if (auto const done = query.finish(); !done) co_return std::unexpected(done.error());
    auto const rows =
        co_await connections_.list(call.caller.tenant, *call.caller.user, and_one_more(page));
    co_return net::json_response(
        200, list_json(rows, page.limit, [](auto const& row) { return view(row); }));
}

Task<base::Result<net::Response>> ExchangeRoutes::show(Call& call) {
    auto const id = path_id<model::ConnectionId>(call.request);
    if (!id) co_return std::unexpected(id.error());
    auto const found = co_await connections_.find(call.caller.tenant, *call.caller.user, *id);
    if (!found)
        co_return base::fail(base::Errc::not_found, "connection_not_found",
                             "There is no such connection.");
    co_return net::json_response(200, view(*found));
}

Task<base::Result<net::Response>> ExchangeRoutes::remove(Call& call) {
    auto const id = path_id<model::ConnectionId>(call.request);
    if (!id) co_return std::unexpected(id.error());
    auto const done = co_await connections_.remove(call.caller.tenant, *call.caller.user, *id,
                                                   call.now, stamp_of(call));
    if (!done) co_return std::unexpected(done.error());
    co_return net::Response{.status = 204};
}

}  // namespace obscura::gateway
