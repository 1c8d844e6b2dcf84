#include "citadel/venue_signer.hpp"

#include <gtest/gtest.h>

#include <set>

namespace obscura::citadel {
namespace {

TEST(VenueSignerTest, EveryRowIsWhole) {
    std::set<std::string_view> names;
    for (auto const& signer : venue_signers()) {
        EXPECT_TRUE(names.insert(signer.venue).second) << signer.venue;
        EXPECT_EQ(find_signer(signer.venue), &signer);
        EXPECT_EQ(signer.credentials.venue, signer.venue);
        EXPECT_GT(signer.longest_window.count(), 0) << signer.venue;
        ASSERT_NE(signer.sign, nullptr) << signer.venue;
        auto const live = static_cast<std::size_t>(model::Environment::live);
        EXPECT_TRUE(signer.addresses()[live].rest.starts_with("https://")) << signer.venue;
    }
    EXPECT_EQ(find_signer("kraken"), nullptr);
    EXPECT_EQ(find_signer(""), nullptr);
    EXPECT_EQ(public_venue_book().size(), names.size());
}

}  // namespace
}  // namespace obscura::citadel
