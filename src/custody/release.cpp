#include "custody/release.hpp"

#include <algorithm>
#include <iterator>

namespace obscura::custody {
namespace {

constexpr std::string_view label = "obscura/citadel/key-release/v1";

/// Every part has one length: nothing of one can pass for the beginning of another.
std::vector<std::uint8_t> info_of(ReleaseContext const& context) {
    std::vector<std::uint8_t> info;
    std::ranges::copy(label, std::back_inserter(info));
    std::ranges::copy(context.nonce, std::back_inserter(info));
    std::ranges::copy(context.wrapping_key, std::back_inserter(info));
    std::ranges::copy(context.evidence, std::back_inserter(info));
    return info;
}

std::string aad_of(std::span<int const> versions) { return "versions " + versions_text(versions); }

}  // namespace

crypto::Digest evidence_hash(base::Json const& evidence) {
    return crypto::sha256(evidence.dump_canonical());
}

base::Result<crypto::HpkeMessage> wrap_keys(MasterKeys const& keys, ReleaseContext const& context,
                                            base::Random& random) {
    auto const payload = pack(keys);
    return crypto::hpke_seal(context.wrapping_key, info_of(context),
                             crypto::as_bytes(aad_of(versions_of(keys))), payload.bytes(), random);
}

base::Result<MasterKeys> unwrap_keys(crypto::Bytes enc, crypto::Bytes sealed,
                                     std::span<int const> versions,
                                     crypto::X25519PrivateKey const& wrapping_key,
                                     ReleaseContext const& context) {
    auto const payload = crypto::hpke_open(enc, wrapping_key, info_of(context),
                                           crypto::as_bytes(aad_of(versions)), sealed);
    auto keys = payload ? unpack(payload->bytes(), versions)
                        : base::Result<MasterKeys>(std::unexpected(payload.error()));
    if (!keys)
        return base::fail(base::Errc::invalid_argument, "keys_unreadable",
                          "The keys do not open: they were wrapped for another key, nonce or "
                          "evidence, or altered. Ask for another challenge.");
    return keys;
}

}  // namespace obscura::custody
