#include "model/protection.hpp"

#include "sizing_case.hpp"

namespace obscura::model::test {
namespace {

std::string told_of(std::vector<ProtectionPlan> const& plans) {
    std::string out;
    for (auto const& plan : plans) {
        if (!out.empty()) out += ", ";
        out += plan.trigger == TriggerKind::stop_loss ? "stop " : "target ";
        out += std::string(to_string(plan.side)) + " " + plan.trigger_price.to_string();
        if (plan.position_side != PositionSide::both)
            out += " " + std::string(to_string(plan.position_side));
    }
    return out;
}

TEST(Protections, AreMeasuredFromTheEntry) {
    struct Expected {
        Side entry;
        std::string_view stop, target, price, told;
    };
    for (auto const& [entry, stop, target, at, told] : {
             Expected{Side::buy, "5", "10", "50000", "stop sell 47500, target sell 55000"},
             Expected{Side::sell, "5", "10", "50000", "stop buy 52500, target buy 45000"},
             Expected{Side::buy, "5", "", "50000", "stop sell 47500"},
             Expected{Side::sell, "", "10", "50000", "target buy 45000"},
             Expected{Side::buy, "", "", "50000", ""},
             // 33333.3 x 0.99 = 32999.967, x 1.01 = 33666.633: a stop towards the entry, a target
             // away from it.
             Expected{Side::buy, "1", "1", "33333.3", "stop sell 33000, target sell 33666.7"},
             Expected{Side::sell, "1", "1", "33333.3", "stop buy 33666.6, target buy 32999.9"},
             // Off the scale, or within the grid: none.
             Expected{Side::buy, "100", "", "50000", ""},
             Expected{Side::sell, "", "100", "50000", ""},
             Expected{Side::sell, "150", "", "50000", "stop buy 125000"},
             Expected{Side::buy, "0.0001", "0.0001", "50000", "target sell 50000.1"},
             Expected{Side::buy, "5", "5", "0", ""},
         }) {
        Case c;
        c.instrument.tick = price("0.1");
        if (!stop.empty()) c.signal.stop_loss_pct = dec(stop);
        if (!target.empty()) c.signal.take_profit_pct = dec(target);
        EXPECT_EQ(
            told_of(protections(c.signal, entry, price(at), PositionSide::both, c.instrument)),
            told)
            << to_string(entry) << " " << stop << " " << target;
    }
}

TEST(Protections, NameThePositionOfAHedgedAccount) {
    Case c;
    c.signal.stop_loss_pct = dec("5");
    EXPECT_EQ(told_of(protections(c.signal, Side::sell, price("50000"), PositionSide::short_side,
                                  c.instrument)),
              "stop buy 52500 short");
}

}  // namespace
}  // namespace obscura::model::test
