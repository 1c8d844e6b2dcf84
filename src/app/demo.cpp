// Demo data through the public API: what a platform, two leaders, a tenant and its users would do.
#include "app/demo.hpp"

#include "app/api_client.hpp"
#include "base/random.hpp"
#include "crypto/hex.hpp"
#include "peers/credential_seal.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <cstdio>

namespace obscura::app {
namespace demo {

std::string follower_email(int index) {
    return "follower" + std::to_string(index + 1) + "@acme.obscura.local";
}
std::string follower_label(int index) { return "demo-follower-" + std::to_string(index + 1); }
int follower_investment_usd(int index) { return 1'000 + 100 * index; }

}  // namespace demo

namespace {

using base::Json;

struct Leader {
    std::string name;
    std::string who;
    std::string email;
    std::string label;  ///< of the paper account
};
Leader ada() { return {"Ada", "the leader", demo::leader_email, demo::leader_label}; }
Leader grace() {
    return {"Grace", "the leader on futures", demo::futures_leader_email,
            demo::futures_leader_label};
}

/// How a credential comes to the gateway.
enum class Handed { sealed, plain };

class DemoLoader {
public:
    DemoLoader(StackInfo const& stack, demo::Size size, boost::asio::any_io_executor executor)
        : stack_(stack),
          size_(size),
          api_(executor, clock_, {stack.url("gateway"), stack.url("paper")}) {}

    net::Task<void> run() {
        admin_ =
            co_await login(stack_.admin_email, std::string(stack_.admin_password.reveal()), "");
        auto const on_spot = co_await make_leader(ada());
        auto const on_futures = co_await make_leader(grace());
        std::vector<std::string> pools;
        pools.push_back(co_await make_curated_pool(demo::curated_pool, on_spot));
        (void)co_await make_curated_pool(demo::second_pool, on_spot);
        pools.push_back(co_await make_curated_pool(demo::futures_pool, on_futures));
        pools.push_back(co_await make_tenant_and_pool());
        for (int i = 0; i < size_.followers; ++i) {
            co_await make_follower(i, pools);
            if (size_.quiet || (i + 1) % 10 != 0) continue;
            std::printf("  %d followers subscribed\n", i + 1);
            std::fflush(stdout);
        }
        api_.close();
    }

private:
    [[nodiscard]] std::string new_password() {
        std::array<std::byte, 12> bytes{};
        random_.fill(bytes);
        return crypto::hex_encode(
            {reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size()});
    }

    net::Task<std::string> login(std::string email, std::string password, std::string tenant) {
        auto body = Json::object({{"email", email}, {"password", password}});
        if (!tenant.empty()) body.set("tenant", tenant);
        auto const answer = co_await gateway("POST", "/auth/login", "", std::move(body));
        co_return text_of(answer, "access_token");
    }

    net::Task<Json> gateway(std::string method, std::string path, std::string token, Json body) {
        co_return co_await api_.expect(std::move(method), stack_.url("gateway"), std::move(path),
                                       std::move(token), std::move(body));
    }

    /// A paper account with plenty of dollars in both wallets, connected for `purpose`.
    net::Task<std::string> connect_paper(std::string token, std::string label, std::string purpose,
                                         Handed handed) {
        auto const plenty = Json::object({{"USDT", "1000000"}});
        auto make =
            Json::object({{"label", label}, {"balances", plenty}, {"futures_balances", plenty}});
        auto const account = co_await api_.expect("POST", stack_.url("paper"), "/admin/accounts",
                                                  "", std::move(make));
        auto body = Json::object({{"venue", "binance"},
                                  {"environment", "paper"},
                                  {"purpose", purpose},
                                  {"label", label}});
        if (handed == Handed::sealed) {
            body.set("sealed", co_await seal(token, account, purpose));
        } else {
            body.set("credentials", Json::object({{"api_key", text_of(account, "api_key")},
                                                  {"secret", text_of(account, "secret")}}));
        }
        auto const made =
            co_await gateway("POST", "/exchanges/connections", token, std::move(body));
        co_return text_of(made, "id");
    }

    /// As an owner's own program does it. It is on the machine of the stack, whose key it takes at
    /// its word.
    net::Task<Json> seal(std::string token, Json const& account, std::string purpose) {
        auto const me = co_await gateway("GET", "/me", token, {});
        auto const answer = co_await gateway("GET", "/exchanges/sealing-key", token, {});
        auto const key = ports::sealing_key_from_json(answer);
        if (!key) throw ApiFailure("/exchanges/sealing-key: " + key.error().detail);
        peers::CredentialToSeal credential{
            .tenant = model::TenantId::parse(text_of(me, "tenant_id")).value(),
            .user = model::UserId::parse(text_of(me, "id")).value(),
            .venue = "binance",
            .purpose = model::value_of(purpose, ports::connection_purpose_names).value()};
        for (auto const* field : {"api_key", "secret"})
            credential.credentials.emplace(field, base::Secret(text_of(account, field)));
        auto const sealed = peers::seal_credential(*key, credential, clock_.now(),
                                                   peers::software_sealing(), random_);
        if (!sealed) throw ApiFailure("sealing: " + sealed.error().detail);
        co_return to_json(*sealed);
    }

    net::Task<std::string> make_leader(Leader leader) {
        auto const password = new_password();
        auto body = Json::object({{"email", leader.email}, {"password", password}});
        (void)co_await gateway("POST", "/auth/register", "", std::move(body));
        save_login(stack_.state_dir, {leader.who, leader.email, password});
        auto const token = co_await login(leader.email, password, "");
        auto const connection = co_await connect_paper(token, leader.label, "lead", Handed::sealed);
        auto trader = Json::object({{"connection_id", connection}, {"display_name", leader.name}});
        auto const made = co_await gateway("POST", "/v2/traders", token, std::move(trader));
        co_return text_of(made, "id");
    }

    net::Task<std::string> activated(std::string token, Json pool) {
        auto const made = co_await gateway("POST", "/v2/pools", token, std::move(pool));
        auto const id = text_of(made, "id");
        (void)co_await gateway("POST", "/v2/pools/" + id + "/activate", token, Json::object());
        co_return id;
    }

    net::Task<std::string> make_curated_pool(std::string name, std::string trader) {
        auto traders = Json::array({Json::object({{"trader_id", trader}, {"weight", "1"}})});
        auto pool =
            Json::object({{"kind", "curated"}, {"name", name}, {"traders", std::move(traders)}});
        co_return co_await activated(admin_, std::move(pool));
    }

    net::Task<std::string> make_tenant_and_pool() {
        auto tenant = Json::object({{"slug", demo::tenant_slug},
                                    {"name", "Acme Trading"},
                                    {"rate_limits", Json::object({{"general_per_min", 6000},
                                                                  {"execution_per_min", 6000}})}});
        auto const made = co_await gateway("POST", "/v2/admin/tenants", admin_, std::move(tenant));
        auto const id = text_of(made, "id");
        auto key = Json::object({{"name", demo::tenant_key_login},
                                 {"mode", "test"},
                                 {"scopes", Json::array({"signal:write", "pool:manage"})}});
        auto const path = "/v2/admin/tenants/" + id + "/api-keys";
        auto const answer = co_await gateway("POST", path, admin_, std::move(key));
        tenant_key_ = text_of(answer, "key");
        save_login(stack_.state_dir, {"Acme, a B2B tenant", demo::tenant_key_login, tenant_key_});
        auto pool = Json::object({{"kind", "partner"}, {"name", demo::partner_pool}});
        co_return co_await activated(tenant_key_, std::move(pool));
    }

    net::Task<void> make_follower(int index, std::vector<std::string> const& pools) {
        auto const email = demo::follower_email(index);
        auto const password = new_password();
        auto body =
            Json::object({{"email", email}, {"password", password}, {"tenant", demo::tenant_slug}});
        (void)co_await gateway("POST", "/auth/register", tenant_key_, std::move(body));
        if (index == 0) save_login(stack_.state_dir, {"a follower (tenant acme)", email, password});
        auto const token = co_await login(email, password, demo::tenant_slug);
        // Looking at an account before it is connected is bounded: the first one shows it.
        auto const handed = index == 0 ? Handed::sealed : Handed::plain;
        auto const connection =
            co_await connect_paper(token, demo::follower_label(index), "follow", handed);
        for (auto const& pool : pools) {
            auto const total = std::to_string(demo::follower_investment_usd(index));
            auto subscription = Json::object({{"connection_id", connection},
                                              {"mode", "fixed_amount"},
                                              {"total_investment_usd", total},
                                              {"max_loss_usd", total}});
            auto const path = "/v2/pools/" + pool + "/subscribe";
            (void)co_await gateway("POST", path, token, std::move(subscription));
        }
    }

    StackInfo const& stack_;
    demo::Size size_;
    base::SystemClock clock_;
    base::SystemRandom random_;
    ApiClient api_;
    std::string admin_;
    std::string tenant_key_;
};

}  // namespace

int load_demo(StackInfo const& stack) { return demo::load(stack, {}); }

int demo::load(StackInfo const& stack, Size size) {
    boost::asio::io_context io(1);
    DemoLoader loader(stack, size, io.get_executor());
    std::exception_ptr failure;
    boost::asio::co_spawn(io, loader.run(), [&](std::exception_ptr e) {
        failure = e;
        io.stop();
    });
    io.run();
    try {
        if (failure) std::rethrow_exception(failure);
    } catch (std::exception const& e) {
        std::fprintf(stderr, "the demo data could not be loaded: %s\n", e.what());
        return 1;
    }
    return 0;
}

}  // namespace obscura::app
