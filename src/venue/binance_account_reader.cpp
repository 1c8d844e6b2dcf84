#include "venue/binance_account_reader.hpp"

#include "venue/binance_call.hpp"
#include "venue/binance_documents.hpp"
#include "venue/binance_errors.hpp"

namespace obscura::venue {

using base::Result;
using ports::Task;

namespace {

constexpr std::chrono::seconds request_lifetime{10};
constexpr std::chrono::milliseconds read_timeout{10'000};

}  // namespace

BinanceAccountReader::BinanceAccountReader(model::Market market, net::HttpClient& client,
                                           ports::Signer& signer, std::string rest_origin,
                                           std::shared_ptr<RestGate> gate, base::Clock const& clock)
    : market_(market),
      client_(client),
      signer_(signer),
      rest_origins_{std::move(rest_origin)},
      gate_(std::move(gate)),
      clock_(clock) {}

Task<Result<ports::SignedRequest>> BinanceAccountReader::sign(ports::LeaderAccount const& account,
                                                              model::VenueOperation operation,
                                                              base::Timestamp not_after) {
    ports::SignItem item;
    item.id = "1";
    item.venue = account.venue;
    item.environment = account.environment;
    item.market = market_;
    item.context = account.credential_context;
    item.credentials = account.credentials;
    item.operation = std::move(operation);
    item.not_after = not_after;
    std::vector<ports::SignItem> items;
    items.push_back(std::move(item));
    auto answers = co_await signer_.sign(std::move(items));
    if (!answers) co_return std::unexpected(std::move(answers.error()));
    if (answers->size() != 1)
        co_return base::fail(base::Errc::bad_gateway, "signer_answer_unreadable",
                             "The signer gave another number of answers than it was asked for.");
    co_return std::move(answers->front());
}

Task<Result<base::Json>> BinanceAccountReader::ask(ports::LeaderAccount const& account,
                                                   model::VenueOperation operation) {
    if (clock_.steady() < gate_->closed_until)
        co_return base::fail(base::Errc::rate_limited, "venue_throttled",
                             "Binance asked to slow down; waiting.");
    auto signed_request =
        co_await sign(account, std::move(operation), clock_.now() + request_lifetime);
    if (!signed_request) co_return std::unexpected(std::move(signed_request.error()));
    auto call = to_call(std::move(*signed_request), rest_origins_);
    if (!call) co_return std::unexpected(not_called(call.error()));
    auto const answer =
        co_await client_.fetch(std::move(call->origin), std::move(call->request), read_timeout);
    if (!answer) co_return std::unexpected(read_error(answer.error()));
    if (answer->status != 200) {
        auto error = read_error(*answer);
        if (error.retry_after) gate_->closed_until = clock_.steady() + *error.retry_after;
        co_return std::unexpected(std::move(error));
    }
    co_return parse_binance(answer->body);
}

}  // namespace obscura::venue
