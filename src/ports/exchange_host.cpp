#include "ports/exchange_host.hpp"

#include <variant>

namespace obscura::ports {
namespace {

// One line for each operation: a new one is not let through by being forgotten here.
bool may_ask(model::PlaceOrder const&) { return true; }
bool may_ask(model::QueryOrder const&) { return true; }
bool may_ask(model::CancelOrder const&) { return true; }
bool may_ask(model::ListTrades const&) { return true; }
bool may_ask(model::ReadAccount const&) { return true; }
bool may_ask(model::SetLeverage const&) { return true; }
bool may_ask(model::SetMarginMode const&) { return true; }
bool may_ask(model::ReadPositions const&) { return true; }
bool may_ask(model::ReadPositionMode const&) { return true; }
bool may_ask(model::StreamLogin const&) { return false; }
bool may_ask(model::ListenKey const&) { return false; }
bool may_ask(model::ReadKeyRights const&) { return false; }
bool may_ask(model::PlaceTriggerOrder const&) { return false; }
bool may_ask(model::QueryTriggerOrder const&) { return false; }
bool may_ask(model::CancelTriggerOrder const&) { return false; }

}  // namespace

bool may_ask_host(model::VenueOperation const& operation) {
    return std::visit([](auto const& typed) { return may_ask(typed); }, operation);
}

}  // namespace obscura::ports
