#include "gateway/account_check.hpp"

#include "base/log.hpp"
#include "ports/key_vault.hpp"

namespace obscura::gateway {
namespace {

/// A look weighs 20 of the 6,000 a minute that a venue grants this address, which orders need more.
constexpr ports::RateQuota of_user{.limit = 5, .window = std::chrono::seconds(60)};
constexpr ports::RateQuota of_venue{.limit = 30, .window = std::chrono::seconds(60)};
constexpr std::chrono::seconds signed_for{5};

/// The key is asked for, not the account: an account that may withdraw has keys that may not.
/// Testnets tell of accounts only.
model::VenueOperation question_for(model::Environment environment) {
    if (environment == model::Environment::testnet) return model::ReadAccount{};
    return model::ReadKeyRights{};
}

std::unexpected<base::Error> unusable() {
    return base::fail(base::Errc::invalid_argument, "credentials_unusable",
                      "The credentials cannot be used; connect the account again.");
}

}  // namespace

Task<base::Result<void>> AccountCheck::count(ports::ConnectionRecord const& connection) {
    auto const user = "connection_test:" + connection.user.to_string();
    auto const by_user = co_await limits_.take(user, of_user);
    if (!by_user.allowed) co_return std::unexpected(rate_limited(by_user));
    auto const venue = "connection_test:" + connection.venue + ":" +
                       std::string(model::to_string(connection.environment));
    auto const by_venue = co_await limits_.take(venue, of_venue);
    if (!by_venue.allowed) co_return std::unexpected(rate_limited(by_venue));
    co_return base::Result<void>{};
}

Task<base::Result<ports::SignedRequest>> AccountCheck::sign(
    ports::ConnectionRecord const& connection) {
    std::vector<ports::SignItem> items(1);
    items[0].id = "test";
    items[0].venue = connection.venue;
    items[0].environment = connection.environment;
    items[0].context = ports::context_of(connection);
    items[0].credentials = connection.credentials;
    items[0].operation = question_for(connection.environment);
    items[0].not_after = clock_.now() + signed_for;
    auto answers = co_await signer_.sign(std::move(items));
    if (!answers) co_return std::unexpected(answers.error());
    auto& answer = answers->at(0);
    if (answer) co_return std::move(*answer);
    if (answer.error().code != base::Errc::invalid_argument)
        co_return std::unexpected(answer.error());
    base::log::warn("connection_test.not_signed",
                    {{"connection", connection.id.to_string()}, {"reason", answer.error().reason}});
    co_return unusable();
}

Task<base::Result<ports::AccountRights>> AccountCheck::show(ports::SignedRequest request) {
    co_return co_await venue_.read_account(std::move(request));
}

Task<base::Result<void>> AccountCheck::admit(ports::ConnectionRecord const& connection) {
    auto const within = co_await count(connection);
    if (!within) co_return std::unexpected(within.error());
    auto request = co_await sign(connection);
    if (!request) co_return std::unexpected(request.error());
    auto rights = co_await show(std::move(*request));
    if (!rights) {
        // The venue has answered, and it is the owner's to mend.
        if (rights.error().reason == "key_rejected") rights.error().code = base::Errc::conflict;
        co_return std::unexpected(std::move(rights.error()));
    }
    // A testnet tells what its accounts could do, and there is nothing to take out of it.
    if (rights->may_withdraw && connection.environment != model::Environment::testnet)
        co_return base::fail(base::Errc::conflict, "key_may_withdraw",
                             "The venue lets this key withdraw: make one that may not.");
    if (rights->may_transfer)
        co_return base::fail(base::Errc::conflict, "key_may_transfer",
                             "The venue lets this key move funds between accounts: make one that "
                             "may not.");
    if (connection.purpose == ports::ConnectionPurpose::follow && !rights->may_trade)
        co_return base::fail(base::Errc::conflict, "key_may_not_trade",
                             "The venue does not let this key trade, which following needs.");
    co_return base::Result<void>{};
}

}  // namespace obscura::gateway
