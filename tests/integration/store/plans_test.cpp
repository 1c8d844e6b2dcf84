// Tables that grow for ever are not read whole for one signal.
#include "database.hpp"

namespace obscura::store::test {
namespace {

class Plans : public Database {
protected:
    Plans() { name = server.create_database("plans"); }
    std::string plan_of(Statement const& explain) {
        auto settings = config("obscura_engine");
        settings.fixed_plans = true;
        auto const engine = open(settings);
        auto const rows = query(*engine, explain, {}, TenantScope::engine());
        std::string out;
        for (int i = 0; i < rows.size(); ++i) out += std::string(rows[i].text(0)) + "\n";
        return out;
    }
};

TEST_F(Plans, LegsAreFoundByTheirSignal) {
    static constexpr Statement explain{"explain_legs",
                                       "EXPLAIN SELECT accepted_at FROM copy_legs "
                                       "WHERE signal_id = '00000000-0000-0000-0000-000000000001'"};
    auto const plan = plan_of(explain);
    EXPECT_NE(plan.find("copy_legs_signal"), std::string::npos) << plan;
}

}  // namespace
}  // namespace obscura::store::test
