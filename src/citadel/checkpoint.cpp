#include "citadel/checkpoint.hpp"

#include "crypto/hex.hpp"

namespace obscura::citadel {
namespace {

using base::Errc;

constexpr std::string_view type =
    "Checkpoint(bytes32 logId,uint64 count,bytes32 logCommitment,bytes32 marksCommitment,"
    "uint64 time,bytes32 previous)";
constexpr std::int64_t year_2200_s = 7'258'118'400;

crypto::Digest read_digest(base::ObjectReader& in, std::string_view key) {
    crypto::Digest out{};
    auto const text = in.text(key, {.max = 66});
    if (!text.empty() &&
        !(text.starts_with("0x") && crypto::hex_decode_into(std::string_view(text).substr(2), out)))
        in.add_error(key, "not_bytes32", "Must be 0x and 64 hex digits.");
    return out;
}

}  // namespace

crypto::Digest Checkpoint::hash() const {
    return crypto::Eip712Struct(type)
        .word(log_id)
        .number(count)
        .word(log_commitment)
        .word(marks_commitment)
        .number(time_s)
        .word(previous)
        .hash();
}

base::Timestamp Checkpoint::time() const {
    return base::from_unix_ms(static_cast<std::int64_t>(time_s) * 1000);
}

crypto::Eip712Domain checkpoint_domain(std::uint64_t chain_id, crypto::EthereumAddress registry) {
    return {.name = "Obscura Notary",
            .version = "1",
            .chain_id = chain_id,
            .verifying_contract = registry};
}

Checkpoint read_checkpoint(base::ObjectReader& in) {
    Checkpoint out;
    out.log_id = read_digest(in, "log_id");
    out.count = static_cast<std::uint64_t>(in.integer("count"));
    out.log_commitment = read_digest(in, "log_commitment");
    out.marks_commitment = read_digest(in, "marks_commitment");
    out.time_s = static_cast<std::uint64_t>(in.integer("time", {.max = year_2200_s}));
    out.previous = read_digest(in, "previous");
    return out;
}

std::uint64_t CheckpointCadence::slot_of(std::uint64_t time_s) const {
    return time_s / static_cast<std::uint64_t>(limits_.interval.count());
}

base::Result<void> CheckpointCadence::admit(Checkpoint const& checkpoint, base::Timestamp now) {
    auto const refuse = [](char const* reason, char const* detail) {
        return base::fail(Errc::invalid_argument, reason, detail);
    };
    auto const hash = checkpoint.hash();
    auto const found = last_.find(checkpoint.log_id);
    if (found != last_.end() && found->second.hash == hash) return {};
    if (checkpoint.time() > now + limits_.clock_error || checkpoint.time() < now - limits_.interval)
        return refuse("checkpoint_time", "A checkpoint is of now, not of another time.");
    auto const slot = slot_of(checkpoint.time_s);
    if (found != last_.end()) {
        auto const& last = found->second;
        if (checkpoint.count == last.count)
            return refuse("checkpoint_conflict",
                          "Another checkpoint of this log with this count was signed.");
        if (checkpoint.count < last.count)
            return refuse("checkpoint_backwards", "A log does not lose entries.");
        if (slot <= last.slot)
            return refuse("checkpoint_too_soon", "A log has one checkpoint in an interval.");
    }
    if (found == last_.end() && last_.size() >= limits_.max_logs) {
        // What no interval holds back any more is forgotten first.
        std::erase_if(last_, [&](auto const& log) { return log.second.slot + 1 < slot; });
        if (last_.size() >= limits_.max_logs)
            return base::fail(Errc::unavailable, "notary_busy", "Too many logs in an interval.");
    }
    last_[checkpoint.log_id] = {.count = checkpoint.count, .slot = slot, .hash = hash};
    return {};
}

}  // namespace obscura::citadel
