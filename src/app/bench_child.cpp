#include "app/bench_child.hpp"

#include "app/child_environment.hpp"
#include "app/files.hpp"
#include "net/runtime.hpp"

#include <filesystem>

namespace obscura::app::bench {
namespace {

struct Shared {
    std::size_t count;
    std::function<net::Task<void>(std::size_t)> work;
    std::size_t next = 0;
    std::exception_ptr failure;
};

net::Task<void> take_turns(Shared& shared) {
    while (shared.next < shared.count && !shared.failure) {
        auto const index = shared.next++;
        try {
            co_await shared.work(index);
        } catch (...) {
            shared.failure = std::current_exception();
        }
    }
}

}  // namespace

net::Task<std::string> run_child(boost::asio::any_io_executor executor,
                                 std::vector<std::string> argv, std::string output_file) {
    std::error_code none;
    std::filesystem::remove(output_file, none);
    ProcessSpec const spec{.name = std::filesystem::path(argv.front()).filename(),
                           .argv = argv,
                           .environment = base_environment(),
                           .log_file = output_file};
    Process child(executor, spec);
    auto const status = co_await child.wait();
    if (!status.is_success())
        throw BenchFailure(spec.name + " ended with " + status.to_string() + "\n" +
                           last_lines(output_file, 15));
    co_return read_file(output_file).value_or("");
}

net::Task<void> in_parallel(boost::asio::any_io_executor executor, std::size_t count,
                            std::size_t width, std::function<net::Task<void>(std::size_t)> work) {
    Shared shared{.count = count, .work = std::move(work)};
    net::Scope scope(executor);
    for (std::size_t i = 0; i < width; ++i) scope.spawn("bench.parallel", take_turns(shared));
    co_await scope.join();
    if (shared.failure) std::rethrow_exception(shared.failure);
}

}  // namespace obscura::app::bench
