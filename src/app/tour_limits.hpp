#pragma once

#include "app/tour_scene.hpp"

namespace obscura::app {

/// What an owner allowed, against a conductor gone bad: a credential is sealed with limits, and
/// whoever holds conductor's key and certificate asks for more. Nothing of it reaches a venue or
/// the record.
class LimitTour {
public:
    LimitTour(TourScene& scene, StackInfo const& stack, boost::asio::any_io_executor executor)
        : scene_(scene), stack_(stack), executor_(std::move(executor)) {}
    [[nodiscard]] net::Task<void> run();

private:
    TourScene& scene_;
    StackInfo const& stack_;
    boost::asio::any_io_executor executor_;
};

}  // namespace obscura::app
