#include "support/private_postgres.hpp"

#include "base/metrics.hpp"
#include "store/migrate.hpp"
#include "support/coroutine.hpp"

#include <boost/asio/io_context.hpp>

#include <libpq-fe.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace obscura::test {
namespace {

constexpr char const* system_user = "postgres";
constexpr char const* programs = "/usr/lib/postgresql/15/bin/";
constexpr char const* migrated = "migrated_template";

struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* result) const { PQclear(result); }
};

std::string percent_encoded(std::string const& text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

}  // namespace

PrivatePostgres& PrivatePostgres::shared() {
    static PrivatePostgres instance;
    return instance;
}

PrivatePostgres::PrivatePostgres() : folder_("obscura-pg", system_user) {
    initialise();
    // Somebody else may take the port between the choice and the start.
    for (int attempt = 0; !server_; ++attempt) {
        port_ = free_port();
        try {
            start();
        } catch (std::runtime_error const&) {
            if (attempt == 2) throw;
            server_.reset();
        }
    }
}

PrivatePostgres::~PrivatePostgres() {
    resume();
    if (server_) {
        server_->signal(SIGQUIT);
        static_cast<void>(server_->wait(std::chrono::seconds(10)));
    }
}

void PrivatePostgres::initialise() {
    auto const password = folder_.path() / "password";
    std::ofstream(password) << password_of("postgres") << '\n';
    auto const log = folder_.path() / "initdb.log";
    PrivateProcess initdb({std::string(programs) + "initdb", "--pgdata", folder_.path() / "data",
                           "--username=postgres", "--auth=scram-sha-256", "--pwfile", password,
                           "--encoding=UTF8", "--locale=C", "--no-sync"},
                          {.user = system_user, .log = log});
    auto const status = initdb.wait(std::chrono::minutes(2));
    if (!status || *status != 0) throw std::runtime_error("initdb failed: " + read_text(log));
}

void PrivatePostgres::start() {
    auto const log = folder_.path() / "server.log";
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    std::vector<std::string> argv{std::string(programs) + "postgres", "-D",
                                  folder_.path() / "data"};
    for (auto const& setting :
         {std::string("listen_addresses=127.0.0.1"), "port=" + std::to_string(port_),
          "unix_socket_directories=" + folder_.path().string(), std::string("fsync=off"),
          std::string("full_page_writes=off"), std::string("max_connections=60"),
          std::string("shared_buffers=32MB"), std::string("log_min_messages=warning")}) {
        argv.emplace_back("-c");
        argv.push_back(setting);
    }
    server_ = std::make_unique<PrivateProcess>(argv, PrivateProcess::Options{system_user, log});
    while (!answers()) {
        if (server_->wait(std::chrono::milliseconds(0))) {
            throw std::runtime_error("PostgreSQL did not start: " + read_text(log));
        }
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("PostgreSQL does not answer: " + read_text(log));
        }
        pause_briefly();
    }
}

bool PrivatePostgres::answers() const { return PQping(url("postgres").c_str()) == PQPING_OK; }

std::string PrivatePostgres::url(std::string const& database, std::string const& user) const {
    return "postgresql://" + user + ":" + percent_encoded(password_of(user)) +
           "@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

std::string PrivatePostgres::execute(std::string const& database, std::string const& sql) {
    std::unique_ptr<PGconn, Finish> const connection(PQconnectdb(url(database).c_str()));
    std::unique_ptr<PGresult, Finish> const result(PQexec(connection.get(), sql.c_str()));
    auto const status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
    }
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

std::string PrivatePostgres::create_empty_database(std::string const& name) {
    auto const full = name + "_" + std::to_string(++databases_);
    execute("postgres", "CREATE DATABASE " + full);
    return full;
}

std::string PrivatePostgres::create_database(std::string const& name) {
    if (!has_template_) {
        execute("postgres", std::string("CREATE DATABASE ") + migrated);
        boost::asio::io_context io;
        base::Metrics metrics;
        store::PgConfig config{.url = url(migrated), .connections = 1};
        store::PgPool pool(io.get_executor(), config, metrics);
        run(io,
            store::ensure_roles(
                pool, {.app = base::Secret(std::string_view(password_of("obscura_app"))),
                       .engine = base::Secret(std::string_view(password_of("obscura_engine")))}));
        run(io, store::migrate(pool, store::read_migrations(OBSCURA_SOURCE_DIR "/db/migrations")));
        has_template_ = true;
    }
    auto const full = name + "_" + std::to_string(++databases_);
    execute("postgres", "CREATE DATABASE " + full + " TEMPLATE " + migrated);
    return full;
}

void PrivatePostgres::kill9() { server_->kill9(); }

void PrivatePostgres::stop() {
    server_->signal(SIGINT);
    if (!server_->wait(std::chrono::seconds(30))) throw std::runtime_error("it does not stop");
}

void PrivatePostgres::restart() {
    // After kill9 the kernel may need a moment to give the shared memory back.
    for (int attempt = 0;; ++attempt) {
        try {
            return start();
        } catch (std::runtime_error const&) {
            if (attempt == 20) throw;
            pause_briefly();
        }
    }
}

/// PostgreSQL takes a key only that is its user's alone.
std::string PrivatePostgres::own_copy(std::string const& file) {
    auto const copy = folder_.path() / (std::to_string(++copies_) + ".pem");
    std::filesystem::copy_file(file, copy);
    std::filesystem::permissions(
        copy, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    struct stat owner{};
    if (::stat(folder_.path().c_str(), &owner) != 0 ||
        ::chown(copy.c_str(), owner.st_uid, owner.st_gid) != 0)
        throw std::runtime_error("no owner for " + copy.string());
    return copy;
}

void PrivatePostgres::set(std::string const& name, std::string const& value) {
    execute("postgres", "ALTER SYSTEM SET " + name + " = '" + value + "'");
}

void PrivatePostgres::reload() {
    // The signal is taken some time later: what it brings last is waited for.
    auto const mark = "reload " + std::to_string(++copies_);
    set("log_line_prefix", mark);
    execute("postgres", "SELECT pg_reload_conf()");
    while (execute("postgres", "SHOW log_line_prefix") != mark) pause_briefly();
}

void PrivatePostgres::use_tls(Tls const& tls) {
    set("ssl_cert_file", own_copy(tls.certificate));
    set("ssl_key_file", own_copy(tls.key));
    set("ssl_ca_file", tls.client_authority.empty() ? "" : own_copy(tls.client_authority));
    set("ssl_max_protocol_version", tls.newest_version);
    set("ssl", "on");
    reload();
}

void PrivatePostgres::without_tls() {
    set("ssl", "off");
    reload();
}

void PrivatePostgres::pause() {
    std::istringstream pids(
        execute("postgres",
                "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"));
    for (pid_t pid = 0; pids >> pid;) {
        ::kill(pid, SIGSTOP);
        paused_.push_back(pid);
    }
}

void PrivatePostgres::resume() {
    for (auto const pid : paused_) ::kill(pid, SIGCONT);
    paused_.clear();
}

}  // namespace obscura::test
