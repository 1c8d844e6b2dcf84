#include "citadel/seal_opener.hpp"

#include "citadel/credential_limits.hpp"
#include "citadel/seal_content.hpp"
#include "citadel/venue_signer.hpp"
#include "crypto/base64.hpp"
#include "crypto/hpke.hpp"
#include "ports/key_vault.hpp"

namespace obscura::citadel {
namespace {

using ports::SealBinding;

std::unexpected<base::Error> refuse(std::string reason, std::string detail) {
    return base::fail(base::Errc::invalid_argument, std::move(reason), std::move(detail));
}

/// The binding must be what is asked for: who is logged in, and the connection that is to be made.
base::Result<void> check_asked(SealBinding const& binding,
                               ports::ConnectionRecord const& connection) {
    if (binding.tenant != connection.tenant || binding.user != connection.user)
        return refuse("seal_for_another_owner",
                      "Sealed for another user than who is asking: seal with your own tenant_id "
                      "and user_id.");
    if (binding.venue != connection.venue)
        return refuse(
            "seal_for_another_venue",
            "Sealed for another venue: ask for the one it was sealed for, or seal again.");
    if (binding.environment != connection.environment)
        return refuse("seal_for_another_environment",
                      "Sealed for another environment: ask for the one it was sealed for, or seal "
                      "again.");
    if (binding.purpose != connection.purpose)
        return refuse("seal_for_another_purpose",
                      "Sealed for another purpose: ask for the one it was sealed for, or seal "
                      "again.");
    return {};
}

/// Inside stands what its owner meant; beside it, what everybody on the way could write. The two
/// differ only where a client puts together what does not belong together.
base::Result<void> check_inside(SealBinding inside, SealBinding const& beside) {
    inside.key_id = beside.key_id;
    if (inside == beside) return {};
    return refuse("seal_contradicts_itself",
                  "Owner, venue, environment, purpose and one_time_id must be the same inside the "
                  "seal and beside it.");
}

std::map<std::string, base::Secret> copy_of(std::map<std::string, base::Secret> const& fields) {
    std::map<std::string, base::Secret> out;
    for (auto const& [name, value] : fields) out.emplace(name, value.clone());
    return out;
}

/// Whether the venue's signer could use it: better said now than at the first order.
base::Result<void> check_credentials(std::string_view venue,
                                     std::map<std::string, base::Secret> const& fields) {
    auto const* signer = find_signer(venue);
    if (signer == nullptr) return refuse("not_supported", "This venue is not served.");
    auto const usable = ApiCredentials::from_fields(signer->credentials, copy_of(fields));
    if (!usable) return std::unexpected(usable.error());
    return {};
}

}  // namespace

base::Result<base::Secret> SealOpener::decrypt(ports::SealedCredential const& sealed) {
    auto const key = keys_.find(sealed.binding.key_id);
    if (!key) return std::unexpected(key.error());
    auto const enc = crypto::base64url_decode(sealed.enc);
    if (!enc || enc->size() != crypto::X25519PublicKey().size())
        return std::unexpected(base::field_error("/sealed/enc", "not_base64url",
                                                 "Must be 32 bytes in base64url, unpadded."));
    auto const ciphertext = crypto::base64url_decode(sealed.ciphertext);
    if (!ciphertext)
        return std::unexpected(base::field_error("/sealed/ciphertext", "not_base64url",
                                                 "Must be base64url, unpadded."));
    auto const info = ports::seal_info(sealed.binding);
    auto opened = crypto::hpke_open(*enc, **key, crypto::as_bytes(info), {}, *ciphertext);
    if (!opened)
        return refuse("seal_broken",
                      "Does not open: it was altered, or its info is not made of what stands "
                      "beside it.");
    return std::move(*opened);
}

base::Result<ports::SealedCredentials> SealOpener::open(ports::ConnectionRecord const& connection,
                                                        ports::SealedCredential const& sealed) {
    if (auto const good = check_asked(sealed.binding, connection); !good)
        return std::unexpected(good.error());
    auto const plaintext = decrypt(sealed);
    if (!plaintext) return std::unexpected(plaintext.error());
    auto const content = SealContent::from_plaintext(*plaintext);
    if (!content) return std::unexpected(content.error());
    if (auto const good = check_inside(content->binding, sealed.binding); !good)
        return std::unexpected(good.error());
    if (auto const good = check_credentials(connection.venue, content->credentials); !good)
        return std::unexpected(good.error());
    auto const& binding = sealed.binding;
    if (auto const first = keys_.use(binding.key_id, binding.one_time_id, connection.id); !first)
        return std::unexpected(first.error());

    ports::SealedCredentials out;
    auto context = ports::context_of(connection);
    if (!content->limits.is_empty()) {
        auto const limits = to_json(content->limits).dump();
        out.emplace(limits_field, keyring_.record(context).encrypt(limits, limits_field));
        context = limited_context(context, limits);
    }
    auto record = keyring_.record(context);
    for (auto const& [name, value] : content->credentials)
        out.emplace(name, record.encrypt(value.reveal(), name));
    return out;
}

}  // namespace obscura::citadel
