#include "store/trade_chain.hpp"

namespace obscura::store {

crypto::Digest chain_start(model::ConnectionId connection) {
    return crypto::sha256("obscura.trade-chain.v1:" + connection.to_string());
}

crypto::Digest chain_link(crypto::Digest const& previous, model::Trade const& trade) {
    crypto::Sha256 hash;
    hash.update(crypto::Bytes(previous));
    hash.update(model::to_json(trade).dump_canonical());
    return hash.finish();
}

}  // namespace obscura::store
