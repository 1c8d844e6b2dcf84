#include "citadel/relay_routes.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;

constexpr auto idle = 75s;
/// What may wait for a caller before nothing more is taken from it, and for how long.
constexpr std::size_t max_unread = 4 << 20;
constexpr auto patience = 10s;

std::unexpected<base::Error> not_open(base::Errc code, std::string reason, std::string detail) {
    return base::fail(code, std::move(reason), std::move(detail));
}

}  // namespace

/// One of them: a session, the socket that carries it, and the caller in whose name it signs.
class RelayRoutes::Relay final : public RelaySigner,
                                 public std::enable_shared_from_this<RelayRoutes::Relay> {
public:
    Relay(RelayRoutes& routes, Caller const& caller, RelayPlace place, net::WebSocket& socket,
          boost::asio::any_io_executor executor)
        : routes_(routes),
          caller_(caller),
          socket_(socket),
          session_(std::move(place), routes.trust_, *this, routes.clock_, routes.limits_),
          timer_(std::move(executor)) {
        ++routes_.open_;
        ++routes_.open_of_[caller_.name];
    }
    ~Relay() override {
        --routes_.open_;
        --routes_.open_of_[caller_.name];
    }

    [[nodiscard]] base::Result<ports::SignedRequest> sign(ports::SignItem const& item) override {
        CallNote note;
        note.about(item.context);
        auto const in = admit(item);
        auto made =
            in ? routes_.signer_.sign_for_relay(caller_, item) : std::unexpected(in.error());
        if (made) counted_ = std::max(counted_, made->counted);
        if (made)
            note.did(model::kind_of(item.operation));
        else
            note.refused(made.error().reason);
        (made ? routes_.items_ : routes_.refused_).add();
        routes_.call_log_.add(model::name_of(caller_.name, caller_names), "relay", note);
        if (!made) return std::unexpected(std::move(made.error()));
        return std::move(made->request);
    }
    void refused(std::string_view context, std::string_view reason) override {
        CallNote note;
        note.about(context);
        note.refused(reason);
        routes_.refused_.add();
        routes_.call_log_.add(model::name_of(caller_.name, caller_names), "relay", note);
    }
    [[nodiscard]] bool tells_secret(ports::SignItem const& item, std::string_view text) override {
        return routes_.signer_.tells_secret(item, text);
    }

    [[nodiscard]] static net::Task<void> run(std::shared_ptr<Relay> self) {
        self->flush();
        while (!self->session_.is_over()) {
            // A caller that does not read is not read from.
            if (!co_await self->socket_.drain(max_unread, patience)) break;
            auto const message = co_await self->socket_.receive_message(idle);
            if (!message) break;
            if (message->is_binary)
                self->session_.on_venue_bytes(message->data);
            else
                self->session_.on_frame(message->data, self->routes_.default_validity_);
            if (!co_await self->is_settled()) break;
            self->flush();
        }
        self->session_.end();
        self->flush();
    }

private:
    [[nodiscard]] base::Result<void> admit(ports::SignItem const& item) {
        auto const admission = routes_.call_log_.admission();
        bool const is_logged =
            admission == Admission::all || (admission == Admission::exits && is_exit(item));
        if (!is_logged) return std::unexpected(CallLog::unavailable());
        return routes_.gate_.admit(caller_, kind_of(item), item.context);
    }
    /// Waits for what was signed to be counted on the disk. False when it is not in time: nothing
    /// of it leaves, and nothing else does any more.
    [[nodiscard]] net::Task<bool> is_settled() {
        if (routes_.signer_.is_counted(counted_)) co_return true;
        auto const counted = co_await routes_.signer_.until_counted(counted_);
        if (counted) co_return true;
        session_.end();
        auto output = session_.take();
        base::cleanse(output.to_venue);
        for (auto& frame : output.to_caller) socket_.send(std::move(frame));
        counted_ = 0;
        co_return false;
    }
    void flush() {
        if (!routes_.signer_.is_counted(counted_)) return watch();  // `run` waits, and flushes then
        auto output = session_.take();
        if (!output.to_venue.empty()) socket_.send_binary(std::move(output.to_venue));
        for (auto& frame : output.to_caller) socket_.send(std::move(frame));
        watch();
    }
    void watch() {
        timer_.cancel();
        auto const deadline = session_.deadline();
        if (!deadline) return;
        timer_.expires_after(*deadline - routes_.clock_.steady());
        timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
            auto const self = weak.lock();
            if (error || !self) return;
            self->session_.on_time();
            self->flush();
            // `run` waits for the caller: an answer that never comes ends the socket as well.
            if (self->session_.is_over()) self->socket_.begin_close();
        });
    }

    RelayRoutes& routes_;
    Caller const& caller_;
    net::WebSocket& socket_;
    RelaySession session_;
    boost::asio::steady_timer timer_;
    NotionalBook::Ticket counted_ = 0;  ///< of what the session has signed
};

RelayRoutes::RelayRoutes(OperationSigner& signer, CallGate& gate, CallLog& call_log,
                         Callers const& callers, VenueBook const& venues, base::Clock const& clock,
                         base::Metrics& metrics, std::string const& ca_file,
                         std::chrono::milliseconds default_validity)
    : signer_(signer),
      gate_(gate),
      call_log_(call_log),
      callers_(callers),
      venues_(venues),
      clock_(clock),
      trust_(ca_file),
      default_validity_(default_validity),
      items_(metrics.counter("obscura_citadel_items_total",
                             "Texts sealed or opened, operations signed.", {{"route", "relay"}})),
      refused_(metrics.counter("obscura_citadel_refused_total",
                               "Operations refused, and requests refused whole.",
                               {{"route", "relay"}})) {}

void RelayRoutes::add_to(net::Router& router, int access) {
    router.add_socket(
        {.pattern = "/relay",
         .access = access,
         .handler = [this](net::Request& request, net::WebSocket& socket) -> net::Task<void> {
             return serve(request, socket);
         }});
}

base::Result<RelayPlace> RelayRoutes::place_of(net::Request const& request) const {
    auto const venue = request.query_param("venue");
    auto const environment =
        model::value_of(request.query_param("environment").value_or(""), model::environment_names);
    auto const market =
        model::value_of(request.query_param("market").value_or(""), model::market_names);
    auto const found = venue ? venues_.find(*venue) : venues_.end();
    if (found == venues_.end() || !environment || !market)
        return not_open(base::Errc::invalid_argument, "not_supported",
                        "Name a venue that is signed for, an environment and a market.");
    auto const& endpoints = found->second[static_cast<std::size_t>(*environment)];
    auto origin = net::parse_url(endpoints.origin_of(*market));
    if (!origin || origin->scheme != "https")
        return not_open(base::Errc::invalid_argument, "not_supported",
                        "The venue has no address with TLS there.");
    return RelayPlace{*venue, *environment, *market, std::move(*origin)};
}

base::Result<RelayPlace> RelayRoutes::admit(Caller const& caller, net::Request const& request) {
    if (open_ >= max_relays || open_of_[caller.name] >= max_relays_of_one)
        return not_open(base::Errc::unavailable, "relay_busy", "Too many relays are open.");
    if (auto const in = gate_.admit(caller, CallKind::relay, ""); !in)
        return std::unexpected(in.error());
    return place_of(request);
}

net::Task<void> RelayRoutes::serve(net::Request& request, net::WebSocket& socket) {
    auto const known = callers_.identify(request);
    if (!known) co_return;  // the guard has let it through: it is known
    auto const* caller = *known;
    auto place = admit(*caller, request);
    CallNote note;
    if (place)
        note.did("session");
    else
        note.refused(place.error().reason);
    call_log_.add(model::name_of(caller->name, caller_names), "relay", note);
    if (!place) {
        refused_.add();
        socket.send(relay_failure("", RelayOutcome::refused, place.error()));
        co_return;
    }
    auto const executor = co_await boost::asio::this_coro::executor;
    auto const relay = std::make_shared<Relay>(*this, *caller, std::move(*place), socket, executor);
    co_await Relay::run(relay);
}

}  // namespace obscura::citadel
