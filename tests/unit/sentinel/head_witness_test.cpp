#include "sentinel/head_witness.hpp"
#include "support/coroutine.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace obscura::sentinel {
namespace {

using ports::AuditHead;

struct Citadel final : ports::AuditHeadSource {
    base::Result<AuditHead> head = AuditHead{};
    base::Task<base::Result<AuditHead>> audit_head() override { co_return head; }
};

struct MemoryHeads final : ports::AuditHeads {
    std::vector<AuditHead> kept;
    bool is_down = false;
    base::Task<std::optional<AuditHead>> newest() override {
        if (is_down) throw std::runtime_error("the record is away");
        if (kept.empty()) co_return std::nullopt;
        co_return kept.back();
    }
    base::Task<void> keep(AuditHead head) override {
        kept.push_back(head);
        co_return;
    }
};

struct HeadWitnessTest : ::testing::Test {
    boost::asio::io_context io;
    base::Metrics metrics;
    Citadel citadel;
    MemoryHeads heads;
    HeadWitness witness{
        io.get_executor(), {.source = citadel, .heads = heads}, std::chrono::seconds(1), metrics};

    static AuditHead head(std::int64_t sequence, std::uint8_t link = 1, std::uint8_t log = 1) {
        AuditHead out{.sequence = sequence};
        out.log.bytes[0] = log;
        out.link[0] = link;
        return out;
    }
    void sees(AuditHead now) {
        citadel.head = now;
        test::run(io, witness.look());
    }
    [[nodiscard]] bool has_objected(int times) const {
        return metrics.expose().find("obscura_sentinel_audit_objections_total " +
                                     std::to_string(times) + "\n") != std::string::npos;
    }
};

TEST_F(HeadWitnessTest, KeepsEachHeadOnce) {
    sees(head(5));
    sees(head(5));
    sees(head(9, 2));
    EXPECT_EQ(heads.kept, (std::vector{head(5), head(9, 2)}));
    EXPECT_TRUE(has_objected(0));
}

TEST_F(HeadWitnessTest, ObjectsToALogThatContradictsItselfAndKeepsWhatItSaw) {
    EXPECT_EQ(objection(head(5), head(5)), "");
    EXPECT_EQ(objection(head(5), head(6, 2)), "");
    EXPECT_EQ(objection(head(5), head(4, 2)), "the log had come to entry 5 and ends at 4");
    EXPECT_EQ(objection(head(5), head(5, 2)), "entry 5 is another than it was");
    EXPECT_NE(objection(head(5), head(9, 2, 2)), "");
    auto other_key = head(6);
    other_key.key[0] = 1;
    EXPECT_EQ(objection(head(5), other_key), "another key signs since entry 5");
    sees(head(5));
    sees(head(4));
    EXPECT_EQ(heads.kept.size(), 2U);
    EXPECT_TRUE(has_objected(1));
}

TEST_F(HeadWitnessTest, WithoutCitadelOrTheRecordNothingIsKept) {
    citadel.head = base::fail(base::Errc::unavailable, "citadel_unavailable", "away");
    test::run(io, witness.look());
    EXPECT_TRUE(heads.kept.empty());
    heads.is_down = true;
    EXPECT_THROW(sees(head(5)), std::runtime_error);
    EXPECT_TRUE(heads.kept.empty());
}

}  // namespace
}  // namespace obscura::sentinel
