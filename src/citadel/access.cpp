#include "citadel/access.hpp"

namespace obscura::citadel {

base::Result<void> check_access(Caller const& caller, Access access) {
    bool const allowed = access == Access::encrypt_texts   ? caller.may_encrypt
                         : access == Access::decrypt_texts ? caller.may_decrypt
                         : access == Access::rewrap_texts  ? caller.may_rewrap
                         : access == Access::open_seals    ? caller.may_open_sealed
                                                           : !caller.may_sign.empty();
    if (allowed) return {};
    if (access == Access::decrypt_texts)
        return base::fail(base::Errc::forbidden, "decrypt_disabled",
                          "This caller gets no plaintext here.");
    return base::fail(base::Errc::forbidden, "forbidden", "This caller may not do that.");
}

}  // namespace obscura::citadel
