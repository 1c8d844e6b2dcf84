#include "app/paper_service.hpp"

#include "app/service_main.hpp"
#include "paper/service.hpp"

namespace obscura::app {

int run_paper(std::vector<std::string> args) {
    using namespace std::chrono_literals;
    CommonConfig common;
    paper::Config config;
    base::ConfigTable table;
    bind_common(table, common, 8010);
    config.bind_to(table);
    return run_service("paper", args, table, common, [&](ServiceHost& host) {
        auto venue = std::make_shared<paper::Service>(host.io.get_executor(), common.http, config,
                                                      host.clock, host.random, host.metrics);
        venue->start();
        host.stop.add("venue", [venue] { return venue->stop(); }, 15s);
        return std::static_pointer_cast<void>(venue);
    });
}

}  // namespace obscura::app
