// What AMD says in the extensions of a chip's or a cloud's certificate.
#include "attest/certificate.hpp"

#include "attest/detail/openssl.hpp"
#include "attest/detail/refusal.hpp"

namespace obscura::attest {
namespace {

constexpr std::string_view arc = "1.3.6.1.4.1.3704.1";
constexpr std::size_t chip_id_size = 64;
constexpr std::size_t turin_chip_id_size = 8;

std::unexpected<base::Error> bad_extension(std::string_view number, std::string_view why) {
    ERR_clear_error();
    return refused("certificate_extension",
                   "extension " + std::string(arc) + std::string(number) + " " + std::string(why));
}

/// The extension's content: exactly one of the name, or nullptr.
ASN1_OCTET_STRING const* extension(Certificate const& leaf, std::string_view number) {
    auto const text = std::string(arc) + std::string(number);
    detail::Object const name(detail::check(OBJ_txt2obj(text.c_str(), 1)));
    int const at = X509_get_ext_by_OBJ(leaf.get(), name.get(), -1);
    if (at < 0 || X509_get_ext_by_OBJ(leaf.get(), name.get(), at) >= 0) return nullptr;
    return X509_EXTENSION_get_data(X509_get_ext(leaf.get(), at));
}

crypto::Bytes bytes_of(ASN1_OCTET_STRING const* content) {
    return {ASN1_STRING_get0_data(content), static_cast<std::size_t>(ASN1_STRING_length(content))};
}

/// A patch level: an INTEGER of 0 to 255.
base::Result<std::uint8_t> level(Certificate const& leaf, std::string_view number) {
    auto const* const content = extension(leaf, number);
    if (content == nullptr) return bad_extension(number, "is not there once");
    auto const bytes = bytes_of(content);
    auto const* position = bytes.data();
    detail::AsnInteger const integer(
        d2i_ASN1_INTEGER(nullptr, &position, static_cast<long>(bytes.size())));
    std::int64_t value = -1;
    if (!integer || position != bytes.data() + bytes.size() ||
        ASN1_INTEGER_get_int64(&value, integer.get()) != 1 || value < 0 || value > 255)
        return bad_extension(number, "is no number of 0 to 255");
    return static_cast<std::uint8_t>(value);
}

base::Result<std::string> text(Certificate const& leaf, std::string_view number) {
    auto const* const content = extension(leaf, number);
    if (content == nullptr) return bad_extension(number, "is not there once");
    auto const bytes = bytes_of(content);
    auto const* position = bytes.data();
    detail::AsnText const string(
        d2i_ASN1_IA5STRING(nullptr, &position, static_cast<long>(bytes.size())));
    if (!string || position != bytes.data() + bytes.size())
        return bad_extension(number, "is no text");
    return std::string(reinterpret_cast<char const*>(ASN1_STRING_get0_data(string.get())),
                       static_cast<std::size_t>(ASN1_STRING_length(string.get())));
}

/// "Milan-B0" in a VCEK, "Milan" in a VLEK.
base::Result<Product> product(Certificate const& leaf) {
    auto const name = text(leaf, ".2");
    if (!name) return std::unexpected(name.error());
    for (auto const known : {Product::milan, Product::genoa, Product::turin})
        if (*name == to_string(known) || name->starts_with(std::string(to_string(known)) + "-"))
            return known;
    return bad_extension(".2", "names a product that is not known here");
}

/// Raw in genuine certificates, in an OCTET STRING in some: the length tells which, never the first
/// byte, which is the chip's own.
base::Result<std::vector<std::uint8_t>> chip_id(Certificate const& leaf, Product product) {
    auto const size = product == Product::turin ? turin_chip_id_size : chip_id_size;
    auto const* const content = extension(leaf, ".4");
    if (content == nullptr) return bad_extension(".4", "is not there once");
    auto bytes = bytes_of(content);
    if (bytes.size() == size + 2) {
        if (bytes[0] != V_ASN1_OCTET_STRING || bytes[1] != size)
            return bad_extension(".4", "is no chip's id");
        bytes = bytes.subspan(2);
    }
    if (bytes.size() != size) return bad_extension(".4", "is no chip's id of this product");
    return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
}

struct Level {
    std::string_view number;
    std::size_t place;  ///< in TcbVersion
};
// spl4 to spl7 are the bytes that a TCB has no use for yet: they have to agree too.
constexpr Level levels[] = {{".3.1", 0}, {".3.2", 1}, {".3.4", 2}, {".3.5", 3},
                            {".3.6", 4}, {".3.7", 5}, {".3.3", 6}, {".3.8", 7}};
constexpr Level turin_levels[] = {{".3.9", 0}, {".3.1", 1}, {".3.2", 2}, {".3.3", 3},
                                  {".3.5", 4}, {".3.6", 5}, {".3.7", 6}, {".3.8", 7}};

base::Result<TcbVersion> tcb(Certificate const& leaf, Product product) {
    auto const& places = product == Product::turin ? turin_levels : levels;
    TcbVersion version;
    for (auto const& [number, place] : places) {
        auto const value = level(leaf, number);
        if (!value) return std::unexpected(value.error());
        version.bytes[place] = *value;
    }
    return version;
}

}  // namespace

base::Result<LeafFacts> leaf_facts(Certificate const& leaf) {
    LeafFacts facts;
    auto const name = leaf.common_name();
    if (name != "SEV-VCEK" && name != "SEV-VLEK")
        return refused("certificate_leaf", "the certificate is neither a VCEK nor a VLEK");
    facts.key = name == "SEV-VLEK" ? SigningKey::vlek : SigningKey::vcek;
    if (auto const version = level(leaf, ".1"); !version) return std::unexpected(version.error());
    auto const of = product(leaf);
    if (!of) return std::unexpected(of.error());
    facts.product = *of;
    auto const versions = tcb(leaf, *of);
    if (!versions) return std::unexpected(versions.error());
    facts.tcb = *versions;
    if (facts.key == SigningKey::vlek) {
        auto cloud = text(leaf, ".5");
        if (!cloud) return std::unexpected(cloud.error());
        facts.cloud = std::move(*cloud);
        return facts;
    }
    auto id = chip_id(leaf, *of);
    if (!id) return std::unexpected(id.error());
    facts.chip_id = std::move(*id);
    return facts;
}

}  // namespace obscura::attest
