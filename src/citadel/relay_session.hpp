#pragma once

#include "base/clock.hpp"
#include "citadel/relay_wire.hpp"
#include "net/http_exchange.hpp"
#include "net/tls_session.hpp"
#include "ports/signer.hpp"

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::citadel {

/// One environment and market of a venue, at the address that citadel itself knows.
struct RelayPlace {
    std::string venue;
    model::Environment environment = model::Environment::live;
    model::Market market = model::Market::spot;
    net::Url origin;
};

struct RelayLimits {
    std::size_t max_waiting = 64;            ///< items beside the one that is at the venue
    std::size_t max_frame_bytes = 64 << 10;  ///< of an item
    net::ResponseReader::Limits response;
    std::chrono::milliseconds handshake{10'000};
    /// How long after its item's end an answer is still waited for: it is on its way.
    std::chrono::milliseconds answer_grace{2'000};
};

/// What a relay asks of the rest of citadel, in the name of one caller.
class RelaySigner {
public:
    virtual ~RelaySigner() = default;
    [[nodiscard]] virtual base::Result<ports::SignedRequest> sign(ports::SignItem const& item) = 0;
    /// An item that did not come as far as `sign`; `context` where it had one.
    virtual void refused(std::string_view context, std::string_view reason) = 0;
    /// Whether a text has a secret of the item's credential in it.
    [[nodiscard]] virtual bool tells_secret(ports::SignItem const& item, std::string_view text) = 0;
};

/// citadel's end of a TLS connection to a venue whose bytes a caller carries: items in, one request
/// at a time, answers out. Bytes in, bytes out: no socket and no timer of its own. A request is
/// signed when its turn has come, so that nothing signed waits.
///
/// An item ends with the venue's answer or with an outcome: "refused" (nothing was made),
/// "not_sent" (no byte of a request was made, though one could be), "unknown" (its bytes are out of
/// our hands). A failure without an id is the last frame: what it finds unnamed was never taken.
/// The carrier can cut, hold back and alter what it carries: that ends the session.
class RelaySession {
public:
    /// All must outlive this. Throws std::runtime_error where `place.origin` has no host's name.
    RelaySession(RelayPlace place, net::TlsTrust const& trust, RelaySigner& signer,
                 base::Clock const& clock, RelayLimits const& limits);

    /// A text frame of the caller's: an item, or that the venue has closed. `default_validity` is
    /// that of an item that names no end.
    void on_frame(std::string_view text, std::chrono::milliseconds default_validity);
    void on_venue_bytes(std::string_view bytes);
    /// To be called at `deadline`.
    void on_time();
    /// What is not answered yet never will be.
    void end();

    struct Output {
        std::string to_venue;
        std::vector<std::string> to_caller;  ///< text frames
    };
    [[nodiscard]] Output take();
    [[nodiscard]] bool is_over() const { return is_over_; }
    /// Of what is waited for; nullopt when nothing is.
    [[nodiscard]] std::optional<base::Instant> deadline() const { return deadline_; }

private:
    struct Waiting {
        ports::SignItem item;
        base::Timestamp received_at{};
    };
    struct InFlight {
        ports::SignItem item;
        std::vector<std::string> signatures;
        net::ResponseReader reader;
    };

    void accept(ports::SignItem item);
    void start_next();
    [[nodiscard]] bool start(Waiting waiting);
    void on_plaintext(std::string const& text);
    void on_venue_closed();
    void finish_exchange();
    void answer(net::Response response);
    void refuse(std::string const& id, std::string_view context, RelayOutcome outcome,
                base::Error const& error);
    void report(std::string const& id, RelayOutcome outcome, base::Error const& error);
    /// Ends the session: what is at the venue is unknown, what waits was not sent.
    void fail(base::Error const& error);

    RelayPlace place_;
    RelaySigner& signer_;
    base::Clock const& clock_;
    RelayLimits limits_;
    net::TlsSession tls_;
    std::deque<Waiting> waiting_;
    std::set<std::string> open_ids_;
    std::optional<InFlight> in_flight_;
    std::optional<base::Instant> deadline_;
    std::vector<std::string> to_caller_;
    bool is_over_ = false;
};

}  // namespace obscura::citadel
