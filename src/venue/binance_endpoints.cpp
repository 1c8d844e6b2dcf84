#include "venue/binance_endpoints.hpp"

#include "net/http.hpp"

#include <stdexcept>

namespace obscura::venue {
namespace {

net::Url parsed(std::string const& address) {
    auto url = net::parse_url(address);
    if (!url) throw std::invalid_argument("not an address of a venue: " + address);
    return *url;
}

/// The paper venue serves REST and streams at one address.
BinanceEndpoints with_paper(BinanceEndpoints out, std::string const& paper_rest,
                            std::string const& stream_path) {
    if (paper_rest.empty()) return out;
    auto stream = parsed(paper_rest);
    stream.scheme = stream.is_tls() ? "wss" : "ws";
    out[model::Environment::paper] = {paper_rest, stream.origin() + stream_path};
    return out;
}

}  // namespace

BinanceEndpoints binance_endpoints(std::string const& paper_rest) {
    return with_paper(
        {{model::Environment::live,
          {"https://api.binance.com", "wss://ws-api.binance.com:443/ws-api/v3"}},
         {model::Environment::testnet,
          {"https://testnet.binance.vision", "wss://ws-api.testnet.binance.vision/ws-api/v3"}}},
        paper_rest, "/ws-api/v3");
}

BinanceEndpoints binance_futures_endpoints(std::string const& paper_rest) {
    return with_paper(
        {{model::Environment::live,
          {"https://fapi.binance.com", "wss://fstream.binance.com/private/ws"}},
         {model::Environment::testnet,
          {"https://demo-fapi.binance.com", "wss://demo-fstream.binance.com/private/ws"}}},
        paper_rest, "/private/ws");
}

std::vector<std::string> origins_of(BinanceEndpoints const& endpoints) {
    std::vector<std::string> out;
    for (auto const& [environment, endpoint] : endpoints) {
        out.push_back(parsed(endpoint.rest).origin());
        out.push_back(parsed(endpoint.stream).origin());
    }
    return out;
}

std::vector<std::string> rest_origins_of(BinanceEndpoints const& endpoints) {
    BinanceEndpoints rest = endpoints;
    for (auto& [environment, endpoint] : rest) endpoint.stream = endpoint.rest;
    return origins_of(rest);
}

}  // namespace obscura::venue
