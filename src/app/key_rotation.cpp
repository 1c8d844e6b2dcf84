#include "app/key_rotation.hpp"

namespace obscura::app {
namespace {

constexpr std::size_t batch = 100;

}  // namespace

KeyRotation::KeyRotation(store::CredentialRotation& record, peers::CitadelClient& citadel,
                         std::function<void(Progress const&)> tell,
                         std::function<void(Refused const&)> refuse)
    : record_(record), citadel_(citadel), tell_(std::move(tell)), refuse_(std::move(refuse)) {}

net::Task<base::Result<KeyRotation::Progress>> KeyRotation::run(bool all) {
    progress_ = {};
    auto const newest = co_await citadel_.current_key_version();
    if (!newest) co_return std::unexpected(newest.error());
    progress_.version = *newest;
    int const but = all ? 0 : *newest;
    progress_.total = co_await record_.count(but);
    tell_(progress_);
    for (model::ConnectionId last{};;) {
        auto const some = co_await record_.next(but, last, batch);
        if (some.empty()) break;
        for (auto const& connection : some)
            if (auto const done = co_await renew(connection); !done)
                co_return std::unexpected(done.error());
        last = some.back().id;
        tell_(progress_);
    }
    if (auto const done = co_await renew_held_keys(but); !done)
        co_return std::unexpected(done.error());
    progress_.left = co_await record_.count(*newest);
    progress_.keys_left = std::ssize(co_await record_.held_keys(*newest));
    co_return progress_;
}

net::Task<base::Result<void>> KeyRotation::renew(ports::ConnectionRecord const& connection) {
    auto const& before = connection.credentials;
    auto const after = co_await citadel_.rewrap_fields(ports::context_of(connection), before);
    if (!after && after.error().code != base::Errc::invalid_argument)
        co_return std::unexpected(after.error());
    if (!after) {
        ++progress_.refused;
        refuse_({"connection " + connection.id.to_string(), after.error().detail});
        co_return base::Result<void>();
    }
    if (*after == before || co_await record_.replace(connection.id, before, *after))
        ++progress_.renewed;
    else
        ++progress_.changed;
    co_return base::Result<void>();
}

net::Task<base::Result<void>> KeyRotation::renew_held_keys(int but) {
    for (auto const& key : co_await record_.held_keys(but)) {
        std::map<std::string, std::string> const before{{key.id, key.sealed}};
        auto const after =
            co_await citadel_.rewrap_fields(ports::held_key_context(key.purpose), before);
        if (!after && after.error().code != base::Errc::invalid_argument)
            co_return std::unexpected(after.error());
        if (!after)
            refuse_({"key " + key.id, after.error().detail});
        else if (co_await record_.replace(key, after->at(key.id)))
            ++progress_.keys;
    }
    co_return base::Result<void>();
}

}  // namespace obscura::app
