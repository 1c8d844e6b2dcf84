// The guided flow: what a visitor should see work, judged from the venue's own ledger.
#include "app/tour.hpp"

#include "app/tour_futures.hpp"
#include "app/tour_limits.hpp"
#include "app/tour_report.hpp"
#include "app/tour_scene.hpp"
#include "app/tour_spot.hpp"
#include "base/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdio>

namespace obscura::app {
namespace {

net::Task<std::string> check_health(TourScene& scene) {
    auto const health = co_await scene.gateway("GET", "/health");
    auto const status = text_of(health, "status");
    if (status != "ok") throw ApiFailure("/health says " + health.dump());
    co_return "status ok";
}

/// The gateway's verdict on citadel, in its words; what citadel says of itself counts for nothing.
net::Task<std::string> look_at_citadel(TourScene& scene) {
    auto const health = co_await scene.gateway("GET", "/health");
    auto const& citadel = health["services"]["citadel"];
    auto const words = text_of(citadel, "evidence");
    bool const is_up = text_of(citadel, "status") == "up";
    if (!is_up || words.empty()) throw ApiFailure("citadel: " + citadel.dump());
    co_return "citadel: " + words;
}

net::Task<void> play(TourScene& scene, LimitTour& limits) {
    SpotTour spot(scene);
    FuturesTour futures(scene);
    co_await scene.step("every service is healthy", [&] { return check_health(scene); });
    co_await scene.step("citadel shows its evidence", [&] { return look_at_citadel(scene); });
    co_await limits.run();
    co_await spot.run();
    co_await futures.run();
    scene.close();
}

}  // namespace

int run_tour(std::vector<std::string> args) {
    std::string state = ".obscura";
    bool json = false;
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (args[i] == "--json")
            json = true;
        else if (args[i] == "--state" && i + 1 < args.size())
            state = args[++i];
        else {
            std::fprintf(stderr, "usage: obscura tour [--state DIR] [--json]\n");
            return 2;
        }
    }
    base::log::start("tour", base::log::Level::warn, base::log::Format::readable);
    TourReport report(!json);
    try {
        auto const stack = load_stack(state);
        boost::asio::io_context io(1);
        TourScene scene(stack, io.get_executor(), report);
        LimitTour limits(scene, stack, io.get_executor());
        boost::asio::co_spawn(io, play(scene, limits), [&](std::exception_ptr e) {
            io.stop();
            if (e) std::rethrow_exception(e);
        });
        io.run();
    } catch (std::exception const& e) {
        report.add("the tour runs", false, {}, e.what());
    }
    report.finish(json);
    return report.failed() ? 1 : 0;
}

}  // namespace obscura::app
