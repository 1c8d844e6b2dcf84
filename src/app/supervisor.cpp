#include "app/supervisor.hpp"

#include "app/child_environment.hpp"
#include "app/citadel_account.hpp"
#include "app/database_setup.hpp"
#include "app/files.hpp"
#include "app/free_port.hpp"
#include "app/postgres_cluster.hpp"
#include "app/redis_instance.hpp"
#include "app/service_configs.hpp"
#include "app/stack.hpp"
#include "app/stack_certificates.hpp"
#include "app/state_folder.hpp"
#include "app/status_file.hpp"
#include "app/unit.hpp"
#include "app/version.hpp"
#include "base/log.hpp"
#include "net/client.hpp"
#include "net/runtime.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <signal.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <ranges>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace obscura::app {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// The ports of architecture, in the order of `service_names`.
constexpr std::uint16_t well_known_ports[] = {8004, 8010, 8002, 8001, 8003, 8000};

class Supervisor {
public:
    Supervisor(asio::io_context& io, UpOptions options, std::function<void()> ready)
        : io_(io),
          options_(std::move(options)),
          ready_(std::move(ready)),
          state_(options_.state),
          ports_(state_.file("ports.json"), !options_.free_ports),
          stop_wanted_(io.get_executor()) {}

    net::Task<int> run() {
        asio::co_spawn(io_, watch_signals(), asio::detached);
        if (options_.until_pid != 0) asio::co_spawn(io_, watch_owner(), asio::detached);
        std::string failure;
        try {
            co_await start();
        } catch (std::exception const& e) {
            failure = e.what();
        }
        if (failure.empty()) {
            phase("ready");
            ready_();
            while (!stopping_) co_await stop_wanted_.wait(1h);
        } else {
            say("could not be started: " + failure);
        }
        co_await stop();
        co_return failure.empty() ? 0 : 1;
    }

private:
    void say(std::string const& line) const {
        std::printf("  %s\n", line.c_str());
        std::fflush(stdout);
        base::log::info("up", {{"progress", line}});
    }
    void phase(std::string name) {
        phase_ = std::move(name);
        save_status();
    }
    void save_status() const {
        write_status(state_, phase_, cluster_ ? cluster_->folder() : "", units_);
    }

    void request_stop(std::string const& why) {
        base::log::info("supervisor.stop", {{"why", why}});
        stopping_ = true;
        if (demo_ != nullptr) demo_->signal(SIGTERM);
        stop_wanted_.notify();
    }
    void go_on_or_throw() const {
        if (stopping_) throw StartFailure("stopped while starting");
    }

    net::Task<void> watch_signals() {
        asio::signal_set signals(io_, SIGINT, SIGTERM, SIGHUP);
        for (;;) {
            auto const [error, number] =
                co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
            if (error) co_return;
            request_stop("signal " + std::to_string(number));
        }
    }

    net::Task<void> watch_owner() {
        co_await wait_for_end_of(io_.get_executor(), options_.until_pid);
        request_stop("process " + std::to_string(options_.until_pid) + " has ended");
    }

    net::Task<void> start() {
        choose_ports();
        phase("starting");
        co_await start_data();
        stack_ = load_stack(state_.path());
        net::ClientConfig client;
        for (auto const& [name, url] : stack_->urls) client.allowed_origins.push_back(url);
        client_.emplace(io_.get_executor(), std::move(client), clock_);
        co_await prepare_database();
        make_certificates(state_, clock_, random_);
        write_service_configs(state_, *stack_);
        save_login(state_.path(), {"platform administrator", stack_->admin_email,
                                   std::string(stack_->admin_password.reveal())});
        for (auto const name : service_names) {
            go_on_or_throw();
            co_await start_unit(service_unit(std::string(name)));
        }
        if (!options_.bare) co_await load_demo_once();
    }

    void choose_ports() {
        (void)ports_.choose("postgres", 5440);
        (void)ports_.choose("redis", 6390);
        for (std::size_t i = 0; i < std::size(service_names); ++i)
            (void)ports_.choose(std::string(service_names[i]), well_known_ports[i]);
        ports_.save();
    }

    net::Task<void> start_data() {
        cluster_.emplace(state_, ports_.at("postgres"));
        if (!cluster_->exists()) {
            say("making a PostgreSQL cluster in " + cluster_->folder());
            co_await cluster_->create(io_.get_executor());
        }
        co_await cluster_->wait_for_predecessor();
        co_await start_unit(cluster_->unit());
        co_await cluster_->create_database(io_.get_executor());
        go_on_or_throw();
        co_await start_unit(redis_unit(io_.get_executor(), state_, ports_.at("redis")));
    }

    net::Task<void> prepare_database() {
        auto const executor = io_.get_executor();
        auto const folder = options_.migrations.empty() ? migrations_folder() : options_.migrations;
        store::RolePasswords passwords{.app = state_.secret("postgres-app"),
                                       .engine = state_.secret("postgres-engine")};
        auto const applied = co_await migrate_database(executor, stack_->owner_database_url, folder,
                                                       std::move(passwords));
        for (auto const& name : applied) say("migration " + name + " applied");
        co_await ensure_administrator(executor, *stack_);
    }

    UnitSpec service_unit(std::string const& name) {
        UnitSpec spec;
        spec.name = name;
        spec.url = stack_->url(name);
        spec.version = version;
        spec.process = [this, name] {
            auto const folder = executable_folder();
            ProcessSpec process{.name = name};
            if (name == "citadel")
                process.argv = {folder + "/obscura-citadel"};
            else
                process.argv = {folder + "/obscura", name};
            process.argv.insert(process.argv.end(), {"--config", state_.config(name)});
            process.environment = service_environment(state_, name);
            process.log_file = state_.log(name);
            process.working_directory = state_.path();
            if (name == "citadel") process.account = citadel_account(state_, process.argv[0]);
            if (process.account) give_citadel_its_files(state_, *process.account);
            return process;
        };
        spec.probe = [this, url = spec.url]() { return probe_health(url); };
        return spec;
    }

    net::Task<std::string> probe_health(std::string url) {
        net::Request request;
        request.target = "/health";
        auto const answer = co_await client_->fetch(std::move(url), std::move(request), 2s);
        if (!answer) co_return answer.error().detail;
        if (answer->status == 200) co_return "";
        co_return "GET /health answered " + std::to_string(answer->status) + ": " +
            answer->body.substr(0, 2'000);
    }

    net::Task<void> start_unit(UnitSpec spec) {
        auto const began = SteadyClock::now();
        units_.push_back(
            std::make_unique<Unit>(io_.get_executor(), std::move(spec), [this] { save_status(); }));
        auto& unit = *units_.back();
        co_await unit.start([this] { return stopping_; });
        auto const ms =
            std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - began);
        char line[200];
        std::snprintf(line, sizeof line, "%-10s ready  %-45s %6lld ms", unit.spec().name.c_str(),
                      unit.spec().url.c_str(), static_cast<long long>(ms.count()));
        say(line);
    }

    net::Task<void> load_demo_once() {
        auto const marker = state_.file("demo.loaded");
        if (std::filesystem::exists(marker)) co_return;
        go_on_or_throw();
        say("loading demo data");
        ProcessSpec spec{
            .name = "demo",
            .argv = {executable_folder() + "/obscura", "demo", "--state", state_.path()},
            .environment = base_environment(),
            .log_file = state_.log("demo"),
            .shares_stdout = true};
        Process demo(io_.get_executor(), spec);
        demo_ = &demo;
        auto const end = co_await demo.wait();
        demo_ = nullptr;
        go_on_or_throw();
        if (!end.is_success())
            throw StartFailure("the demo data could not be loaded (" + end.to_string() + ")\n" +
                               last_lines(spec.log_file, 15));
        write_file(marker, "");
    }

    net::Task<void> stop() {
        stopping_ = true;
        phase("stopping");
        // Last started, first stopped: nobody loses what it still needs.
        for (auto const& unit : units_ | std::views::reverse) co_await unit->stop();
        if (client_) client_->close();
        phase("stopped");
    }

    asio::io_context& io_;
    UpOptions options_;
    std::function<void()> ready_;
    StateFolder state_;
    PortPlan ports_;
    base::SystemClock clock_;
    base::SystemRandom random_;
    net::Event stop_wanted_;
    std::optional<net::HttpClient> client_;
    std::optional<PostgresCluster> cluster_;
    std::optional<StackInfo> stack_;
    std::vector<std::unique_ptr<Unit>> units_;
    Process* demo_ = nullptr;
    std::string phase_ = "starting";
    bool stopping_ = false;
};

net::Task<void> run_to_end(Supervisor& supervisor, asio::io_context& io, int& status) {
    status = co_await supervisor.run();
    io.stop();
}

}  // namespace

int supervise(UpOptions const& options, std::function<void()> ready) {
    base::log::start("supervisor", base::log::Level::info, base::log::Format::readable);
    // A progress line into a terminal that is gone is no reason to end.
    ::signal(SIGPIPE, SIG_IGN);
    StateFolder const state(options.state);
    StateLock lock;
    if (!lock.try_acquire(state.path())) {
        std::printf("  another stack runs in %s (process %d)\n", state.path().c_str(),
                    lock_holder(state.path()));
        return 1;
    }
    asio::io_context io{1};
    Supervisor supervisor(io, options, std::move(ready));
    int status = 1;
    asio::co_spawn(io, run_to_end(supervisor, io, status), [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
    });
    io.run();
    return status;
}

}  // namespace obscura::app
