#include "app/store_settings.hpp"

namespace obscura::app {
namespace {

/// What [tls] has for the services among themselves.
void bind_tls(base::ConfigTable& table, std::string const& section, net::TlsClientConfig& tls,
              std::string authority) {
    table.bind(section + ".authority", tls.ca_file, std::move(authority));
    table.bind(section + ".certificate", tls.certificate_file,
               "PEM file: this service's certificate, for a server that asks for one");
    table.bind(section + ".key", tls.key_file, "PEM file of the certificate's key");
}

}  // namespace

void bind_database(base::ConfigTable& table, store::PgConfig& config, std::string meaning) {
    table.bind("database.url", config.url, std::move(meaning));
    table.required().alias("DATABASE_URL");
    bind_tls(
        table, "database", config.tls,
        "PEM file: whose certificates PostgreSQL may show. With it connections are TLS 1.3 and "
        "the server's name is verified; must be given, here or in the URL "
        "(sslmode=verify-full&sslrootcert=FILE), where the server is on another host");
    table.bind("database.connections", config.connections, "Connections to PostgreSQL", {1, 256});
}

void bind_redis(base::ConfigTable& table, store::RedisConfig& config, std::string meaning) {
    table.bind("redis.url", config.url, std::move(meaning));
    table.required().alias("REDIS_URL");
    bind_tls(table, "redis", config.tls,
             "PEM file: whose certificates Redis may show, for rediss:// (TLS 1.3, the server's "
             "name verified), which a server on another host must have");
}

}  // namespace obscura::app
