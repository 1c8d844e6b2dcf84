#pragma once

#include "app/tour_scene.hpp"

namespace obscura::app {

/// The part of the tour on spot: a leader buys and sells, then a B2B tenant's signals do.
class SpotTour {
public:
    explicit SpotTour(TourScene& scene) : scene_(scene) {}
    /// Steps into the scene's report.
    [[nodiscard]] net::Task<void> run();

private:
    using Quantity = base::Quantity;

    [[nodiscard]] net::Task<std::string> find();
    [[nodiscard]] net::Task<void> choose_market();
    [[nodiscard]] bool nobody_holds(VenueLedger const& ledger) const;
    [[nodiscard]] bool is_flat(Quantity held) const;

    [[nodiscard]] net::Task<std::string> leader_order(std::string side, Quantity quantity,
                                                      std::string what);
    [[nodiscard]] net::Task<std::string> leader_buys();
    [[nodiscard]] net::Task<std::string> leader_sells();
    [[nodiscard]] net::Task<std::string> followers_hold();
    [[nodiscard]] net::Task<std::string> followers_flat(std::string after);

    [[nodiscard]] net::Task<std::string> signal(std::string side, std::string what);
    [[nodiscard]] net::Task<std::string> tenant_followers_hold();

    TourScene& scene_;
    TourLeader leader_;
    model::PoolId curated_{}, partner_{};
    std::string symbol_, asset_;
    Quantity lot_{};       ///< of the market
    Quantity quantity_{};  ///< what the leader buys
    base::Price price_{};  ///< of the leader's last fill
};

}  // namespace obscura::app
