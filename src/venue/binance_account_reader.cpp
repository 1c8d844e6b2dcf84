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
constexpr std::chrono::seconds clock_every{60};  // our steady clock and the venue's part by 60 ms
constexpr std::chrono::seconds clock_retry{5};
constexpr std::chrono::milliseconds clock_timeout{2'000};

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
                                                              std::chrono::milliseconds lifetime) {
    co_await look_at_clock();
    auto const told = gate_->clock.at(clock_.steady());
    ports::SignItem item;
    item.id = "1";
    item.venue = account.venue;
    item.environment = account.environment;
    item.market = market_;
    item.context = account.credential_context;
    item.credentials = account.credentials;
    item.operation = std::move(operation);
    item.not_after = now().earliest + lifetime;
    if (told) item.venue_now = told->earliest;
    std::vector<ports::SignItem> items;
    items.push_back(std::move(item));
    auto answers = co_await signer_.sign(std::move(items));
    if (!answers) co_return std::unexpected(std::move(answers.error()));
    if (answers->size() != 1)
        co_return base::fail(base::Errc::bad_gateway, "signer_answer_unreadable",
                             "The signer gave another number of answers than it was asked for.");
    co_return std::move(answers->front());
}

model::VenueTime BinanceAccountReader::now() const {
    auto const ours = clock_.now();
    return gate_->clock.at(clock_.steady()).value_or(model::VenueTime{ours, ours});
}

/// Whoever comes first asks; the others go on with what is known. A venue that does not answer is
/// no reason not to try what was wanted.
Task<void> BinanceAccountReader::look_at_clock() {
    auto const asked = clock_.steady();
    if (asked < gate_->clock_due || asked < gate_->closed_until) co_return;
    gate_->clock_due = asked + clock_retry;
    net::Request request;
    request.target = market_ == model::Market::spot ? "/api/v3/time" : "/fapi/v1/time";
    auto origin = rest_origins_.front();
    auto const answer =
        co_await client_.fetch(std::move(origin), std::move(request), clock_timeout);
    if (!answer) co_return;
    if (answer->status != 200) {
        auto const error = read_error(*answer);
        if (error.retry_after) gate_->closed_until = clock_.steady() + *error.retry_after;
        co_return;
    }
    auto const json = parse_binance(answer->body);
    if (!json) co_return;
    auto const told = decode_time(*json);
    if (!told) co_return;
    gate_->clock.observe(*told, asked, clock_.steady());
    // A reading that contradicts those before it is believed when the next one agrees.
    if (gate_->clock.told()) gate_->clock_due = asked + clock_every;
}

Task<Result<base::Json>> BinanceAccountReader::ask(ports::LeaderAccount const& account,
                                                   model::VenueOperation operation) {
    if (clock_.steady() < gate_->closed_until)
        co_return base::fail(base::Errc::rate_limited, "venue_throttled",
                             "Binance asked to slow down; waiting.");
    auto signed_request = co_await sign(account, std::move(operation), request_lifetime);
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
