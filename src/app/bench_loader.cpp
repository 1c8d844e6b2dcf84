#include "app/bench_loader.hpp"

#include "app/bench_child.hpp"
#include "app/files.hpp"

namespace obscura::app::bench {

net::Task<LoadResult> send_to(World& world, std::string name, std::string origin,
                              std::vector<std::string> requests, LoadShape shape) {
    auto const& folder = world.stack().folder();
    auto const file = folder.file(name + ".requests");
    write_file(file, pack_requests(requests), 0600);
    std::vector<std::string> argv{executable_folder() + "/obscura",
                                  "bench-load",
                                  "--to",
                                  std::move(origin),
                                  "--requests",
                                  file,
                                  "--connections",
                                  std::to_string(shape.connections)};
    if (shape.count > 0) argv.insert(argv.end(), {"--count", std::to_string(shape.count)});
    if (shape.rate > 0) argv.insert(argv.end(), {"--rate", std::to_string(shape.rate)});
    auto const output = co_await run_child(world.executor(), argv, folder.log(name));
    auto const told = base::parse_json(output);
    if (!told) throw BenchFailure("the load generator says: " + output.substr(0, 300));
    co_return LoadResult::from_json(*told);
}

net::Task<LoadResult> send_all(World& world, std::string name, std::string service,
                               std::vector<std::string> requests, LoadShape shape) {
    auto origin = world.stack().info().url(service);
    co_return co_await send_to(world, std::move(name), std::move(origin), std::move(requests),
                               shape);
}

void expect_only(LoadResult const& result, int status, std::string const& whose) {
    bool const all = result.statuses.size() == 1 && result.answers(status) > 0;
    if (all && result.failures == 0) return;
    std::string text = whose + " was to answer " + std::to_string(status) + " only:";
    for (auto const& [other, count] : result.statuses)
        text += " " + std::to_string(count) + " times " + std::to_string(other) + ",";
    throw BenchFailure(text + " " + std::to_string(result.failures) + " without an answer");
}

}  // namespace obscura::app::bench
