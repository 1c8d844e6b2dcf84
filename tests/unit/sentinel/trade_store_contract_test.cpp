#include "contract/trade_store_contract.hpp"

#include "support/fakes/fake_trade_store.hpp"

namespace obscura::test {
namespace {

class FakeBench final : public TradeStoreBench {
public:
    [[nodiscard]] ports::TradeStore& store() override { return store_; }

private:
    FakeTradeStore store_;
};

INSTANTIATE_TEST_SUITE_P(Fake, TradeStoreContract,
                         testing::Values([] { return std::make_unique<FakeBench>(); }));

}  // namespace
}  // namespace obscura::test
