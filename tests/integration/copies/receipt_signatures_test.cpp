#include "store/receipt_signatures.hpp"

#include "copies_fixture.hpp"
#include "store/execution_reader.hpp"
#include "store/held_key_store.hpp"

namespace obscura::store::test {
namespace {

class ReceiptSignaturesTest : public CopiesTest {
protected:
    static ports::HeldKey key(char digit, std::string sealed = "nil:v1:AAAA") {
        return {.id = "key_" + std::string(32, digit),
                .purpose = ports::KeyPurpose::receipt,
                .public_key = std::string(64, digit),
                .address = {},
                .sealed = std::move(sealed)};
    }
    /// A receipt as conductor leaves it, of a copy of its own.
    model::ReceiptId add_receipt() {
        auto const id = make<model::ReceiptId>();
        auto const text = id.to_string();
        auto const subscription = subscribe(pool);
        sql("INSERT INTO signals (id, tenant_id, pool_id, source, source_id, leader_ref, symbol, "
            "side, "
            "quantity, order_type, venue, market, reduce_only, priority, leader_before, "
            "leader_after) "
            "VALUES ('" +
            text + "', '" + tenant.to_string() + "', '" + pool.to_string() + "', 'rest', '" + text +
            "', 'l', 'BTCUSDT', 'buy', 1, 'market', 'binance', 'spot', false, "
            "50, 0, 1)");
        sql("INSERT INTO copies (id, tenant_id, signal_id, subscription_id, status, ended_at) "
            "VALUES ('" +
            text + "', '" + tenant.to_string() + "', '" + text + "', '" + subscription.to_string() +
            "', 'filled', now())");
        sql("INSERT INTO receipts (id, tenant_id, copy_id, subscription_id, body) VALUES ('" +
            text + "', '" + tenant.to_string() + "', '" + text + "', '" + subscription.to_string() +
            "', '{\"leg\": 0, \"quantity\": \"1.50\"}')");
        return id;
    }
    std::vector<model::ReceiptId> waiting(std::vector<model::ReceiptId> except = {},
                                          std::size_t limit = 10) {
        std::vector<model::ReceiptId> out;
        for (auto const& r : run(io, signatures.unsigned_receipts(std::move(except), limit)))
            out.push_back(r.id);
        return out;
    }
    ports::ReceiptSignatures::Signed signed_by(char digit, ports::Receipt receipt) {
        return {.receipt = std::move(receipt),
                .signature = {.key_id = key(digit).id, .bytes = std::string(64, digit)}};
    }

    PgReceiptSignatures signatures{database};
    PgHeldKeyStore keys{database};
    PgExecutionReader reader{database};
};

TEST_F(ReceiptSignaturesTest, TheFirstKeyOfAPurposeIsKept) {
    EXPECT_FALSE(run(io, keys.current(ports::KeyPurpose::receipt)));
    EXPECT_EQ(run(io, keys.keep(key('a'))).id, key('a').id);
    EXPECT_EQ(run(io, keys.keep(key('b'))).id, key('a').id) << "another conductor was first";
    auto const kept = run(io, keys.current(ports::KeyPurpose::receipt));
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->sealed, "nil:v1:AAAA");
    EXPECT_FALSE(run(io, keys.current(ports::KeyPurpose::notary)));
    sql("UPDATE held_keys SET retired_at = now()");
    EXPECT_EQ(run(io, keys.keep(key('b'))).id, key('b').id);
    auto const all = run(io, reader.receipt_keys());
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].id, key('b').id);
    EXPECT_FALSE(all[0].retired_at);
    EXPECT_TRUE(all[1].retired_at);
}

TEST_F(ReceiptSignaturesTest, NothingButCiphertextIsKept) {
    for (auto const* text : {"", "secret", "nil:v1:", "nil:v0:AAAA", "nil:AAAA", "nil:v1:AA AA"})
        EXPECT_ANY_THROW((void)run(io, keys.keep(key('a', text)))) << text;
}

TEST_F(ReceiptSignaturesTest, SignsInOrderWhatIsUnsigned) {
    (void)run(io, keys.keep(key('a')));
    std::vector const ids{add_receipt(), add_receipt(), add_receipt()};
    EXPECT_EQ(waiting(), ids);
    EXPECT_EQ(waiting({}, 1), (std::vector{ids[0]}));
    EXPECT_EQ(waiting({ids[0]}, 1), (std::vector{ids[1]}));
    auto const first = run(io, signatures.unsigned_receipts({}, 1)).at(0);
    EXPECT_EQ(first.tenant, tenant);
    EXPECT_EQ(first.body["quantity"].as_string(), "1.50");
    run(io, signatures.store({signed_by('a', first)}));
    EXPECT_EQ(waiting(), (std::vector{ids[1], ids[2]}));
    ports::RecordScope const owner{.tenant = tenant, .user = user};
    auto const read = run(io, reader.receipt(owner, ids[0]));
    ASSERT_TRUE(read && read->signature);
    EXPECT_EQ(read->signature->bytes, std::string(64, 'a'));
    EXPECT_EQ(ports::receipt_document(*read), ports::receipt_document(first));
    EXPECT_FALSE(run(io, reader.receipt(owner, ids[1]))->signature);
}

// A flip's second leg joins the receipt of the first: what was signed is no longer what it says.
TEST_F(ReceiptSignaturesTest, OneThatGrewMeanwhileIsSignedAnew) {
    (void)run(io, keys.keep(key('a')));
    auto const id = add_receipt();
    auto const read = run(io, signatures.unsigned_receipts({}, 1)).at(0);
    sql("UPDATE receipts SET body = body || '{\"further_legs\": {}}'");
    run(io, signatures.store({signed_by('a', read)}));
    EXPECT_EQ(waiting(), (std::vector{id}));
    EXPECT_ANY_THROW(run(
        io, signatures.store({signed_by('b', run(io, signatures.unsigned_receipts({}, 1)).at(0))})))
        << "a key that is not there";
}

}  // namespace
}  // namespace obscura::store::test
