#include "store/audit_head_store.hpp"

#include "database.hpp"

namespace obscura::store::test {
namespace {

class AuditHeadsTest : public Database {
protected:
    AuditHeadsTest() {
        name = server.create_database("heads");
        engine = open(config("obscura_engine"));
        app = open(config("obscura_app"));
    }
    static ports::AuditHead head(std::int64_t sequence, std::uint8_t link) {
        ports::AuditHead out{.sequence = sequence, .at = base::from_unix_ms(1'764'000'000'123)};
        out.log.bytes.fill(7);
        out.link.fill(link);
        out.signature.fill(2);
        out.key.fill(3);
        return out;
    }
    std::string state_of(PgPool& pool, Statement const& statement) {
        try {
            query(pool, statement, {}, TenantScope::engine());
        } catch (PgError const& e) {
            return e.sqlstate;
        }
        return "";
    }
    std::unique_ptr<PgPool> engine, app;
};

TEST_F(AuditHeadsTest, KeepsWhatItSawAndBothOfTwoThatDiffer) {
    PgAuditHeads heads(*engine);
    EXPECT_FALSE(run(io, heads.newest()));
    for (auto const& seen : {head(5, 1), head(5, 1), head(9, 1), head(5, 2)})
        run(io, heads.keep(seen));
    EXPECT_EQ(run(io, heads.newest()), head(5, 2));
    EXPECT_EQ(run(io, heads.all()), (std::vector{head(5, 1), head(9, 1), head(5, 2)}));
}

TEST_F(AuditHeadsTest, NobodyTakesOneOutOrChangesIt) {
    PgAuditHeads heads(*engine);
    run(io, heads.keep(head(5, 1)));
    static constexpr Statement change{"change", "UPDATE audit_heads SET sequence = 1"};
    static constexpr Statement remove{"remove", "DELETE FROM audit_heads"};
    static constexpr Statement empty{"empty", "TRUNCATE audit_heads"};
    static constexpr Statement look{"look", "SELECT sequence FROM audit_heads"};
    for (auto const* statement : {&change, &remove, &empty})
        EXPECT_EQ(state_of(*engine, *statement), "42501") << statement->name;
    EXPECT_EQ(state_of(*app, look), "42501");
    EXPECT_EQ(run(io, heads.all()), std::vector{head(5, 1)});
}

}  // namespace
}  // namespace obscura::store::test
