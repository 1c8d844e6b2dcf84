#include "model/refusal.hpp"

namespace obscura::model {

std::string_view to_string(RefusalReason reason) {
    switch (reason) {
        case RefusalReason::signal_expired:
            return "signal_expired";
        case RefusalReason::subscription_paused:
            return "subscription_paused";
        case RefusalReason::environment_mismatch:
            return "environment_mismatch";
        case RefusalReason::instrument_unknown:
            return "instrument_unknown";
        case RefusalReason::instrument_not_supported:
            return "instrument_not_supported";
        case RefusalReason::instrument_not_trading:
            return "instrument_not_trading";
        case RefusalReason::no_price:
            return "no_price";
        case RefusalReason::cross_margin_refused:
            return "cross_margin_refused";
        case RefusalReason::position_mode_unknown:
            return "position_mode_unknown";
        case RefusalReason::symbol_in_use:
            return "symbol_in_use";
        case RefusalReason::position_already_open:
            return "position_already_open";
        case RefusalReason::leader_position_already_open:
            return "leader_position_already_open";
        case RefusalReason::fill_out_of_order:
            return "fill_out_of_order";
        case RefusalReason::nothing_to_close:
            return "nothing_to_close";
        case RefusalReason::below_min_notional:
            return "below_min_notional";
        case RefusalReason::dust_remains:
            return "dust_remains";
        case RefusalReason::max_loss_reached:
            return "max_loss_reached";
        case RefusalReason::profit_target_reached:
            return "profit_target_reached";
        case RefusalReason::daily_loss_limit_reached:
            return "daily_loss_limit_reached";
        case RefusalReason::investment_exhausted:
            return "investment_exhausted";
    }
    return "?";
}

}  // namespace obscura::model
