#include "paper/journal/codec.hpp"

#include "net/http.hpp"
#include "paper/journal/fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <type_traits>

namespace obscura::paper {
namespace {

constexpr auto crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320U : 0);
        table[i] = value;
    }
    return table;
}();

std::uint32_t crc32(std::string_view text) {
    std::uint32_t value = ~0U;
    for (char const c : text)
        value = (value >> 8) ^ crc_table[(value ^ static_cast<unsigned char>(c)) & 0xff];
    return ~value;
}

constexpr std::size_t crc_digits = 8;

std::string hex_of(std::uint32_t value) {
    std::string text(crc_digits, '0');
    for (auto at = text.rbegin(); value != 0; ++at, value >>= 4)
        *at = "0123456789abcdef"[value & 15];
    return text;
}

/// Writes the fields of a fact, each after a space.
class Writer {
public:
    Writer(std::string& out, char tag) : out_(out) { out_ += tag; }

    template <class T>
        requires std::is_integral_v<T> || std::is_enum_v<T>
    void operator()(T const& value) {
        std::array<char, 24> digits{};
        auto const [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(),
                                                static_cast<std::int64_t>(value));
        add({digits.data(), end});
    }
    void operator()(base::Decimal const& value) { add(value.to_string()); }
    template <class Tag>
    void operator()(base::Amount<Tag> const& value) {
        add(value.to_string());
    }
    template <class Tag, class T>
    void operator()(base::Strong<Tag, T> const& id) {
        (*this)(id.value);
    }
    void operator()(base::Timestamp const& time) { (*this)(base::to_unix_us(time)); }
    /// '.' in front, so that an empty text is a field too.
    void operator()(std::string const& text) { add("." + net::percent_encode(text)); }

private:
    void add(std::string_view field) {
        out_ += ' ';
        out_ += field;
    }
    std::string& out_;
};

struct Damaged : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Reads them back. Throws Damaged, which `parse_line` catches.
class Reader {
public:
    explicit Reader(std::string_view fields) : rest_(fields) {}

    template <class T>
        requires std::is_integral_v<T> || std::is_enum_v<T>
    void operator()(T& value) {
        value = static_cast<T>(integer());
    }
    void operator()(base::Decimal& value) { value = decimal(); }
    template <class Tag>
    void operator()(base::Amount<Tag>& value) {
        value.value = decimal();
    }
    template <class Tag, class T>
    void operator()(base::Strong<Tag, T>& id) {
        (*this)(id.value);
    }
    void operator()(base::Timestamp& time) { time = base::from_unix_us(integer()); }
    void operator()(std::string& text) {
        auto const field = next();
        auto const decoded =
            field.starts_with('.') ? net::percent_decode(field.substr(1)) : std::nullopt;
        if (!decoded) throw Damaged("a text is broken");
        text = *decoded;
    }
    void finish() const {
        if (!rest_.empty()) throw Damaged("a fact has too many fields");
    }

private:
    std::string_view next() {
        if (!rest_.starts_with(' ')) throw Damaged("a fact has too few fields");
        rest_.remove_prefix(1);
        auto const field = rest_.substr(0, rest_.find(' '));
        rest_.remove_prefix(field.size());
        return field;
    }
    std::int64_t integer() {
        auto const field = next();
        std::int64_t value = 0;
        auto const [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
        if (error != std::errc{} || end != field.data() + field.size())
            throw Damaged("an integer is broken");
        return value;
    }
    base::Decimal decimal() {
        auto const value = base::Decimal::parse(next());
        if (!value) throw Damaged("a decimal is broken");
        return *value;
    }
    std::string_view rest_;
};

/// The letter of each kind, in the order of the variant. Part of the format.
constexpr std::string_view tags = "ADOFCPMobtcdlmhnfxajuUIkNwpiTe";
static_assert(tags.size() == std::variant_size_v<Fact>);

template <std::size_t I = 0>
Fact read_fact(char tag, std::string_view text) {
    if constexpr (I == tags.size()) {
        throw Damaged("an unknown kind of fact");
    } else {
        if (tag != tags[I]) return read_fact<I + 1>(tag, text);
        std::variant_alternative_t<I, Fact> fact;
        Reader reader(text);
        fields(reader, fact);
        reader.finish();
        return fact;
    }
}

}  // namespace

void append_line(std::string& out, std::span<Fact const> facts) {
    auto const begin = out.size();
    out.append(crc_digits + 1, ' ');
    for (auto const& fact : facts) {
        if (&fact != facts.data()) out += '|';
        Writer writer(out, tags[fact.index()]);
        std::visit([&](auto const& f) { fields(writer, f); }, fact);
    }
    auto const body = std::string_view(out).substr(begin + crc_digits + 1);
    out.replace(begin, crc_digits, hex_of(crc32(body)));
    out += '\n';
}

std::expected<std::vector<Fact>, std::string> parse_line(std::string_view line) {
    if (line.size() <= crc_digits + 1 || line[crc_digits] != ' ')
        return std::unexpected("a line is too short");
    auto rest = line.substr(crc_digits + 1);
    if (line.substr(0, crc_digits) != hex_of(crc32(rest)))
        return std::unexpected("a checksum is wrong");
    std::vector<Fact> facts;
    try {
        while (!rest.empty()) {
            auto const text = rest.substr(0, rest.find('|'));
            rest.remove_prefix(std::min(text.size() + 1, rest.size()));
            if (text.empty()) throw Damaged("an empty fact");
            facts.push_back(read_fact(text[0], text.substr(1)));
        }
    } catch (Damaged const& damage) {
        return std::unexpected(damage.what());
    }
    return facts;
}

}  // namespace obscura::paper
