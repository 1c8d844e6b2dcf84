#pragma once

#include "app/internal_tls.hpp"
#include "base/clock.hpp"
#include "base/config.hpp"
#include "base/failpoint.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "net/runtime.hpp"
#include "net/server.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::app {

/// Settings that every service has, [log] and [http], and those of services among themselves:
/// [tls].
struct CommonConfig {
    std::string log_level = "info";
    std::string log_format = "json";
    net::ServerConfig http;
    InternalTls tls;
};
void bind_common(base::ConfigTable& table, CommonConfig& config, std::uint16_t default_port);
void bind_internal(base::ConfigTable& table, CommonConfig& config, std::uint16_t default_port);

/// The clock of the host, which the fault suite steps under the feet of its processes.
class HostClock final : public base::Clock {
public:
    [[nodiscard]] base::Timestamp now() const override {
        return system_.now() + base::clock_step();
    }
    [[nodiscard]] base::Instant steady() const override { return system_.steady(); }

private:
    base::SystemClock system_;
};

/// What a service is built on: one event loop on one thread, the real clock and randomness. Steps
/// of `stop` run last-added first when SIGTERM or SIGINT arrives.
struct ServiceHost {
    boost::asio::io_context io{1};
    HostClock clock;
    base::SystemRandom random;
    base::Metrics metrics;
    net::StopSequence stop;
    /// Ends the process in order, as SIGTERM would, with this exit status.
    std::function<void(int status)> shut_down;
};

/// The life of every service's process: `--config FILE` and `--print-config`, settings (all errors
/// at once on stderr, exit 2), logs, `start`, run until told to stop, ordered stop. `start`
/// composes the service and returns what must live as long as the loop runs. Exceptions out of it
/// end the process with 1.
[[nodiscard]] int run_service(std::string_view name, std::vector<std::string> const& args,
                              base::ConfigTable& table, CommonConfig& common,
                              std::function<std::shared_ptr<void>(ServiceHost&)> start);

}  // namespace obscura::app
