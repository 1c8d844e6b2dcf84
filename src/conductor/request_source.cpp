#include "conductor/request_source.hpp"

#include <utility>

namespace obscura::conductor {
namespace {

/// More than any one process trades for; beyond it what was learned is learned anew.
constexpr std::size_t max_kept = 200'000;

/// The account, and the operation as far as it matters to who may see its request: what opens may
/// be kept back where what closes is not.
std::string key_of(ports::SignItem const& item) {
    std::string key(model::kind_of(item.operation));
    if (auto const* order = std::get_if<model::PlaceOrder>(&item.operation)) {
        key += order->side == model::Side::buy ? "+" : "-";
        key += std::to_string(static_cast<int>(order->position_side));
        if (order->reduce_only) key += "r";
    }
    key += '|';
    key += to_string(item.market);
    key += '|';
    return key + item.context;
}

}  // namespace

base::Task<RequestSource::Signed> RequestSource::sign(std::vector<ports::SignItem> items) {
    auto const asked = items.size();
    std::string broken = "answered for another number of items";
    try {
        auto answer = co_await signer_.sign(std::move(items));
        if (!answer || answer->size() == asked) co_return answer;
    } catch (std::exception const& e) {
        broken = e.what();
    }
    co_return base::fail(base::Errc::unavailable, "citadel_unavailable", broken);
}

void RequestSource::keep(std::string key) {
    if (relayed_.size() >= max_kept) relayed_.clear();
    relayed_.insert(std::move(key));
}

base::Task<RequestSource::Requests> RequestSource::make(std::vector<ports::SignItem> items) {
    std::vector<base::Result<ports::VenueRequest>> out(items.size());
    std::vector<ports::SignItem> asked;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!relayed_.empty() && relayed_.contains(key_of(items[i]))) {
            out[i] = std::move(items[i]);
            continue;
        }
        places.push_back(i);
        asked.push_back(items[i]);
    }
    if (asked.empty()) co_return out;
    auto answer = co_await sign(std::move(asked));
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    for (std::size_t j = 0; j < places.size(); ++j) {
        auto& item = items[places[j]];
        auto& one = (*answer)[j];
        auto& to = out[places[j]];
        if (one) {
            to = std::move(*one);
        } else if (one.error().reason == "relay_required") {
            keep(key_of(item));
            to = std::move(item);
        } else {
            to = std::unexpected(std::move(one.error()));
        }
    }
    co_return out;
}

}  // namespace obscura::conductor
