// github.com/msgpack/msgpack/blob/master/spec.md
#include "citadel/msgpack.hpp"

#include <charconv>
#include <concepts>
#include <optional>
#include <stdexcept>

namespace obscura::citadel {
namespace {

template <std::integral T>
std::optional<T> number_from(std::string const& digits) {
    T out = 0;
    auto const* const end = digits.data() + digits.size();
    auto const [stop, error] = std::from_chars(digits.data(), end, out);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return out;
}

class Packer {
public:
    void pack(base::Json const& value) {
        if (value.is_null()) {
            put(0xc0);
        } else if (value.is_bool()) {
            put(value.as_bool() ? 0xc3 : 0xc2);
        } else if (value.is_number()) {
            pack_number(value.digits());
        } else if (value.is_string()) {
            pack_text(value.as_string());
        } else if (value.is_array()) {
            put_size(value.as_array().size(), array_sizes);
            for (auto const& item : value.as_array()) pack(item);
        } else {
            put_size(value.as_object().size(), map_sizes);
            for (auto const& [name, member] : value.as_object()) {
                pack_text(name);
                pack(member);
            }
        }
    }
    std::vector<std::uint8_t> take() { return std::move(out_); }

private:
    /// The first byte for a size that fits into it, into one byte (where there is such a form),
    /// two, or four.
    struct Sizes {
        std::uint8_t inside;
        std::size_t inside_below;
        std::uint8_t in_1;
        std::uint8_t in_2;
        std::uint8_t in_4;
    };
    static constexpr std::uint8_t no_form = 0;
    static constexpr Sizes text_sizes{0xa0, 32, 0xd9, 0xda, 0xdb};
    static constexpr Sizes array_sizes{0x90, 16, no_form, 0xdc, 0xdd};
    static constexpr Sizes map_sizes{0x80, 16, no_form, 0xde, 0xdf};

    void put(unsigned byte) { out_.push_back(static_cast<std::uint8_t>(byte)); }
    /// `bytes` bytes, most significant first.
    void put_big_endian(std::uint64_t value, int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
            put(static_cast<unsigned>(value >> shift) & 0xff);
    }

    void put_size(std::size_t size, Sizes const& sizes) {
        if (size < sizes.inside_below) {
            put(sizes.inside | static_cast<unsigned>(size));
        } else if (size <= 0xff && sizes.in_1 != no_form) {
            put(sizes.in_1);
            put_big_endian(size, 1);
        } else if (size <= 0xffff) {
            put(sizes.in_2);
            put_big_endian(size, 2);
        } else {
            if (size > 0xffffffff) throw std::length_error("msgpack: too long");
            put(sizes.in_4);
            put_big_endian(size, 4);
        }
    }

    void pack_text(std::string_view text) {
        put_size(text.size(), text_sizes);
        out_.insert(out_.end(), text.begin(), text.end());
    }

    void pack_number(std::string const& digits) {
        if (auto const positive = number_from<std::uint64_t>(digits)) {
            pack_positive(*positive);
        } else if (auto const negative = number_from<std::int64_t>(digits)) {
            pack_negative(*negative);
        } else {
            throw std::invalid_argument("msgpack: not an integer of 64 bits: " + digits);
        }
    }
    void pack_positive(std::uint64_t value) {
        if (value < 0x80) {
            put(static_cast<unsigned>(value));
        } else if (value <= 0xff) {
            put(0xcc);
            put_big_endian(value, 1);
        } else if (value <= 0xffff) {
            put(0xcd);
            put_big_endian(value, 2);
        } else if (value <= 0xffffffff) {
            put(0xce);
            put_big_endian(value, 4);
        } else {
            put(0xcf);
            put_big_endian(value, 8);
        }
    }
    void pack_negative(std::int64_t value) {
        auto const bits = static_cast<std::uint64_t>(value);
        if (value >= -32) {
            put(static_cast<unsigned>(bits & 0xff));
        } else if (value >= INT8_MIN) {
            put(0xd0);
            put_big_endian(bits, 1);
        } else if (value >= INT16_MIN) {
            put(0xd1);
            put_big_endian(bits, 2);
        } else if (value >= INT32_MIN) {
            put(0xd2);
            put_big_endian(bits, 4);
        } else {
            put(0xd3);
            put_big_endian(bits, 8);
        }
    }

    std::vector<std::uint8_t> out_;
};

}  // namespace

std::vector<std::uint8_t> msgpack(base::Json const& value) {
    Packer packer;
    packer.pack(value);
    return packer.take();
}

}  // namespace obscura::citadel
