#include "app/kept_heads.hpp"

#include "app/verify_audit.hpp"

#include "base/metrics.hpp"
#include "store/audit_head_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <fstream>
#include <stdexcept>

namespace asio = boost::asio;

namespace obscura::app {
namespace {

audit::SignedHead signed_head(ports::AuditHead const& head) {
    return {.head = {.log = head.log, .sequence = head.sequence, .link = head.link, .at = head.at},
            .signature = head.signature,
            .key = head.key};
}

net::Task<std::vector<audit::SignedHead>> read_heads(asio::any_io_executor executor,
                                                     std::string url) {
    base::Metrics metrics;
    store::PgPool database(executor, {.url = std::move(url), .connections = 1}, metrics);
    store::PgAuditHeads kept(database);
    std::vector<audit::SignedHead> out;
    std::exception_ptr failure;
    try {
        for (auto const& head : co_await kept.all()) out.push_back(signed_head(head));
    } catch (...) {
        failure = std::current_exception();
    }
    database.close();
    if (failure) std::rethrow_exception(failure);
    co_return out;
}

}  // namespace

std::vector<audit::SignedHead> heads_in_file(std::string const& path) {
    std::ifstream in(path);
    if (!in) throw WrongUsage("--heads: " + path + " cannot be read");
    std::vector<audit::SignedHead> out;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.empty()) continue;
        auto const json = base::parse_json(line);
        auto const head = json ? audit::head_from_json(*json) : std::nullopt;
        if (!head) throw WrongUsage(path + ": line " + std::to_string(number) + " is no head");
        out.push_back(*head);
    }
    return out;
}

std::vector<audit::SignedHead> heads_in_database(std::string const& url) {
    asio::io_context io{1};
    std::vector<audit::SignedHead> out;
    std::exception_ptr failure;
    asio::co_spawn(io, read_heads(io.get_executor(), url),
                   [&](std::exception_ptr e, std::vector<audit::SignedHead> heads) {
                       failure = e;
                       out = std::move(heads);
                       io.stop();
                   });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return out;
}

}  // namespace obscura::app
