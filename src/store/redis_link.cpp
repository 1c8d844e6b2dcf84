#include "store/detail/redis_link.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <charconv>
#include <stdexcept>

namespace obscura::store {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

template <class T>
T whole_number(std::string_view text, char const* what) {
    T out{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
        throw std::invalid_argument(std::string("the Redis URL's ") + what + " is not a number");
    }
    return out;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned value = 0;
        auto const* digits = text.data() + i + 1;
        if (i + 2 >= text.size() ||
            std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) {
            throw std::invalid_argument("the Redis URL has a broken %-escape");
        }
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

/// Takes what is before the last `mark`, if it is there, off the front.
std::optional<std::string_view> take_before_last(std::string_view& rest, char mark) {
    auto const at = rest.rfind(mark);
    if (at == std::string_view::npos) return std::nullopt;
    auto const front = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    return front;
}

void read_credentials(std::string_view text, RedisAddress& address) {
    auto const colon = text.find(':');
    if (colon == std::string_view::npos) {
        throw std::invalid_argument("the Redis URL must have user:password before the '@'");
    }
    address.user = percent_decoded(text.substr(0, colon));
    auto password = percent_decoded(text.substr(colon + 1));
    address.password = base::Secret(password);
    base::cleanse(password);
}

/// "host", "host:port", "[::1]:port".
void read_endpoint(std::string_view text, RedisAddress& address) {
    if (text.starts_with('[')) {
        auto const close = text.find(']');
        if (close == std::string_view::npos) {
            throw std::invalid_argument("the Redis URL has a '[' without ']'");
        }
        address.host = text.substr(1, close - 1);
        text.remove_prefix(close + 1);
    } else {
        auto const end = std::min(text.find(':'), text.size());
        address.host = text.substr(0, end);
        text.remove_prefix(end);
    }
    if (address.host.empty()) throw std::invalid_argument("the Redis URL has no host");
    if (text.empty()) return;
    if (text.front() != ':') throw std::invalid_argument("the Redis URL is malformed");
    address.port = whole_number<std::uint16_t>(text.substr(1), "port");
}

}  // namespace

RedisAddress parse_redis_url(std::string_view url) {
    constexpr std::string_view scheme = "redis://";
    if (!url.starts_with(scheme)) throw std::invalid_argument("the Redis URL must be redis://...");
    url.remove_prefix(scheme.size());
    RedisAddress address;
    if (auto const credentials = take_before_last(url, '@')) {
        read_credentials(*credentials, address);
    }
    if (auto const slash = url.find('/'); slash != std::string_view::npos) {
        auto const database = url.substr(slash + 1);
        if (!database.empty()) address.database = whole_number<int>(database, "database");
        if (address.database < 0) throw std::invalid_argument("the Redis database is negative");
        url = url.substr(0, slash);
    }
    read_endpoint(url, address);
    return address;
}

net::Task<std::string> RedisLink::open(RedisAddress const& address,
                                       std::chrono::milliseconds timeout) {
    auto const self = shared_from_this();
    asio::steady_timer guard(socket_.get_executor());
    guard.expires_after(timeout);
    guard.async_wait([weak = weak_from_this()](auto error) {
        auto const link = error ? nullptr : weak.lock();
        if (!link) return;
        link->timed_out_ = true;
        link->close();
    });
    std::string failure;
    try {
        co_await connect(address);
        co_await greet(address);
    } catch (boost::system::system_error const& e) {
        failure = e.code().message();
    } catch (std::exception const& e) {
        failure = e.what();
    }
    if (timed_out_) failure = "connecting took too long";
    guard.cancel();
    co_return failure;
}

net::Task<void> RedisLink::connect(RedisAddress const& address) {
    boost::system::error_code not_numeric;
    auto const numeric = asio::ip::make_address(address.host, not_numeric);
    if (!not_numeric) {
        co_await socket_.async_connect(tcp::endpoint(numeric, address.port), asio::use_awaitable);
    } else {
        tcp::resolver resolver(socket_.get_executor());
        auto const port = std::to_string(address.port);
        auto const found = co_await resolver.async_resolve(address.host, port, asio::use_awaitable);
        // The time limit closes the socket, which does not stop a look-up.
        if (timed_out_) throw std::runtime_error("too late");
        co_await asio::async_connect(socket_, found, asio::use_awaitable);
    }
    socket_.set_option(tcp::no_delay(true));
}

net::Task<void> RedisLink::greet(RedisAddress const& address) {
    std::vector<RedisCommand> commands;
    if (!address.password.empty()) {
        RedisCommand auth{"AUTH"};
        if (!address.user.empty()) auth.push_back(address.user);
        auth.emplace_back(address.password.reveal());
        commands.push_back(std::move(auth));
    }
    if (address.database != 0) commands.push_back({"SELECT", std::to_string(address.database)});
    // A server that still loads its data answers this with an error: not yet connected.
    commands.push_back({"PING"});
    std::string bytes;
    for (auto const& command : commands) append_command(bytes, command);
    auto const out = asio::buffer(bytes);
    co_await asio::async_write(socket_, out, asio::use_awaitable);
    base::cleanse(bytes);
    if (!address.password.empty()) base::cleanse(commands.front().back());
    for (std::size_t answered = 0; answered < commands.size();) {
        auto const failure = co_await receive();
        if (!failure.empty()) throw std::runtime_error(failure);
        while (auto const reply = next()) {
            if (reply->is_error()) throw std::runtime_error(reply->text);
            ++answered;
        }
    }
}

net::Task<std::string> RedisLink::receive() {
    auto const token = asio::as_tuple(asio::use_awaitable);
    auto const [error, size] = co_await socket_.async_read_some(asio::buffer(buffer_), token);
    if (error) co_return error.message();
    try {
        reader_.feed({buffer_.data(), size});
    } catch (std::exception const& e) {
        co_return e.what();
    }
    co_return "";
}

void RedisLink::write(std::string bytes, std::function<void(std::string)> done) {
    auto const kept = std::make_shared<std::string>(std::move(bytes));
    asio::async_write(socket_, asio::buffer(*kept),
                      [self = shared_from_this(), kept, done = std::move(done)](auto error, auto) {
                          done(error ? error.message() : "");
                      });
}

void RedisLink::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace obscura::store
