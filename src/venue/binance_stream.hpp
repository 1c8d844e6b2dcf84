#pragma once

#include "model/trade.hpp"

#include <string>
#include <string_view>
#include <variant>

/// Messages of Binance's private streams as far as a followed account needs them: of spot's
/// WebSocket API (`/ws-api/v3`) and of the streams that futures open with a listen key.
namespace obscura::venue {

/// The answer to a request of ours.
struct StreamReply {
    std::string id;
    bool ok = false;
    std::string error;  ///< the venue's code and words when not ok
};
/// A fill; what the venue does not say of it is left empty.
struct StreamFill {
    model::Trade trade;
};
/// The venue ends this subscription or this server: nothing more will come.
struct StreamEnded {
    std::string event;
};
/// Something that should have been readable: perhaps a fill, so REST must be asked.
struct StreamUnreadable {
    std::string detail;
};
/// An event that is none of our business.
struct StreamOther {};
using StreamMessage =
    std::variant<StreamReply, StreamFill, StreamEnded, StreamUnreadable, StreamOther>;

[[nodiscard]] StreamMessage decode_stream_message(std::string_view text);

/// The request that any server answers: proof of life by data.
[[nodiscard]] std::string stream_ping(std::string_view id);

}  // namespace obscura::venue
