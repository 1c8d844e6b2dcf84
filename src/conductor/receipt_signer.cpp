#include "conductor/receipt_signer.hpp"

#include "base/log.hpp"
#include "crypto/hex.hpp"

namespace obscura::conductor {
namespace {

constexpr std::size_t signature_size = 64;

/// Whether it is this receipt that cannot be signed, rather than the key or citadel that fail.
bool is_about_the_receipt(base::Error const& error) { return error.reason == "invalid_request"; }

}  // namespace

ReceiptSigner::ReceiptSigner(boost::asio::any_io_executor executor, Ports ports, Limits limits,
                             base::Metrics& metrics)
    : ports_(ports),
      limits_(limits),
      scope_(executor),
      event_(executor),
      signed_total_(metrics.counter("obscura_conductor_receipts_signed_total", "Receipts signed")),
      refused_total_(metrics.counter("obscura_conductor_receipts_refused_total",
                                     "Receipts that citadel did not sign")) {}

void ReceiptSigner::start() { scope_.spawn("receipts", run()); }

base::Task<void> ReceiptSigner::stop() {
    event_.notify();
    return scope_.stop();
}

base::Task<void> ReceiptSigner::run() {
    while (!scope_.stopping()) {
        auto round = Round::failed;
        try {
            round = co_await sign_some();
        } catch (std::exception const& e) {
            if (scope_.stopping()) co_return;
            base::log::warn("receipts.not_signed", {{"detail", e.what()}});
        }
        if (round == Round::more || scope_.stopping()) continue;
        if (round == Round::failed)
            co_await net::sleep_for(limits_.patience);
        else
            (void)co_await event_.wait(limits_.look);
    }
}

base::Task<ReceiptSigner::Round> ReceiptSigner::sign_some() {
    std::vector<model::ReceiptId> const except(refused_.begin(), refused_.end());
    auto receipts = co_await ports_.receipts.unsigned_receipts(except, limits_.batch);
    if (receipts.empty()) co_return Round::idle;
    auto key = co_await this->key();
    if (!key) {
        base::log::warn("receipts.no_key", {{"detail", key.error().detail}});
        co_return Round::failed;
    }
    co_return co_await sign(std::move(*key), std::move(receipts));
}

/// The key that signs receipts; the first conductor ever has it made. Asked for each batch: it may
/// have been rewrapped or retired meanwhile.
base::Task<base::Result<ports::HeldKey>> ReceiptSigner::key() {
    auto known = co_await ports_.keys.current(ports::KeyPurpose::receipt);
    if (known) co_return std::move(*known);
    auto made = co_await ports_.signer.make_key(ports::KeyPurpose::receipt);
    if (!made) co_return std::unexpected(made.error());
    co_return co_await ports_.keys.keep(std::move(*made));
}

base::Task<ReceiptSigner::Round> ReceiptSigner::sign(ports::HeldKey key,
                                                     std::vector<ports::Receipt> receipts) {
    std::vector<ports::StatementItem> items;
    for (auto const& receipt : receipts)
        items.push_back({.id = receipt.id.to_string(),
                         .sealed_key = key.sealed,
                         .purpose = ports::KeyPurpose::receipt,
                         .statement = ports::receipt_document(receipt)});
    auto const answers = co_await ports_.signer.sign_statements(std::move(items));
    if (!answers) {
        base::log::warn("receipts.not_signed", {{"detail", answers.error().detail}});
        co_return Round::failed;
    }
    std::vector<ports::ReceiptSignatures::Signed> done;
    std::string failure;
    for (std::size_t i = 0; i < receipts.size(); ++i) {
        auto const& answer = (*answers)[i];
        auto const bytes = answer ? crypto::hex_decode(answer->signature) : std::nullopt;
        if (bytes && bytes->size() == signature_size && answer->key_id == key.id)
            done.push_back(
                {.receipt = std::move(receipts[i]),
                 .signature = {.key_id = key.id, .bytes = std::string(crypto::as_text(*bytes))}});
        else if (!answer && is_about_the_receipt(answer.error()))
            refuse(receipts[i].id, answer.error());
        else
            failure = answer ? "a signature that is not of our key" : answer.error().detail;
    }
    auto const count = done.size();
    co_await ports_.receipts.store(std::move(done));
    signed_total_.add(static_cast<double>(count));
    if (failure.empty()) co_return Round::more;
    base::log::warn("receipts.not_signed", {{"detail", failure}});
    co_return Round::failed;
}

void ReceiptSigner::refuse(model::ReceiptId id, base::Error const& error) {
    base::log::error("receipts.refused", {{"receipt", id.to_string()}, {"detail", error.detail}});
    refused_total_.add();
    if (refused_.size() >= limits_.max_refused) refused_.clear();
    refused_.insert(id);
}

}  // namespace obscura::conductor
