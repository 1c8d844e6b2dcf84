#include "app/service_configs.hpp"

#include "app/files.hpp"
#include "app/stack_certificates.hpp"
#include "app/token_seed.hpp"
#include "net/http.hpp"

namespace obscura::app {
namespace {

/// A TOML document, line by line. Wiped when done: it holds keys.
class Toml {
public:
    ~Toml() { base::cleanse(text_); }
    Toml& section(std::string_view name) {
        text_ += "\n[" + std::string(name) + "]\n";
        return *this;
    }
    Toml& text(std::string_view key, std::string_view value) {
        text_ += std::string(key) + " = ";
        base::append_json_string(text_, value);  // a TOML basic string escapes as JSON does
        text_ += "\n";
        return *this;
    }
    Toml& secret(std::string_view key, base::Secret const& value) {
        return text(key, value.reveal());
    }
    Toml& texts(std::string_view key, std::vector<std::string> const& values) {
        text_ += std::string(key) + " = [";
        for (auto const& value : values) {
            base::append_json_string(text_, value);
            text_ += ", ";
        }
        text_ += "]\n";
        return *this;
    }
    Toml& flag(std::string_view key, bool value) {
        text_ += std::string(key) + (value ? " = true\n" : " = false\n");
        return *this;
    }
    Toml& comment(std::string_view text) {
        text_ += "# " + std::string(text) + "\n";
        return *this;
    }
    Toml& number(std::string_view key, std::int64_t value) {
        text_ += std::string(key) + " = " + std::to_string(value) + "\n";
        return *this;
    }
    [[nodiscard]] std::string const& str() const { return text_; }

private:
    std::string text_ =
        "# Made by `obscura up` at every start. Change it by config/<service>.env:\n"
        "# OBSCURA_<SECTION>_<KEY>=value\n";
};

class Writer {
public:
    Writer(StateFolder const& state, StackInfo const& stack) : state_(state), stack_(stack) {}

    void citadel() const {
        auto toml = internal("citadel");
        toml.section("citadel").secret("master_key", state_.secret("citadel-master-key", 32));
        toml.text("audit_folder", state_.file("audit"));
        toml.section("callers");
        for (std::string const caller :
             {"gateway", "conductor", "sentinel", "rotation", "alchemist"})
            toml.secret(caller, stack_.internal_keys.at(caller + "@citadel"));
        toml.section("venues.binance.paper").text("rest", stack_.url("paper"));
        toml.text("ws", websocket(stack_.url("paper")) + "/ws-api/v3");
        save("citadel", toml);
    }
    void paper() const {
        auto toml = common("paper");
        toml.section("paper").text("state_dir", state_.file("paper"));
        save("paper", toml);
    }
    /// sentinel and conductor want the same.
    void engine(std::string const& service) const {
        auto toml = internal(service);
        data(toml, stack_.engine_database_url);
        citadel_of(toml, service);
        toml.section("internal")
            .secret("gateway_key", stack_.internal_keys.at("gateway@" + service));
        venues(toml);
        save(service, toml);
    }
    void alchemist() const {
        auto toml = internal("alchemist");
        toml.section("database").text("url", stack_.app_database_url);
        toml.section("internal")
            .secret("gateway_key", stack_.internal_keys.at("gateway@alchemist"));
        save("alchemist", toml);
    }
    void gateway() const {
        auto toml = internal("gateway");
        data(toml, stack_.app_database_url);
        citadel_of(toml, "gateway");
        toml.section("conductor").text("url", stack_.internal_url("conductor"));
        toml.secret("key", stack_.internal_keys.at("gateway@conductor"));
        toml.section("services")
            .text("sentinel_url", stack_.internal_url("sentinel"))
            .text("alchemist_url", stack_.internal_url("alchemist"))
            .text("paper_url", stack_.url("paper"));
        venues(toml);
        toml.section("auth").secret("pepper", state_.secret("gateway-pepper", 32));
        if (auto const key = key_of_plain_token_seed(state_, base::SystemClock().now()))
            toml.texts("previous_jwt_keys", {*key});
        save("gateway", toml);
    }

private:
    Toml common(std::string_view service) const {
        Toml toml;
        auto const url = net::parse_url(stack_.url(service));
        toml.section("http").text("address", url->host).number("port", url->port);
        toml.section("log").text("format", "json");
        return toml;
    }
    /// Of a service that others call, or that calls them.
    Toml internal(std::string_view service) const {
        auto toml = common(service);
        auto const files = certificate_files(state_.path(), service);
        toml.section("tls").text("certificate", files.certificate).text("key", files.key);
        toml.text("authority", files.authority);
        return toml;
    }
    void citadel_of(Toml& toml, std::string const& caller) const {
        toml.section("citadel").text("url", stack_.internal_url("citadel"));
        toml.secret("key", stack_.internal_keys.at(caller + "@citadel"));
        toml.comment("Everything is one machine's here, and its owner's: no hardware vouches for");
        toml.comment(
            "citadel. Where others' keys are at stake leave it out: attested is asked for.");
        toml.text("evidence", "software");
    }
    void data(Toml& toml, std::string const& database_url) const {
        toml.section("database").text("url", database_url);
        toml.section("redis").text("url", stack_.redis_url);
    }
    /// A stack of one's own shows all there is.
    void venues(Toml& toml) const {
        toml.section("venues").text("paper_url", stack_.url("paper"));
        toml.section("markets").flag("futures", true);
    }
    static std::string websocket(std::string const& url) { return "ws" + url.substr(4); }
    void save(std::string const& service, Toml const& toml) const {
        write_file(state_.config(service), toml.str(), 0600);
    }

    StateFolder const& state_;
    StackInfo const& stack_;
};

}  // namespace

void write_service_configs(StateFolder const& state, StackInfo const& stack) {
    Writer const writer(state, stack);
    writer.citadel();
    writer.paper();
    writer.engine("sentinel");
    writer.engine("conductor");
    writer.alchemist();
    writer.gateway();
}

}  // namespace obscura::app
