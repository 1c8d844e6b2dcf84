#pragma once

#include "app/tour_judge.hpp"
#include "app/tour_scene.hpp"

namespace obscura::app {

/// The part of the tour on USD-M futures: a leader goes short, flips to long and closes.
class FuturesTour {
public:
    explicit FuturesTour(TourScene& scene) : scene_(scene) {}
    /// Steps into the scene's report, after those that found the demo data.
    [[nodiscard]] net::Task<void> run();

private:
    using Quantity = base::Quantity;

    [[nodiscard]] net::Task<std::string> find();
    [[nodiscard]] net::Task<void> choose_contract();
    [[nodiscard]] bool fits_everybody(base::Json const& contract, base::Price price);

    [[nodiscard]] net::Task<std::string> leader_order(std::string side, Quantity quantity,
                                                      std::string what);
    [[nodiscard]] net::Task<std::string> leader_shorts();
    [[nodiscard]] net::Task<std::string> leader_flips();
    [[nodiscard]] net::Task<std::string> leader_closes();
    /// Every follower did this in the action under way; `what` goes into the report.
    [[nodiscard]] net::Task<std::string> judge(std::vector<TourLeg> legs, std::string what);
    [[nodiscard]] net::Task<std::string> followers_short();
    [[nodiscard]] net::Task<std::string> followers_long();
    [[nodiscard]] net::Task<std::string> followers_flat();

    TourScene& scene_;
    TourLeader leader_;
    std::optional<model::PoolId> pool_;
    std::string symbol_;
    Quantity lot_{};              ///< of the contract
    Quantity quantity_{};         ///< what the leader holds, either way
    base::Price price_{};         ///< of the leader's last fill
    std::vector<Quantity> held_;  ///< by each follower, either way
};

}  // namespace obscura::app
