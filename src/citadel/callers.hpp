#pragma once

#include "base/secret.hpp"
#include "crypto/hash.hpp"
#include "model/venue_operation.hpp"
#include "net/http.hpp"
#include "ports/held_key.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::citadel {

/// The services that may call, each with its own key.
enum class CallerName {
    gateway,
    conductor,
    sentinel,
    admin,
    internal,
    rotation,
    alchemist,
    key_holder
};
inline constexpr std::array<base::EnumName<CallerName>, 8> caller_names{
    {{"gateway", CallerName::gateway},
     {"conductor", CallerName::conductor},
     {"sentinel", CallerName::sentinel},
     {"admin", CallerName::admin},
     {"internal", CallerName::internal},
     {"rotation", CallerName::rotation},
     {"alchemist", CallerName::alchemist},
     {"key_holder", CallerName::key_holder}}};
/// One key for each name, in the order of `caller_names`, or its digest as "sha256:" and 64 hex
/// digits; empty: that caller is not admitted.
using CallerKeys = std::array<base::Secret, caller_names.size()>;

/// The URI name in the certificate that a caller's key comes with, where connections are TLS.
[[nodiscard]] std::string certificate_of(CallerName name);

struct Caller {
    CallerName name = CallerName::internal;
    bool may_encrypt = false;
    bool may_decrypt = false;
    bool may_rewrap = false;        ///< turns ciphertexts into newer ones and sees nothing of them
    bool may_release_keys = false;  ///< brings the master keys to a citadel that waits for them
    bool may_open_sealed = false;   ///< has what a client sealed turned into ciphertexts
    std::span<std::string_view const> may_sign;  ///< kinds of venue operations
    /// Purposes of keys that it has made and statements signed with.
    std::span<ports::KeyPurpose const> may_hold;

    [[nodiscard]] bool may_sign_operation(model::VenueOperation const& operation) const;
    [[nodiscard]] bool may_hold_key(ports::KeyPurpose purpose) const;
};

/// Who holds which key. Keeps digests, not keys.
class Callers {
public:
    /// `decrypt` names those who may ask for plaintext: nobody, unless the operator says so.
    Callers(CallerKeys const& keys, std::vector<std::string> const& decrypt);

    /// The caller of a presented key, nullptr when it is nobody's. Its time depends neither on how
    /// much of a key is right nor on whose it is.
    [[nodiscard]] Caller const* identify(std::string_view presented) const;
    /// The caller by the request's key and, where the connection is TLS, by the certificate that
    /// has to come with it: a key that was taken from its holder is worth nothing without.
    /// unauthenticated for anybody else.
    [[nodiscard]] base::Result<Caller const*> identify(net::Request const& request) const;

private:
    struct Entry {
        crypto::Digest key_digest{};
        Caller caller;
    };
    std::vector<Entry> entries_;
};

}  // namespace obscura::citadel
