// Our WebSocket, either side: what arrives is exactly the messages that RFC 6455 reads in the
// bytes, up to the first that breaks its rules.
#include "fuzz/peer.hpp"
#include "net/detail/socket_state.hpp"
#include "net/detail/text.hpp"

#include <openssl/evp.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>
#include <string>
#include <vector>

namespace obscura::fuzz {
namespace {

using net::detail::SocketState;
using Messages = std::vector<std::string>;

constexpr std::size_t max_message = 512;

enum class Role { server, client };

struct Frame {
    bool is_last = false;
    unsigned opcode = 0;
    std::string payload;

    [[nodiscard]] bool is_control() const { return opcode >= 8; }
};

/// RFC 6455 §5.2, by the letter. nullopt where the bytes end or break a rule.
std::optional<Frame> take_frame(std::string_view& bytes, Role receiver) {
    auto const take = [&](std::size_t n) -> std::optional<std::uint64_t> {
        if (bytes.size() < n) return std::nullopt;
        std::uint64_t value = 0;
        for (char const c : bytes.substr(0, n)) value = value << 8 | static_cast<unsigned char>(c);
        bytes.remove_prefix(n);
        return value;
    };
    auto const start = take(2);
    if (!start) return std::nullopt;
    Frame frame{.is_last = (*start & 0x8000) != 0,
                .opcode = static_cast<unsigned>(*start >> 8 & 0x0f),
                .payload = {}};
    bool const is_masked = (*start & 0x80) != 0;
    bool const has_reserved_bits = (*start & 0x7000) != 0;
    bool const is_known = frame.opcode <= 2 || (frame.opcode >= 8 && frame.opcode <= 10);
    if (has_reserved_bits || !is_known || is_masked != (receiver == Role::server))
        return std::nullopt;
    std::uint64_t size = *start & 0x7f;
    if (frame.is_control() && (!frame.is_last || size > 125)) return std::nullopt;
    if (size >= 126) {
        auto const longer = take(size == 126 ? 2 : 8);
        if (!longer || *longer < (size == 126 ? 126U : 65536U)) return std::nullopt;
        size = *longer;
    }
    auto const mask = is_masked ? take(4) : 0;
    if (!mask || size > bytes.size()) return std::nullopt;
    for (std::size_t i = 0; i < size; ++i)
        frame.payload += static_cast<char>(static_cast<unsigned char>(bytes[i]) ^
                                           (*mask >> (24 - 8 * (i % 4)) & 0xff));
    bytes.remove_prefix(size);
    return frame;
}

Messages messages_in(std::string_view bytes, Role receiver) {
    Messages out;
    std::optional<Frame> begun;  // the first frame, with what followed
    while (auto frame = take_frame(bytes, receiver)) {
        if (frame->opcode == 8) break;
        if (frame->is_control()) continue;
        if (begun.has_value() != (frame->opcode == 0)) break;
        if (begun) {
            begun->payload += frame->payload;
            begun->is_last = frame->is_last;
        } else {
            begun = std::move(frame);
        }
        if (begun->payload.size() > max_message) break;
        if (!begun->is_last) continue;
        if (begun->opcode == 1 && !net::detail::is_utf8(begun->payload)) break;
        out.push_back(std::move(begun->payload));
        begun.reset();
    }
    return out;
}

struct Heard {
    Messages messages;
    std::optional<base::Error> end;
};

net::Task<void> listen(SocketState::Self state, Heard& heard) {
    while (true) {
        auto message = co_await SocketState::receive(state, std::chrono::seconds(60));
        if (!message) {
            heard.end = message.error();
            co_return;
        }
        heard.messages.push_back(std::move(*message));
    }
}

net::Task<void> accept(SocketState::Self state, Heard& heard) {
    net::Request request;
    request.headers = {{"Host", "fuzz"},
                       {"Upgrade", "websocket"},
                       {"Connection", "upgrade"},
                       {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                       {"Sec-WebSocket-Version", "13"}};
    must(!co_await SocketState::accept(state, request), "an upgrade is accepted");
    co_await listen(state, heard);
}

net::Task<void> handshake(SocketState::Self state, Heard& heard) {
    unsigned status = 0;
    must(!co_await SocketState::handshake(state, "fuzz", "/", {}, status), "hands are shaken");
    co_await listen(state, heard);
}

/// What a server answers to the request of a client of ours.
std::string upgrade_answer(std::string_view request) {
    constexpr std::string_view field = "Sec-WebSocket-Key: ";
    auto const at = request.find(field);
    must(at != request.npos, "a client sends a key");
    auto const key =
        std::string(request.substr(at + field.size(), 24)) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, 20> hash{};
    EVP_Digest(key.data(), key.size(), hash.data(), nullptr, EVP_sha1(), nullptr);
    std::array<unsigned char, 29> text{};
    EVP_EncodeBlock(text.data(), hash.data(), hash.size());
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           std::string(reinterpret_cast<char const*>(text.data())) + "\r\n\r\n";
}

Heard hear(std::string_view bytes, Role role) {
    Heard heard;
    boost::asio::io_context io;
    Peer peer;
    auto state = std::make_shared<SocketState>(net::detail::Stream(peer.connect(io.get_executor())),
                                               max_message);
    boost::asio::co_spawn(io, role == Role::server ? accept(state, heard) : handshake(state, heard),
                          boost::asio::detached);
    io.poll();
    if (role == Role::client) peer.send(upgrade_answer(peer.received()));
    peer.send(bytes);
    peer.end();
    while (!heard.end && io.run_one() > 0) {
    }
    must(!state->is_open(), "a socket that ended is closed");
    return heard;
}

}  // namespace

/// A byte for the side that is tried, and what comes after the handshake.
void try_input(std::string_view input) {
    auto const [choice, bytes] = choice_and_rest(input);
    auto const role = choice % 2 == 0 ? Role::server : Role::client;
    auto const heard = hear(bytes, role);
    must(heard.end && !heard.end->reason.empty(), "a socket ends with a reason");
    must(heard.messages == messages_in(bytes, role), "messages are what the RFC reads");
}

}  // namespace obscura::fuzz
