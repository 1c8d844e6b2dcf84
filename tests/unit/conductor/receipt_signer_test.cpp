#include "conductor/receipt_signer.hpp"

#include "crypto/hex.hpp"
#include "support/coroutine.hpp"
#include "support/run_until.hpp"

#include <gtest/gtest.h>

#include <map>

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;
using obscura::test::run;
using obscura::test::run_until;

/// The record: receipts by id, and the key.
struct MemoryReceipts final : ports::ReceiptSignatures, ports::HeldKeyStore {
    std::map<model::ReceiptId, ports::Receipt> rows;
    std::optional<ports::HeldKey> key;
    int keys_kept = 0;
    std::size_t largest_batch = 0;
    bool fails = false;

    base::Task<std::vector<ports::Receipt>> unsigned_receipts(std::vector<model::ReceiptId> except,
                                                              std::size_t limit) override {
        if (fails) throw std::runtime_error("the database is gone");
        std::vector<ports::Receipt> out;
        for (auto const& [id, row] : rows) {
            bool const is_left_out = std::ranges::find(except, id) != except.end();
            if (!row.signature && !is_left_out && out.size() < limit) out.push_back(row);
        }
        largest_batch = std::max(largest_batch, out.size());
        co_return out;
    }
    base::Task<void> store(std::vector<Signed> receipts) override {
        for (auto const& [receipt, signature] : receipts)
            if (rows.at(receipt.id).body == receipt.body) rows.at(receipt.id).signature = signature;
        co_return;
    }
    base::Task<std::optional<ports::HeldKey>> current(ports::KeyPurpose) override { co_return key; }
    base::Task<ports::HeldKey> keep(ports::HeldKey made) override {
        ++keys_kept;
        if (!key) key = made;
        co_return *key;
    }
    [[nodiscard]] std::size_t signed_count() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            rows, [](auto const& row) { return row.second.signature.has_value(); }));
    }
};

/// Signs all but what is called bad.
struct Citadel final : ports::StatementSigner {
    int calls = 0;
    bool is_down = false;
    std::string key_id = "key_1";
    std::string refusal = "invalid_request";
    base::Task<base::Result<ports::HeldKey>> make_key(ports::KeyPurpose purpose) override {
        co_return ports::HeldKey{.id = "key_1", .purpose = purpose, .sealed = "nil:v1:a"};
    }
    base::Task<base::Result<std::vector<base::Result<ports::StatementSignature>>>> sign_statements(
        std::vector<ports::StatementItem> items) override {
        ++calls;
        if (is_down) co_return base::fail(base::Errc::unavailable, "citadel_unavailable", "down");
        std::vector<base::Result<ports::StatementSignature>> out;
        for (auto const& item : items) {
            EXPECT_EQ(item.sealed_key, "nil:v1:a");
            if (item.statement["receipt"]["symbol"].to_text() == "bad")
                out.push_back(base::fail(base::Errc::invalid_argument, refusal, "bad"));
            else
                out.push_back(ports::StatementSignature{
                    .key_id = key_id, .signature = std::string(128, 'a'), .raw_transaction = {}});
        }
        co_return out;
    }
};

class ReceiptSignerTest : public testing::Test {
protected:
    ~ReceiptSignerTest() override {
        if (signer_) run(io_, signer_->stop());
    }
    void start(ReceiptSigner::Limits limits = {.batch = 10, .look = 1h, .patience = 5ms}) {
        signer_.emplace(io_.get_executor(), ReceiptSigner::Ports{receipts_, receipts_, citadel_},
                        limits, metrics_);
        signer_->start();
    }
    model::ReceiptId add(std::string_view symbol = "BTCUSDT") {
        auto const id = model::ReceiptId::make(base::from_unix_ms(++made_), random_);
        receipts_.rows[id] = {.id = id, .body = base::Json::object({{"symbol", symbol}})};
        return id;
    }
    void until_signed(std::size_t count) {
        run_until(io_, [&] { return receipts_.signed_count() == count; });
    }

    boost::asio::io_context io_;
    base::SeededRandom random_{1};
    base::Metrics metrics_;
    MemoryReceipts receipts_;
    Citadel citadel_;
    std::optional<ReceiptSigner> signer_;
    std::int64_t made_ = 0;
};

TEST_F(ReceiptSignerTest, SignsWhatWaitsAndWhatItIsWokenFor) {
    for (int i = 0; i < 25; ++i) (void)add();
    start();
    until_signed(25);
    EXPECT_EQ(receipts_.keys_kept, 1) << "the first has a key made";
    EXPECT_EQ(receipts_.largest_batch, 10U);
    EXPECT_EQ(citadel_.calls, 3);
    auto const id = add();
    signer_->wake();
    until_signed(26);
    EXPECT_EQ(receipts_.rows.at(id).signature->bytes, std::string(64, '\xaa'));
    EXPECT_EQ(receipts_.keys_kept, 1);
}

TEST_F(ReceiptSignerTest, OneThatIsRefusedHoldsUpNoOther) {
    auto const bad = add("bad");
    for (int i = 0; i < 12; ++i) (void)add();
    start({.batch = 1, .look = 1h, .patience = 5ms});
    until_signed(12);
    EXPECT_FALSE(receipts_.rows.at(bad).signature);
    auto const calls = citadel_.calls;
    (void)add();
    signer_->wake();
    until_signed(13);
    EXPECT_EQ(citadel_.calls, calls + 1) << "the bad one is not asked for again";
}

// What is wrong with the key or with citadel is no fault of the receipt's: it is tried again.
TEST_F(ReceiptSignerTest, TriesAgainAfterFailures) {
    (void)add("bad");
    (void)add();
    citadel_.is_down = true;
    start();
    run_until(io_, [&] { return citadel_.calls == 2; });
    citadel_.is_down = false;
    citadel_.refusal = "decryption_failed";
    until_signed(1);
    receipts_.fails = true;
    io_.restart();
    io_.run_for(20ms);
    receipts_.fails = false;
    citadel_.key_id = "key_2";
    (void)add();
    io_.restart();
    io_.run_for(30ms);
    EXPECT_EQ(receipts_.signed_count(), 1U) << "a signature by another key is none";
    citadel_.key_id = "key_1";
    receipts_.rows.begin()->second.body = base::Json::object({{"symbol", "good"}});
    until_signed(3);
}

}  // namespace
}  // namespace obscura::conductor
