#pragma once

#include "attest/snp_appraisal.hpp"

#include <functional>
#include <map>

struct evp_pkey_st;

namespace obscura::attest::test {

/// An AMD of our own, with keys made for this run: for the reports and certificates that nobody has
/// published (version 5, migration, another VMPL, Turin), and for those that must be refused. The
/// production roots never believe it.
class SyntheticAmd {
public:
    /// Keys take a second to make, so that all tests share them.
    static SyntheticAmd& shared(Product product);

    struct CertificateSpec {
        bool is_vlek = false;
        std::string common_name;  ///< "": as `is_vlek` has it
        std::map<std::string, std::vector<int>>
            levels;                        ///< instead of the TCB's: ".3.1" -> content
        std::vector<std::string> without;  ///< extensions left out: ".3.8"
        std::optional<std::vector<std::uint8_t>> chip_id;  ///< the extension's content
        std::optional<std::string> product_name;
        bool by_other_authority =
            false;  ///< signed by the ASVK where the ASK would, and the reverse
        bool is_authority = false;
        bool on_p256 = false;
        bool is_critical = false;  ///< an extension that nobody knows is critical
        bool is_pkcs1 = false;     ///< signed as RSA with SHA-256, not RSASSA-PSS with SHA-384
        std::string twice;         ///< an extension that is there two times
    };
    struct Spec {
        std::uint32_t version = 3;
        std::uint32_t vmpl = 0;
        std::uint64_t policy = 0x30000;
        std::uint64_t platform_info = 0;
        std::uint32_t key_info = 0;  ///< of a VLEK: 4
        TcbParts tcb{.bootloader = 4, .tee = 1, .snp = 24, .microcode = 219};
        std::function<void(std::vector<std::uint8_t>&)> before_signing;
        std::function<void(std::vector<std::uint8_t>&)> after_signing;
        CertificateSpec certificate;
        /// The certificate between the root and the chip's.
        enum class Ask { good, with_2048_bits, no_authority } ask = Ask::good;
    };
    /// With every certificate up to the root.
    [[nodiscard]] std::vector<std::uint8_t> report_bytes(Spec const& spec);
    [[nodiscard]] SnpEvidence evidence(Spec const& spec);
    [[nodiscard]] TrustRoots roots() const;
    /// Of the root's; `revokes_ask`: the certificate between it and chips.
    [[nodiscard]] RevocationList crl(bool revokes_ask, bool by_another = false);
    /// One that revokes nothing, as a file has it.
    [[nodiscard]] std::string crl_der(bool revokes_ask = false, bool by_another = false);

    /// Years for which its certificates are valid, from `in_2026` on.
    static constexpr int years = 1;

private:
    explicit SyntheticAmd(Product product);
    [[nodiscard]] Certificate leaf(Spec const& spec, evp_pkey_st* key, evp_pkey_st* ask_key);

    Product product_;
    std::shared_ptr<evp_pkey_st> ark_key_, ask_key_, asvk_key_, leaf_key_, p256_key_;
    std::vector<Certificate> authorities_;  ///< ARK, ASK, ASVK
};

}  // namespace obscura::attest::test
