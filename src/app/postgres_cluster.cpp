#include "app/postgres_cluster.hpp"

#include "app/child_environment.hpp"
#include "app/files.hpp"
#include "crypto/hash.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace obscura::app {
namespace {

constexpr auto programs = "/usr/lib/postgresql/15/bin/";
constexpr auto account_name = "postgres";

std::string choose_folder(StateFolder const& state, std::optional<Account> const& account) {
    auto const record = state.file("postgres.location");
    if (auto known = read_file(record)) {
        while (known->ends_with('\n')) known->pop_back();
        return *known;
    }
    if (!account || can_reach(*account, state.path())) return state.file("postgres");
    auto const folder = "/var/lib/obscura-" + crypto::sha256_hex(state.path()).substr(0, 12);
    write_file(record, folder + "\n");
    return folder;
}

/// postmaster.pid, line by line: 0 is the process id, 7 the server's state.
std::string pid_file_line(std::string const& data, int wanted) {
    std::istringstream in(read_file(data + "/postmaster.pid").value_or(""));
    std::string line;
    for (int n = 0; std::getline(in, line); ++n)
        if (n == wanted) return line.substr(0, line.find_last_not_of(' ') + 1);
    return {};
}

/// The server that postmaster.pid names, if it still runs (process ids are used again).
pid_t running_server(std::string const& data) {
    auto const pid = std::atoi(pid_file_line(data, 0).c_str());
    if (pid <= 0) return 0;
    std::error_code gone;
    auto const program = fs::read_symlink("/proc/" + std::to_string(pid) + "/exe", gone);
    if (gone || program.filename() != "postgres") return 0;
    return static_cast<pid_t>(pid);
}

net::Task<std::string> probe(std::string data) {
    auto const status = pid_file_line(data, 7);
    if (status == "ready") co_return "";
    co_return status.empty() ? "no answer yet" : "it is " + status;
}

void run_or_fail(ExitStatus const& end, ProcessSpec const& spec) {
    if (end.is_success()) return;
    throw StartFailure(spec.name + " failed with " + end.to_string() + "\n" +
                       last_lines(spec.log_file, 15));
}

}  // namespace

PostgresCluster::PostgresCluster(StateFolder const& state, std::uint16_t port)
    : state_(state), port_(port) {
    if (!fs::exists(std::string(programs) + "postgres"))
        throw StartFailure("no PostgreSQL 15 in " + std::string(programs) +
                           ": apt-get install postgresql-15");
    if (::geteuid() == 0) {
        account_ = find_account(account_name);
        if (!account_)
            throw StartFailure("PostgreSQL refuses root, and there is no account 'postgres'");
    }
    folder_ = choose_folder(state, account_);
    make_folder(folder_, 0700);
    if (account_ && ::chown(folder_.c_str(), account_->uid, account_->gid) != 0)
        throw std::system_error(errno, std::generic_category(), folder_);
}

bool PostgresCluster::exists() const { return fs::exists(data()); }

ProcessSpec PostgresCluster::tool(std::string const& name) const {
    ProcessSpec spec{.name = name,
                     .argv = {programs + name},
                     .environment = base_environment(),
                     .log_file = state_.log("postgres-setup"),
                     .account = account_};
    spec.working_directory = folder_;
    return spec;
}

net::Task<void> PostgresCluster::create(boost::asio::any_io_executor executor) {
    auto const fresh = folder_ + "/data.new";
    auto const password_file = folder_ + "/password";
    fs::remove_all(fresh);
    write_file(password_file, state_.secret("postgres-owner").reveal(), 0600);
    if (account_ && ::chown(password_file.c_str(), account_->uid, account_->gid) != 0)
        throw std::system_error(errno, std::generic_category(), password_file);
    auto spec = tool("initdb");
    for (auto const& argument :
         {"--pgdata=" + fresh, "--username=" + std::string(owner), "--pwfile=" + password_file,
          std::string("--auth=scram-sha-256"), std::string("--encoding=UTF8"),
          std::string("--locale=C.UTF-8"), std::string("--no-instructions")})
        spec.argv.push_back(argument);
    Process initdb(executor, spec);
    auto const end = co_await initdb.wait();
    fs::remove(password_file);
    run_or_fail(end, spec);
    fs::rename(fresh, data());
}

ProcessSpec PostgresCluster::server() const {
    auto spec = tool("postgres");
    spec.log_file = state_.log("postgres");
    spec.death_signal = SIGINT;  // its fast shutdown: the next start needs no recovery
    spec.argv.insert(spec.argv.end(), {"-D", data(), "-p", std::to_string(port_)});
    // The socket's path has room for 107 bytes; TCP on loopback is what the services use.
    auto const socket_folder = folder_.size() < 80 ? folder_ : std::string();
    for (auto const& setting :
         {std::string("listen_addresses=127.0.0.1"), "unix_socket_directories=" + socket_folder,
          std::string("max_connections=200"), std::string("shared_buffers=128MB"),
          std::string("timezone=UTC"), std::string("log_timezone=UTC"), std::string("jit=off"),
          std::string("max_wal_size=1GB"), std::string("log_line_prefix=%m [%p] %u@%d ")})
        spec.argv.insert(spec.argv.end(), {"-c", setting});
    return spec;
}

UnitSpec PostgresCluster::unit() const {
    UnitSpec spec;
    spec.name = "postgres";
    spec.url = "postgresql://127.0.0.1:" + std::to_string(port_) + "/" + database;
    spec.version = "15";
    spec.process = [this] {
        // Left by a server that was killed: its process id may belong to somebody else by now.
        if (running_server(data()) == 0) fs::remove(data() + "/postmaster.pid");
        return server();
    };
    spec.probe = [this] { return probe(data()); };
    spec.stop_signal = SIGINT;
    spec.stop_deadline = 30s;
    return spec;
}

net::Task<void> PostgresCluster::wait_for_predecessor() const {
    for (int tries = 0; tries < 400 && running_server(data()) != 0; ++tries)
        co_await net::sleep_for(50ms);
    if (auto const pid = running_server(data()); pid != 0)
        throw StartFailure("another PostgreSQL (process " + std::to_string(pid) + ") runs on " +
                           data());
}

net::Task<void> PostgresCluster::create_database(boost::asio::any_io_executor executor) {
    auto const marker = state_.file("postgres.created");
    if (fs::exists(marker)) co_return;
    auto spec = tool("createdb");
    spec.log_file = state_.log("postgres-setup");
    for (auto const& argument : {std::string("--host=127.0.0.1"), "--port=" + std::to_string(port_),
                                 "--username=" + std::string(owner), std::string(database)})
        spec.argv.push_back(argument);
    auto const password = state_.secret("postgres-owner");
    spec.environment.push_back("PGPASSWORD=" + std::string(password.reveal()));
    Process createdb(executor, spec);
    auto const end = co_await createdb.wait();
    // Cut off between the database and the marker, an earlier start did it already.
    if (last_lines(spec.log_file, 1).find("already exists") == std::string::npos)
        run_or_fail(end, spec);
    write_file(marker, "");
}

}  // namespace obscura::app
