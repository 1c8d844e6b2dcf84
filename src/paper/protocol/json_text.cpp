#include "paper/protocol/json_text.hpp"

#include "base/json.hpp"

namespace obscura::paper {

void JsonText::separate() {
    if (needs_comma_) out_ += ',';
    needs_comma_ = true;
}

JsonText& JsonText::named(std::string_view key) {
    separate();
    out_ += '"';
    out_ += key;  // keys are literals of ours
    out_ += "\":";
    needs_comma_ = false;
    return *this;
}

JsonText& JsonText::open(char bracket) {
    separate();
    out_ += bracket;
    needs_comma_ = false;
    return *this;
}

JsonText& JsonText::close(char bracket) {
    out_ += bracket;
    needs_comma_ = true;
    return *this;
}

JsonText& JsonText::text_item(std::string_view value) {
    separate();
    base::append_json_string(out_, value);
    return *this;
}

JsonText& JsonText::amount_item(base::Decimal value) {
    constexpr int wire_places = 8;
    separate();
    out_ += '"';
    out_ += value.to_string(wire_places);
    out_ += '"';
    return *this;
}

JsonText& JsonText::raw_item(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

}  // namespace obscura::paper
