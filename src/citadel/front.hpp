#pragma once

#include "citadel/release_routes.hpp"
#include "citadel/service.hpp"

#include <optional>

namespace obscura::citadel {

/// citadel from its start on: its service where it has keys, and before that, with key_source
/// release, the release routes alone. Event-loop thread.
class Front {
public:
    struct Parts {
        attest::EvidenceSource* evidence = nullptr;  ///< software where there is none
        ports::PriceSource* prices = nullptr;
        /// The routes from now on: keys have come.
        std::function<void(net::Router router)> serve_by;
        /// There are keys, and citadel cannot live with them: the process is to end.
        std::function<void()> fail;
    };
    /// Takes `config` over; the others must outlive this. Throws as Service does, and
    /// std::runtime_error when the TLS certificate cannot be read.
    Front(Config config, Parts parts, base::Clock const& clock, base::Random& random,
          base::Metrics& metrics);

    /// The routes to start with; they refer to this.
    [[nodiscard]] net::Router router();

private:
    [[nodiscard]] net::Router open_router();
    [[nodiscard]] base::Result<void> open(custody::MasterKeys keys);
    [[nodiscard]] base::Result<void> check(custody::MasterKeys const& keys);

    Parts parts_;
    EvidenceMaterial material_;
    base::Clock const& clock_;
    base::Random& random_;
    base::Metrics& metrics_;
    ReleaseRoutes release_;
    Config config_;  ///< until there is a service
    std::optional<Service> service_;
};

}  // namespace obscura::citadel
