#include "app/bench_citadel.hpp"

#include "app/bench_child.hpp"
#include "app/bench_loader.hpp"
#include "app/child_environment.hpp"
#include "app/files.hpp"
#include "app/free_port.hpp"
#include "ports/key_vault.hpp"

#include <signal.h>

#include <optional>

namespace obscura::app::bench {
namespace {

using base::Json;
using namespace std::chrono_literals;

constexpr std::uint16_t citadel_port = 18'004, empty_port = 18'005;
constexpr std::size_t fields = 100;         // of one bulk request
constexpr std::size_t field_bytes = 64;     // an API secret
constexpr std::size_t batch_items = 1'000;  // the most that one request may have
constexpr std::size_t connections = 8;

/// Whose requests of one item can be made without the relay, and where. HTX has no testnet, and its
/// live requests leave through the relay alone.
struct SignedVenue {
    char const* name;
    char const* environment;
    char const* symbol;
    bool has_passphrase = false;
    char const* id_prefix = "x";
    bool is_agent = false;
    char const* market = "spot";
};
constexpr SignedVenue venues[] = {{"binance", "paper", "BTCUSDT"},
                                  {"bybit", "live", "BTCUSDT"},
                                  {"okx", "testnet", "BTC-USDT", true},
                                  {"bitget", "testnet", "BTCUSDT", true},
                                  {"gate", "live", "BTC_USDT", false, "t-"},
                                  {"kucoin", "live", "BTC-USDT", true},
                                  {"mexc", "live", "BTCUSDT"},
                                  {"bingx", "testnet", "BTC-USDT", false, "x", false, "futures"},
                                  {"hyperliquid", "live", "10107", false, "0x", true}};

/// Made up, as all of these keys.
Json credential_of(SignedVenue const& venue) {
    if (venue.is_agent)
        return Json::object({{"api_key", "0x" + std::string(40, '1')},
                             {"private_key", "0x" + std::string(64, '2')}});
    auto out = Json::object(
        {{"api_key", std::string(field_bytes, 'k')}, {"secret", std::string(field_bytes, 's')}});
    if (venue.has_passphrase) out.set("passphrase", "a-passphrase");
    return out;
}

std::string order_id_of(SignedVenue const& venue, std::size_t n) {
    auto digits = std::to_string(n);
    if (venue.is_agent) digits.insert(0, 32 - digits.size(), '0');
    return venue.id_prefix + digits;
}

/// A server of this measurement, ended with it.
class Server {
public:
    Server(World& world, ProcessSpec spec, std::string origin)
        : world_(world), origin_(std::move(origin)), process_(world.executor(), spec) {}
    [[nodiscard]] std::string const& origin() const { return origin_; }
    [[nodiscard]] net::Task<void> wait_until_up() {
        base::SystemClock const clock;
        net::HttpClient http(world_.executor(), {.allowed_origins = {origin_}}, clock);
        for (auto const until = clock.steady() + 10s;; co_await nap(20ms)) {
            net::Request request{.target = "/health"};
            auto const answer = co_await http.fetch(origin_, std::move(request), 1s);
            if (answer && answer->status == 200) break;
            if (clock.steady() > until) throw BenchFailure(origin_ + " does not come up");
        }
        http.close();
    }
    [[nodiscard]] net::Task<void> stop() {
        process_.signal(SIGTERM);
        (void)co_await process_.wait();
    }

private:
    World& world_;
    std::string origin_;
    Process process_;
};

struct Keys {
    base::Secret admin, conductor;
};

std::string origin_at(std::uint16_t port) { return "http://127.0.0.1:" + std::to_string(port); }

ProcessSpec citadel_process(World& world, Keys const& keys, std::uint16_t port) {
    auto const& state = world.stack().folder();
    auto environment = base_environment();
    auto const set = [&](std::string const& name, std::string_view value) {
        environment.push_back(name + "=" + std::string(value));
    };
    set("CITADEL_MASTER_KEY", state.secret("bench-master-key", 32).reveal());
    set("OBSCURA_CALLERS_ADMIN", keys.admin.reveal());
    set("OBSCURA_CALLERS_CONDUCTOR", keys.conductor.reveal());
    set("OBSCURA_CITADEL_DECRYPT_CALLERS", "admin");
    set("OBSCURA_LIMITS_ENABLED", "false");  // one account, as fast as it goes
    set("OBSCURA_CITADEL_AUDIT_FOLDER", state.file("bench-audit"));
    set("OBSCURA_HTTP_PORT", std::to_string(port));
    return {.name = "bench-citadel",
            .argv = {executable_folder() + "/obscura-citadel"},
            .environment = std::move(environment),
            .log_file = state.log("bench-citadel")};
}

ProcessSpec empty_process(World& world, std::uint16_t port) {
    return {
        .name = "bench-empty",
        .argv = {executable_folder() + "/obscura", "bench-empty", "--port", std::to_string(port)},
        .environment = base_environment(),
        .log_file = world.stack().folder().log("bench-empty")};
}

/// Asks once, and gives what was answered as bytes: of a request that is to be sent many times.
class Asker {
public:
    Asker(World& world, std::string origin)
        : origin_(std::move(origin)),
          http_(world.executor(), {.allowed_origins = {origin_}}, clock_) {}
    ~Asker() { http_.close(); }
    net::Task<std::string> ask(std::string path, base::Secret const& key, Json const& body) {
        net::Request request{.method = "POST", .target = path, .body = body.dump()};
        request.headers.add("Content-Type", "application/json");
        request.headers.add("X-Internal-API-Key", std::string(key.reveal()));
        auto answer = co_await http_.fetch(origin_, std::move(request), 30s);
        if (!answer || answer->status != 200)
            throw BenchFailure("citadel " + path + ": " +
                               (answer ? answer->body.substr(0, 300) : answer.error().detail));
        co_return std::move(answer->body);
    }

private:
    base::SystemClock clock_;
    std::string origin_;
    net::HttpClient http_;
};

/// What is measured: a request, and how large its answer is.
struct Question {
    std::string path;
    std::string body;
    base::Secret const* key = nullptr;
    std::size_t answer_bytes = 0;
    std::size_t things = 1;  ///< fields or items of one request
};

std::string context_at(SignedVenue const& venue) {
    base::SeededRandom random(1);
    auto const environment = model::value_of(venue.environment, model::environment_names).value();
    base::Timestamp const at{};
    return ports::credential_context(
        model::TenantId::make(at, random), model::UserId::make(at, random), venue.name, environment,
        ports::ConnectionPurpose::follow, model::ConnectionId::make(at, random));
}

net::Task<Question> decrypt_question(Asker& asker, Keys const& keys) {
    auto const context = context_at(venues[0]);
    auto const plain =
        Json::object({{"plaintext", std::string(field_bytes, 'a')}, {"context", context}});
    auto const sealed = co_await asker.ask("/encrypt", keys.admin, plain);
    auto const body =
        Json::object({{"encrypted_data", base::parse_json(sealed).value()["encrypted_data"]},
                      {"context", context}});
    Question out{.path = "/decrypt", .key = &keys.admin};
    out.answer_bytes = (co_await asker.ask(out.path, keys.admin, body)).size();
    out.body = body.dump();
    co_return out;
}

net::Task<Question> bulk_question(Asker& asker, Keys const& keys) {
    auto plain = Json::object();
    for (std::size_t i = 0; i < fields; ++i)
        plain.set("f" + std::to_string(i),
                  std::string(field_bytes, static_cast<char>('a' + i % 26)));
    auto const context = context_at(venues[0]);
    auto const sealed =
        co_await asker.ask("/encrypt-bulk", keys.admin,
                           Json::object({{"data", std::move(plain)}, {"context", context}}));
    auto data = base::parse_json(sealed).value()["encrypted_data"];
    Question out{.path = "/decrypt-bulk", .key = &keys.admin, .things = fields};
    auto const body = Json::object({{"data", std::move(data)}, {"context", context}});
    out.answer_bytes = (co_await asker.ask(out.path, keys.admin, body)).size();
    out.body = body.dump();
    co_return out;
}

Json order_of(SignedVenue const& venue, std::string const& id) {
    return Json::object({{"kind", "place_order"},
                         {"symbol", venue.symbol},
                         {"side", "buy"},
                         {"order_type", "limit"},
                         {"quantity", "0.002"},
                         {"limit_price", "50000"},
                         {"time_in_force", "ioc"},
                         {"client_order_id", id}});
}

net::Task<Question> sign_question(Asker& asker, Keys const& keys, SignedVenue venue,
                                  std::size_t items) {
    auto const context = context_at(venue);
    auto const sealed =
        co_await asker.ask("/encrypt-bulk", keys.admin,
                           Json::object({{"data", credential_of(venue)}, {"context", context}}));
    auto const credentials = base::parse_json(sealed).value()["encrypted_data"];
    auto list = Json::array();
    for (std::size_t i = 0; i < items; ++i)
        list.push_back(Json::object({{"id", "i" + std::to_string(i)},
                                     {"venue", venue.name},
                                     {"environment", venue.environment},
                                     {"market", venue.market},
                                     {"context", context},
                                     {"credentials", credentials},
                                     {"operation", order_of(venue, order_id_of(venue, i))}}));
    Question out{.path = "/sign", .key = &keys.conductor, .things = items};
    auto const body = Json::object({{"items", std::move(list)}});
    auto const answer = co_await asker.ask(out.path, keys.conductor, body);
    if (answer.find("\"error\"") != answer.npos)
        throw BenchFailure(std::string(venue.name) + ": " + answer.substr(0, 300));
    out.answer_bytes = answer.size();
    out.body = body.dump();
    co_return out;
}

/// Things a second.
net::Task<double> rate_at(World& world, std::string origin, std::string path,
                          Question const& question, std::size_t count) {
    std::vector<std::string> const headers{
        "Content-Type: application/json",
        "X-Internal-API-Key: " + std::string(question.key->reveal())};
    std::vector<std::string> const requests{
        render_request("POST", path, "bench", headers, question.body)};
    auto const result = co_await send_to(world, "citadel", origin, requests,
                                         {.connections = connections, .count = count});
    expect_only(result, 200, origin);
    co_return static_cast<double>(count * question.things) / result.seconds();
}

/// One row, ours and the empty handler in turn.
net::Task<void> measure(World& world, Server const& citadel, Server const& empty,
                        Question const& question, Row& row, int runs, std::size_t count) {
    row.unit = "/s";
    row.better = Better::higher;
    row.peer = {.name = "empty handler, same server, same bytes", .version = "", .runs = {}};
    auto const path = "/" + std::to_string(question.answer_bytes);
    for (int run = -1; run < runs; ++run) {
        auto const mine = co_await rate_at(world, citadel.origin(), question.path, question, count);
        auto const theirs = co_await rate_at(world, empty.origin(), path, question, count);
        if (run < 0) continue;
        row.runs.push_back(mine);
        row.peer.runs.push_back(theirs);
    }
}

/// How many blocks of a field's size a core opens, by `openssl speed`.
net::Task<double> openssl_rate(World& world) {
    std::vector<std::string> const argv{"/usr/bin/openssl",
                                        "speed",
                                        "-elapsed",
                                        "-seconds",
                                        "1",
                                        "-decrypt",
                                        "-mr",
                                        "-bytes",
                                        std::to_string(field_bytes),
                                        "-evp",
                                        "aes-256-gcm"};
    auto const output =
        co_await run_child(world.executor(), argv, world.stack().folder().log("openssl"));
    // "+F:25:aes-256-gcm:123456789.00": bytes a second
    auto const at = output.rfind("+F:");
    auto const colon = output.rfind(':');
    if (at == output.npos || colon < at) throw BenchFailure("openssl says: " + output);
    co_return std::stod(output.substr(colon + 1)) / field_bytes;
}

}  // namespace

net::Task<std::vector<Row>> measure_citadel(World& world, int runs) {
    auto const& state = world.stack().folder();
    Keys const keys{.admin = state.secret("bench-admin"),
                    .conductor = state.secret("bench-conductor")};
    PortPlan ports(state.file("bench-citadel-ports.json"), false);
    auto const here = ports.choose("citadel", citadel_port);
    auto const there = ports.choose("empty", empty_port);
    Server citadel(world, citadel_process(world, keys, here), origin_at(here));
    Server empty(world, empty_process(world, there), origin_at(there));
    co_await citadel.wait_until_up();
    co_await empty.wait_until_up();
    Asker asker(world, citadel.origin());

    std::vector<Row> rows(4);
    auto const bulk = co_await bulk_question(asker, keys);
    rows[0].id = "citadel.bulk_decrypt";
    rows[0].description = "fields of 64 bytes opened, 100 a request, 8 connections, one core";
    co_await measure(world, citadel, empty, bulk, rows[0], runs, 4'000);
    rows[0].target = Target{.of = Target::Of::ours, .bound = 150'000};
    rows[1] = rows[0];
    rows[1].id = "citadel.bulk_decrypt.openssl";
    rows[1].description = "the same beside the cipher alone";
    rows[1].target.reset();
    rows[1].peer = {
        .name = "openssl speed aes-256-gcm, 64 bytes, one core", .version = "", .runs = {}};
    for (int run = 0; run < runs; ++run) rows[1].peer.runs.push_back(co_await openssl_rate(world));
    auto const batch = co_await sign_question(asker, keys, venues[0], batch_items);
    rows[2].id = "citadel.sign_batch";
    rows[2].description = "orders signed for Binance, 1,000 a request, 8 connections";
    co_await measure(world, citadel, empty, batch, rows[2], runs, 100);
    auto const single = co_await decrypt_question(asker, keys);
    rows[3].id = "citadel.decrypt";
    rows[3].description = "one field a request, 8 connections, once it is on the disk who asked";
    co_await measure(world, citadel, empty, single, rows[3], runs, 10'000);
    for (auto const& venue : venues) {
        auto const one = co_await sign_question(asker, keys, venue, 1);
        Row row;
        row.id = std::string("citadel.sign.") + venue.name;
        row.description = "one order signed a request, 8 connections";
        co_await measure(world, citadel, empty, one, row, runs, 20'000);
        // A signature of a curve costs more than the request around it.
        if (!venue.is_agent) row.target = Target{.of = Target::Of::ratio, .bound = 0.8};
        rows.push_back(std::move(row));
    }
    co_await citadel.stop();
    co_await empty.stop();
    co_return rows;
}

}  // namespace obscura::app::bench
