// Master keys on their way to a citadel that waits for them: the evidence that a key holder
// appraises, and the wrapped keys that citadel opens. Nobody gets keys who has not earned them.
#include "attest/binding.hpp"
#include "crypto/hex.hpp"
#include "custody/release_policy.hpp"
#include "fuzz/target.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace obscura::fuzz {
namespace {

using namespace custody;

base::Timestamp const at = base::from_unix_ms(1'795'900'000'000);

/// What a holder may have asked for: software by name, software where it is never taken, a native
/// guest, nilCC, and hardware with nothing asked but a report for this very release.
std::array<ReleasePolicy, 5> const& policies() {
    static auto const all = [] {
        std::array<ReleasePolicy, 5> out;
        out[0] = {.environment = "development", .format = "software", .allow_software = true};
        out[1] = {.format = "software", .allow_software = true};
        out[2].snp = {.vmpl = 0, .measurements = {attest::ByteArray<48>{}}, .requires_crl = true};
        for (auto* lax : {&out[3], &out[4]}) lax->snp = {.minimum_version = 2, .allows_vlek = true};
        out[3].format = "nilcc";
        return out;
    }();
    return all;
}

struct Holder {
    base::SeededRandom random{1};
    crypto::X25519PrivateKey key =
        crypto::X25519PrivateKey::from_bytes(crypto::as_bytes("a key of thirty-two bytes always"))
            .value();
    SeenPeer peer{.nonce = {1, 2, 3}, .tls_key = {4, 5}, .wrapping_key = key.public_key()};
    ReleaseContext context{.nonce = peer.nonce, .wrapping_key = peer.wrapping_key, .evidence = {}};
    std::vector<int> versions;
    crypto::HpkeMessage wrapped = wrap();

    [[nodiscard]] crypto::HpkeMessage wrap() {
        MasterKeys keys;
        for (int i = 0; i < 2; ++i) (void)add_version(keys, random);
        versions = versions_of(keys);
        return wrap_keys(keys, context, random).value();
    }
};

Holder& holder() {
    static Holder one;
    return one;
}

base::Result<ReleaseVerdict> appraised(base::Json const& evidence, SeenPeer const& peer,
                                       ReleasePolicy const& policy) {
    return appraise_release(evidence, peer, policy, {}, nullptr, attest::TrustRoots::production(),
                            at);
}

/// No report was made for this nonce and key: hardware is never believed, and software only where
/// it was asked for, and only for them.
void must_be_earned(base::Json const& evidence, ReleasePolicy const& policy) {
    auto const& peer = holder().peer;
    auto const verdict = appraised(evidence, peer, policy);
    if (!verdict) {
        auto const& error = verdict.error();
        must(error.code == base::Errc::invalid_argument, "evidence is refused, nothing breaks");
        return must(!error.reason.empty() && !error.detail.empty(), "a refusal names its check");
    }
    must(!verdict->attested && verdict->binding == "none", "nobody makes hardware's evidence up");
    must(policy.allow_software && policy.environment == "development",
         "software gets keys in development alone");
    auto const bound =
        attest::native_report_data(peer.nonce, peer.tls_key, crypto::Bytes(peer.wrapping_key));
    must(evidence["binding"].to_text() == crypto::hex_encode(bound), "for this nonce and key");
    auto other = peer;
    other.nonce.back() ^= 1;
    must(!appraised(evidence, other, policy), "and for no other");
}

void must_have_one_hash(base::Json const& evidence) {
    auto const sorted = base::parse_json(evidence.dump_canonical());
    must(sorted && evidence_hash(*sorted) == evidence_hash(evidence),
         "evidence has one hash however it was written");
}

/// The good message with a piece of it replaced by the input.
void must_not_open(unsigned choice, std::string_view input) {
    auto const& with = holder();
    std::string all(crypto::as_text(with.wrapped.enc));
    all += crypto::as_text(with.wrapped.sealed);
    auto altered = all;
    auto const from = choice % altered.size();
    altered.replace(from, std::min(altered.size() - from, input.size()), input);
    auto const bytes = crypto::as_bytes(altered);
    auto const enc = bytes.first(with.wrapped.enc.size());
    auto const sealed = bytes.subspan(enc.size());
    auto const keys = unwrap_keys(enc, sealed, with.versions, with.key, with.context);
    must(keys.has_value() == (altered == all), "what opens is what was wrapped");
    must(keys || keys.error().reason == "keys_unreadable", "a refusal has a reason");
    auto other = with.context;
    other.evidence.back() ^= 1;
    must(!unwrap_keys(enc, sealed, with.versions, with.key, other), "beside its own evidence only");
}

}  // namespace

/// A byte that chooses the policy, or where the wrapped keys are altered, then evidence or a piece.
void try_input(std::string_view input) {
    auto const [choice, rest] = choice_and_rest(input);
    must_not_open(choice, rest);
    auto const json = base::parse_json(rest);
    if (!json) return;
    must_have_one_hash(*json);
    must_be_earned(*json, policies()[choice % policies().size()]);
}

}  // namespace obscura::fuzz
