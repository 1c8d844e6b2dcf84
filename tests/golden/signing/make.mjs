// Has ccxt, as it is pinned in hosts/, sign the operations below and writes what it would send to
// ../<venue>/signed_requests.json. The tests of citadel's signers compare byte for byte. README.md says how to run it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import ccxt from '../../../hosts/node_modules/ccxt/js/ccxt.js';

// Made up; nobody's.
const key = 'aK3yOf0bscura';
const secret = 'a5ecretOf0bscuraThatSignsNothingElse';
const password = 'aPassphrase';
// Of tests/support/rsa_keys.hpp.
const rsaKey = readFileSync(new URL('../../support/rsa_keys.hpp', import.meta.url), 'utf8')
    .match(/rsa_private_pem =\s*([^;]*);/)[1].split('\n').map((line) => JSON.parse(line.trim())).join('');
const now = 1764000000000;
const receive = 5000;
/// A broker's mark that goes away again with the JSON that it would be in.
const unmarked = { toJSON: () => undefined };

const base = { symbol: 'BTCUSDT', side: 'buy', order_type: 'limit', quantity: '0.5', limit_price: '60000.5' };
const limit = (symbol, id, more = {}) =>
    ({ kind: 'place_order', ...base, symbol, client_order_id: id, ...more });
const market = (symbol, id, more = {}) => {
    const { limit_price, ...rest } = base;
    return { kind: 'place_order', ...rest, order_type: 'market', symbol, client_order_id: id, ...more };
};
const query = (symbol, id) => ({ kind: 'query_order', symbol, client_order_id: id });
const cancel = (symbol, id) => ({ kind: 'cancel_order', symbol, client_order_id: id });
const trades = (symbol, more = {}) => ({ kind: 'list_trades', symbol, ...more });
const account = { kind: 'read_account' };
const positions = (symbol) => ({ kind: 'read_positions', ...(symbol && { symbol }) });
const leverage = (symbol) => ({ kind: 'set_leverage', symbol, leverage: 5 });
const margin = (symbol, margin_mode = 'isolated') => ({ kind: 'set_margin_mode', symbol, margin_mode });
const listenKey = { kind: 'listen_key', action: 'create' };
const positionMode = { kind: 'read_position_mode' };

/// What ccxt would send for `call`, which makes it send something.
async function sent(exchange, call) {
    let seen;
    exchange.fetch = async (url, method, headers, body) => {
        seen = { method, url, headers: headers ?? {}, body: body ?? '' };
        throw new Error('seen');
    };
    try {
        await call(exchange);
    } catch (e) {
        if (e.message !== 'seen') throw e;
    }
    return seen;
}

const spotMarket = (id) =>
    ({ id, symbol: 'BTC/USDT', base: 'BTC', quote: 'USDT', baseId: 'BTC', quoteId: 'USDT', type: 'spot', spot: true,
       active: true, precision: { amount: 0.001, price: 0.1 }, limits: {}, info: {} });
const swapMarket = (id, settleId = 'USDT') =>
    ({ id, symbol: 'BTC/USDT:USDT', base: 'BTC', quote: 'USDT', settle: 'USDT', baseId: 'BTC', quoteId: 'USDT',
       settleId, type: 'swap', swap: true, contract: true, linear: true, inverse: false, contractSize: 1,
       active: true, precision: { amount: 0.001, price: 0.1 }, limits: {}, info: {} });

/// Each case: market, operation, the raw call that must give the same bytes; for orders, ccxt's own
/// idea of the parameters too.
const venues = {};

venues.bybit = {
    rsa: true,
    oursAlone: ['positionIdx'], // 0 where the account is in one-way mode: said rather than left out
    theirsAlone: ['Referer', 'Content-Type'], // of requests without a body
    options: { enableUnifiedMargin: false, enableUnifiedAccount: true },
    spot: 'BTCUSDT', swap: 'BTCUSDT',
    cases: [
        ['spot', limit('BTCUSDT', 'leg-1'), (x) => x.privatePostV5OrderCreate({
            category: 'spot', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.5', price: '60000.5',
            timeInForce: 'GTC', orderLinkId: 'leg-1' }),
         (x) => x.createOrder('BTC/USDT', 'limit', 'buy', 0.5, 60000.5, { clientOrderId: 'leg-1', timeInForce: 'GTC' })],
        ['spot', market('BTCUSDT', 'leg_2'), (x) => x.privatePostV5OrderCreate({
            category: 'spot', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', qty: '0.5',
            orderLinkId: 'leg_2', marketUnit: 'baseCoin' }),
         (x) => x.createOrder('BTC/USDT', 'market', 'buy', 0.5, undefined, { clientOrderId: 'leg_2' })],
        ['futures', market('BTCUSDT', 'leg-3', { side: 'sell', reduce_only: true }), (x) => x.privatePostV5OrderCreate({
            category: 'linear', symbol: 'BTCUSDT', side: 'Sell', orderType: 'Market', qty: '0.5',
            orderLinkId: 'leg-3', positionIdx: 0, reduceOnly: true }),
         (x) => x.createOrder('BTC/USDT:USDT', 'market', 'sell', 0.5, undefined, { clientOrderId: 'leg-3', reduceOnly: true })],
        ['futures', limit('BTCUSDT', 'leg-4', { position_side: 'long', time_in_force: 'ioc' }), (x) => x.privatePostV5OrderCreate({
            category: 'linear', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '0.5', price: '60000.5',
            timeInForce: 'IOC', orderLinkId: 'leg-4', positionIdx: 1 }),
         (x) => x.createOrder('BTC/USDT:USDT', 'limit', 'buy', 0.5, 60000.5, { clientOrderId: 'leg-4', hedged: true, timeInForce: 'IOC' })],
        ['spot', query('BTCUSDT', 'leg-1'), (x) => x.privateGetV5OrderRealtime({ category: 'spot', symbol: 'BTCUSDT', orderLinkId: 'leg-1' })],
        ['futures', cancel('BTCUSDT', 'leg-1'), (x) => x.privatePostV5OrderCancel({ category: 'linear', symbol: 'BTCUSDT', orderLinkId: 'leg-1' })],
        ['spot', trades('BTCUSDT', { start_time_ms: 1700000000000, limit: 50 }), (x) => x.privateGetV5ExecutionList({
            category: 'spot', symbol: 'BTCUSDT', startTime: 1700000000000, limit: 50 })],
        ['futures', trades('BTCUSDT', { venue_order_id: '9aac161b-8ed6-450d-9cab-c5cc67c21784' }), (x) => x.privateGetV5ExecutionList({
            category: 'linear', symbol: 'BTCUSDT', orderId: '9aac161b-8ed6-450d-9cab-c5cc67c21784', limit: 100 })],
        ['spot', account, (x) => x.privateGetV5AccountWalletBalance({ accountType: 'UNIFIED' })],
        ['futures', positions(), (x) => x.privateGetV5PositionList({ category: 'linear', settleCoin: 'USDT', limit: 200 })],
        ['futures', positions('BTCUSDT'), (x) => x.privateGetV5PositionList({ category: 'linear', symbol: 'BTCUSDT' })],
        ['futures', leverage('BTCUSDT'), (x) => x.privatePostV5PositionSetLeverage({
            category: 'linear', symbol: 'BTCUSDT', buyLeverage: '5', sellLeverage: '5' })],
    ],
};

venues.okx = {
    passphrase: true,
    oursAlone: ['expTime', 'tdMode'], // tdMode: ccxt's default is cross
    theirsAlone: ['Content-Type', 'tgtCcy'], // of requests without a body; of limit orders
    spot: 'BTC-USDT', swap: 'BTC-USDT-SWAP',
    cases: [
        ['spot', limit('BTC-USDT', 'leg1'), (x) => x.privatePostTradeOrder({ instId: 'BTC-USDT', tdMode: 'cash',
            clOrdId: 'leg1', side: 'buy', ordType: 'limit', sz: '0.5', px: '60000.5' }),
         (x) => x.createOrder('BTC/USDT', 'limit', 'buy', 0.5, 60000.5, { clientOrderId: 'leg1' })],
        ['spot', market('BTC-USDT', 'leg2'), (x) => x.privatePostTradeOrder({ instId: 'BTC-USDT', tdMode: 'cash',
            clOrdId: 'leg2', side: 'buy', ordType: 'market', sz: '0.5', tgtCcy: 'base_ccy' }),
         (x) => x.createOrder('BTC/USDT', 'market', 'buy', 0.5, undefined, { clientOrderId: 'leg2' })],
        ['futures', market('BTC-USDT-SWAP', 'leg3', { side: 'sell', reduce_only: true }), (x) => x.privatePostTradeOrder({
            instId: 'BTC-USDT-SWAP', tdMode: 'isolated', clOrdId: 'leg3', side: 'sell', ordType: 'market', sz: '0.5',
            reduceOnly: true }),
         (x) => x.createOrder('BTC/USDT:USDT', 'market', 'sell', 0.5, undefined, { clientOrderId: 'leg3', reduceOnly: true })],
        ['futures', limit('BTC-USDT-SWAP', 'leg4', { position_side: 'long', time_in_force: 'fok' }), (x) => x.privatePostTradeOrder({
            instId: 'BTC-USDT-SWAP', tdMode: 'isolated', clOrdId: 'leg4', side: 'buy', ordType: 'fok', sz: '0.5',
            px: '60000.5', posSide: 'long' }),
         (x) => x.createOrder('BTC/USDT:USDT', 'limit', 'buy', 0.5, 60000.5, { clientOrderId: 'leg4', hedged: true, timeInForce: 'FOK' })],
        ['futures', query('BTC-USDT-SWAP', 'leg1'), (x) => x.privateGetTradeOrder({ instId: 'BTC-USDT-SWAP', clOrdId: 'leg1' })],
        ['spot', cancel('BTC-USDT', 'leg1'), (x) => x.privatePostTradeCancelOrder({ instId: 'BTC-USDT', clOrdId: 'leg1' })],
        ['spot', trades('BTC-USDT', { start_time_ms: 1700000000000, limit: 50 }), (x) => x.privateGetTradeFillsHistory({
            instType: 'SPOT', instId: 'BTC-USDT', begin: 1700000000000, limit: 50 })],
        ['futures', trades('BTC-USDT-SWAP', { venue_order_id: '312269865356374016' }), (x) => x.privateGetTradeFillsHistory({
            instType: 'SWAP', instId: 'BTC-USDT-SWAP', ordId: '312269865356374016', limit: 100 })],
        ['spot', account, (x) => x.privateGetAccountBalance()],
        ['futures', positions(), (x) => x.privateGetAccountPositions({ instType: 'SWAP' })],
        ['futures', positions('BTC-USDT-SWAP'), (x) => x.privateGetAccountPositions({ instType: 'SWAP', instId: 'BTC-USDT-SWAP' })],
        ['futures', leverage('BTC-USDT-SWAP'), (x) => x.privatePostAccountSetLeverage({ instId: 'BTC-USDT-SWAP', lever: '5', mgnMode: 'isolated' })],
        ['futures', positionMode, (x) => x.privateGetAccountConfig()],
    ],
};

venues.gate = {
    options: { unifiedAccount: false },
    oursAlone: ['x-gate-exptime'],
    theirsAlone: ['Content-Type', 'X-Gate-Channel-Id'], // of requests without a body
    spot: 'BTC_USDT', swap: 'BTC_USDT', settle: 'usdt',
    cases: [
        ['spot', limit('BTC_USDT', 't-leg-0'), (x) => x.privateSpotPostOrders({ text: 't-leg-0', currency_pair: 'BTC_USDT',
            type: 'limit', account: 'spot', side: 'buy', amount: '0.5', price: '60000.5', time_in_force: 'gtc' }),
         (x) => x.createOrder('BTC/USDT', 'limit', 'buy', 0.5, 60000.5, { clientOrderId: 't-leg-0', timeInForce: 'GTC' })],
        ['spot', market('BTC_USDT', 't-leg_2', { side: 'sell' }), (x) => x.privateSpotPostOrders({ text: 't-leg_2',
            currency_pair: 'BTC_USDT', type: 'market', account: 'spot', side: 'sell', amount: '0.5', time_in_force: 'ioc' }),
         (x) => x.createOrder('BTC/USDT', 'market', 'sell', 0.5, undefined, { clientOrderId: 't-leg_2' })],
        ['futures', market('BTC_USDT', 't-leg-3', { side: 'sell', quantity: '7', reduce_only: true }), (x) => x.privateFuturesPostSettleOrders({
            settle: 'usdt', contract: 'BTC_USDT', size: -7, price: '0', tif: 'ioc', text: 't-leg-3', reduce_only: true }),
         (x) => x.createOrder('BTC/USDT:USDT', 'market', 'sell', 7, undefined, { clientOrderId: 't-leg-3', reduceOnly: true })],
        ['futures', limit('BTC_USDT', 't-leg-4', { quantity: '7', position_side: 'long', time_in_force: 'ioc' }), (x) => x.privateFuturesPostSettleOrders({
            settle: 'usdt', contract: 'BTC_USDT', size: 7, price: '60000.5', tif: 'ioc', text: 't-leg-4' }),
         (x) => x.createOrder('BTC/USDT:USDT', 'limit', 'buy', 7, 60000.5, { clientOrderId: 't-leg-4', timeInForce: 'IOC' })],
        ['spot', query('BTC_USDT', 't-leg-1'), (x) => x.privateSpotGetOrdersOrderId({ order_id: 't-leg-1', currency_pair: 'BTC_USDT' })],
        ['spot', cancel('BTC_USDT', 't-leg-1'), (x) => x.privateSpotDeleteOrdersOrderId({ order_id: 't-leg-1', currency_pair: 'BTC_USDT' })],
        ['futures', query('BTC_USDT', 't-leg-1'), (x) => x.privateFuturesGetSettleOrdersOrderId({ settle: 'usdt', order_id: 't-leg-1' })],
        ['futures', cancel('BTC_USDT', 't-leg-1'), (x) => x.privateFuturesDeleteSettleOrdersOrderId({ settle: 'usdt', order_id: 't-leg-1' })],
        ['spot', trades('BTC_USDT', { start_time_ms: 1700000000000, limit: 50 }), (x) => x.privateSpotGetMyTrades({
            currency_pair: 'BTC_USDT', from: 1700000000, limit: 50 })],
        ['spot', trades('BTC_USDT', { venue_order_id: '123' }), (x) => x.privateSpotGetMyTrades({
            currency_pair: 'BTC_USDT', limit: 1000, order_id: '123' })],
        ['futures', trades('BTC_USDT', { venue_order_id: '123' }), (x) => x.privateFuturesGetSettleMyTrades({
            settle: 'usdt', contract: 'BTC_USDT', limit: 1000, order: '123' })],
        ['futures', trades('BTC_USDT', { start_time_ms: 1700000000000 }), (x) => x.privateFuturesGetSettleMyTradesTimerange({
            settle: 'usdt', contract: 'BTC_USDT', from: 1700000000, limit: 1000 })],
        ['spot', account, (x) => x.privateSpotGetAccounts()],
        ['futures', account, (x) => x.privateFuturesGetSettleAccounts({ settle: 'usdt' })],
        ['futures', positionMode, (x) => x.privateFuturesGetSettleAccounts({ settle: 'usdt' })],
        ['futures', positions(), (x) => x.privateFuturesGetSettlePositions({ settle: 'usdt', holding: 'true' })],
        ['futures', positions('BTC_USDT'), (x) => x.privateFuturesGetSettlePositionsContract({ settle: 'usdt', contract: 'BTC_USDT' })],
        ['futures', leverage('BTC_USDT'), (x) => x.privateFuturesPostSettlePositionsContractLeverage({
            settle: 'usdt', contract: 'BTC_USDT', leverage: '5' })],
    ],
};

const bitgetContract = { symbol: 'BTCUSDT', productType: 'USDT-FUTURES', marginCoin: 'USDT' };
venues.bitget = {
    passphrase: true,
    options: { uta: false },
    // The end of spot orders; ccxt's default is cross, it writes Close and GTC.
    oursAlone: ['requestTime', 'receiveWindow', 'marginMode', 'tradeSide', 'force'],
    theirsAlone: ['X-CHANNEL-API-CODE', 'force'], // of market orders
    spot: 'BTCUSDT', swap: 'BTCUSDT',
    cases: [
        ['spot', limit('BTCUSDT', 'leg-1'), (x) => x.privateSpotPostV2SpotTradePlaceOrder({ symbol: 'BTCUSDT', side: 'buy',
            orderType: 'limit', force: 'gtc', price: '60000.5', size: '0.5', clientOid: 'leg-1',
            requestTime: '1764000000000', receiveWindow: '5000' }),
         (x) => x.createOrder('BTC/USDT', 'limit', 'buy', 0.5, 60000.5, { clientOrderId: 'leg-1', timeInForce: 'GTC' })],
        ['spot', market('BTCUSDT', 'leg_2', { side: 'sell' }), (x) => x.privateSpotPostV2SpotTradePlaceOrder({ symbol: 'BTCUSDT',
            side: 'sell', orderType: 'market', size: '0.5', clientOid: 'leg_2', requestTime: '1764000000000', receiveWindow: '5000' }),
         (x) => x.createOrder('BTC/USDT', 'market', 'sell', 0.5, undefined, { clientOrderId: 'leg_2' })],
        ['futures', market('BTCUSDT', 'leg-3', { side: 'sell', reduce_only: true }), (x) => x.privateMixPostV2MixOrderPlaceOrder({
            ...bitgetContract, marginMode: 'isolated', side: 'sell', reduceOnly: 'YES', orderType: 'market', size: '0.5', clientOid: 'leg-3' }),
         (x) => x.createOrder('BTC/USDT:USDT', 'market', 'sell', 0.5, undefined, { clientOrderId: 'leg-3', reduceOnly: true })],
        ['futures', limit('BTCUSDT', 'leg-4', { side: 'sell', position_side: 'long', time_in_force: 'ioc' }), (x) => x.privateMixPostV2MixOrderPlaceOrder({
            ...bitgetContract, marginMode: 'isolated', side: 'buy', tradeSide: 'close', orderType: 'limit', force: 'ioc',
            price: '60000.5', size: '0.5', clientOid: 'leg-4' }),
         (x) => x.createOrder('BTC/USDT:USDT', 'limit', 'sell', 0.5, 60000.5, { clientOrderId: 'leg-4', hedged: true, reduceOnly: true, timeInForce: 'IOC' })],
        ['spot', query('BTCUSDT', 'leg-1'), (x) => x.privateSpotGetV2SpotTradeOrderInfo({ clientOid: 'leg-1' })],
        ['spot', cancel('BTCUSDT', 'leg-1'), (x) => x.privateSpotPostV2SpotTradeCancelOrder({ symbol: 'BTCUSDT', clientOid: 'leg-1' })],
        ['futures', query('BTCUSDT', 'leg-1'), (x) => x.privateMixGetV2MixOrderDetail({ symbol: 'BTCUSDT', productType: 'USDT-FUTURES', clientOid: 'leg-1' })],
        ['futures', cancel('BTCUSDT', 'leg-1'), (x) => x.privateMixPostV2MixOrderCancelOrder({ ...bitgetContract, clientOid: 'leg-1' })],
        ['spot', trades('BTCUSDT', { start_time_ms: 1700000000000, limit: 50 }), (x) => x.privateSpotGetV2SpotTradeFills({
            symbol: 'BTCUSDT', startTime: 1700000000000, limit: 50 })],
        ['futures', trades('BTCUSDT', { venue_order_id: '123' }), (x) => x.privateMixGetV2MixOrderFills({
            symbol: 'BTCUSDT', productType: 'USDT-FUTURES', orderId: '123', limit: 100 })],
        ['spot', account, (x) => x.privateSpotGetV2SpotAccountAssets()],
        ['futures', account, (x) => x.privateMixGetV2MixAccountAccounts({ productType: 'USDT-FUTURES' })],
        ['futures', positions(), (x) => x.privateMixGetV2MixPositionAllPosition({ productType: 'USDT-FUTURES', marginCoin: 'USDT' })],
        ['futures', positions('BTCUSDT'), (x) => x.privateMixGetV2MixPositionSinglePosition(bitgetContract)],
        ['futures', positionMode, (x) => x.privateMixGetV2MixAccountAccount(bitgetContract)],
        ['futures', leverage('BTCUSDT'), (x) => x.privateMixPostV2MixAccountSetLeverage({ ...bitgetContract, leverage: '5' })],
        ['futures', margin('BTCUSDT'), (x) => x.privateMixPostV2MixAccountSetMarginMode({ ...bitgetContract, marginMode: 'isolated' })],
        ['futures', margin('BTCUSDT', 'cross'), (x) => x.privateMixPostV2MixAccountSetMarginMode({ ...bitgetContract, marginMode: 'crossed' })],
    ],
};

venues.kucoin = {
    passphrase: true,
    options: { uta: false, hf: true },
    oursAlone: ['timeInForce', 'reduceOnly'], // ccxt drops it on spot when it is the default; both say what closes
    theirsAlone: ['KC-API-PARTNER', 'KC-API-PARTNER-SIGN', 'KC-API-PARTNER-VERIFY', 'leverage'],
    spot: 'BTC-USDT', swap: 'XBTUSDTM',
    cases: [
        ['spot', limit('BTC-USDT', 'leg-1'), (x) => x.privatePostHfOrders({ clientOid: 'leg-1', side: 'buy', symbol: 'BTC-USDT',
            type: 'limit', size: '0.5', price: '60000.5', timeInForce: 'GTC' }),
         (x) => x.createOrder('BTC/USDT', 'limit', 'buy', 0.5, 60000.5, { clientOrderId: 'leg-1', timeInForce: 'GTC' })],
        ['spot', market('BTC-USDT', 'leg_2'), (x) => x.privatePostHfOrders({ clientOid: 'leg_2', side: 'buy', symbol: 'BTC-USDT',
            type: 'market', size: '0.5' }),
         (x) => x.createOrder('BTC/USDT', 'market', 'buy', 0.5, undefined, { clientOrderId: 'leg_2' })],
        ['futures', market('XBTUSDTM', 'leg-3', { side: 'sell', quantity: '7', reduce_only: true }), (x) => x.futuresPrivatePostOrders({
            clientOid: 'leg-3', side: 'sell', symbol: 'XBTUSDTM', type: 'market', marginMode: 'ISOLATED', size: 7, reduceOnly: true }),
         (x) => x.createOrder('BTC/USDT:USDT', 'market', 'sell', 7, undefined, { clientOrderId: 'leg-3', reduceOnly: true, marginMode: 'isolated' })],
        ['futures', limit('XBTUSDTM', 'leg-4', { quantity: '7', position_side: 'long', time_in_force: 'ioc', leverage: 3 }), (x) => x.futuresPrivatePostOrders({
            clientOid: 'leg-4', side: 'buy', symbol: 'XBTUSDTM', type: 'limit', leverage: 3, marginMode: 'ISOLATED', size: 7,
            price: '60000.5', timeInForce: 'IOC', positionSide: 'LONG' }),
         (x) => x.createOrder('BTC/USDT:USDT', 'limit', 'buy', 7, 60000.5, { clientOrderId: 'leg-4', hedged: true, timeInForce: 'IOC', leverage: 3, marginMode: 'isolated' })],
        ['spot', query('BTC-USDT', 'leg-1'), (x) => x.privateGetHfOrdersClientOrderClientOid({ clientOid: 'leg-1', symbol: 'BTC-USDT' })],
        ['spot', cancel('BTC-USDT', 'leg-1'), (x) => x.privateDeleteHfOrdersClientOrderClientOid({ clientOid: 'leg-1', symbol: 'BTC-USDT' })],
        ['futures', query('XBTUSDTM', 'leg-1'), (x) => x.futuresPrivateGetOrdersByClientOid({ clientOid: 'leg-1' })],
        ['futures', cancel('XBTUSDTM', 'leg-1'), (x) => x.futuresPrivateDeleteOrdersClientOrderClientOid({ clientOid: 'leg-1', symbol: 'XBTUSDTM' })],
        ['spot', trades('BTC-USDT', { start_time_ms: 1700000000000, limit: 50 }), (x) => x.privateGetHfFills({
            symbol: 'BTC-USDT', startAt: 1700000000000, limit: 50 })],
        ['futures', trades('XBTUSDTM', { venue_order_id: '5bd6e9286d99522a52e458de' }), (x) => x.futuresPrivateGetFills({
            symbol: 'XBTUSDTM', orderId: '5bd6e9286d99522a52e458de', pageSize: 1000 })],
        ['spot', account, (x) => x.privateGetAccounts({ type: 'trade' })],
        ['futures', account, (x) => x.futuresPrivateGetAccountOverview({ currency: 'USDT' })],
        ['futures', positions(), (x) => x.futuresPrivateGetPositions({ currency: 'USDT' })],
        ['futures', positions('XBTUSDTM'), (x) => x.futuresPrivateGetPosition({ symbol: 'XBTUSDTM' })],
        ['futures', positionMode, (x) => x.futuresPrivateGetPositionGetPositionMode()],
        ['futures', margin('XBTUSDTM'), (x) => x.futuresPrivatePostPositionChangeMarginMode({ symbol: 'XBTUSDTM', marginMode: 'ISOLATED' })],
        ['spot', listenKey, (x) => x.privatePostBulletPrivate()],
        ['futures', listenKey, (x) => x.futuresPrivatePostBulletPrivate()],
    ],
};

venues.mexc = {
    // ccxt takes type 6 for market orders.
    oursAlone: ['timestamp', 'recvWindow', 'signature', 'type'],
    theirsAlone: ['source', 'timestamp', 'recvWindow', 'signature'],
    spot: 'BTCUSDT', swap: 'BTC_USDT',
    cases: [
        ['spot', limit('BTCUSDT', 'leg-1'), (x) => x.spotPrivatePostOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT',
            quantity: '0.5', price: '60000.5', newClientOrderId: 'leg-1' }),
         (x) => x.createOrder('BTC/USDT', 'limit', 'buy', 0.5, 60000.5, { clientOrderId: 'leg-1' })],
        ['spot', limit('BTCUSDT', 'leg-5', { time_in_force: 'ioc' }), (x) => x.spotPrivatePostOrder({ symbol: 'BTCUSDT', side: 'BUY',
            type: 'IMMEDIATE_OR_CANCEL', quantity: '0.5', price: '60000.5', newClientOrderId: 'leg-5' }),
         (x) => x.createOrder('BTC/USDT', 'limit', 'buy', 0.5, 60000.5, { clientOrderId: 'leg-5', timeInForce: 'IOC' })],
        ['spot', market('BTCUSDT', 'leg_2'), (x) => x.spotPrivatePostOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET',
            quantity: '0.5', newClientOrderId: 'leg_2' }),
         (x) => x.createOrder('BTC/USDT', 'market', 'buy', 0.5, undefined, { clientOrderId: 'leg_2' })],
        ['futures', market('BTC_USDT', 'leg-3', { side: 'sell', quantity: '7', reduce_only: true, leverage: 3 }), (x) => x.contractPrivatePostOrderCreate({
            symbol: 'BTC_USDT', vol: 7, type: 5, openType: 1, leverage: 3, side: 4, externalOid: 'leg-3' }),
         (x) => x.createOrder('BTC/USDT:USDT', 'market', 'sell', 7, undefined, { clientOrderId: 'leg-3', reduceOnly: true, openType: 1, leverage: 3 })],
        ['futures', limit('BTC_USDT', 'leg-4', { quantity: '7', position_side: 'short', time_in_force: 'ioc' }), (x) => x.contractPrivatePostOrderCreate({
            symbol: 'BTC_USDT', vol: 7, type: 3, openType: 1, price: 60000.5, side: 2, externalOid: 'leg-4' })],
        ['spot', query('BTCUSDT', 'leg-1'), (x) => x.spotPrivateGetOrder({ symbol: 'BTCUSDT', origClientOrderId: 'leg-1' })],
        ['spot', cancel('BTCUSDT', 'leg-1'), (x) => x.spotPrivateDeleteOrder({ symbol: 'BTCUSDT', origClientOrderId: 'leg-1' })],
        ['futures', query('BTC_USDT', 'leg-1'), (x) => x.contractPrivateGetOrderExternalSymbolExternalOid({ symbol: 'BTC_USDT', external_oid: 'leg-1' })],
        ['futures', cancel('BTC_USDT', 'leg-1'), (x) => x.contractPrivatePostOrderCancelWithExternal({ symbol: 'BTC_USDT', externalOid: 'leg-1' })],
        ['spot', trades('BTCUSDT', { start_time_ms: 1700000000000, venue_order_id: 'C02__1', limit: 50 }), (x) => x.spotPrivateGetMyTrades({
            symbol: 'BTCUSDT', orderId: 'C02__1', startTime: 1700000000000, limit: 50 })],
        ['futures', trades('BTC_USDT', { start_time_ms: 1700000000000 }), (x) => x.contractPrivateGetOrderListOrderDeals({
            symbol: 'BTC_USDT', start_time: 1700000000000, page_num: 1, page_size: 100 })],
        ['spot', account, (x) => x.spotPrivateGetAccount()],
        ['futures', account, (x) => x.contractPrivateGetAccountAssets()],
        ['futures', positions(), (x) => x.contractPrivateGetPositionOpenPositions()],
        ['futures', positions('BTC_USDT'), (x) => x.contractPrivateGetPositionOpenPositions({ symbol: 'BTC_USDT' })],
        ['futures', positionMode, (x) => x.contractPrivateGetPositionPositionMode()],
        ['spot', listenKey, (x) => x.spotPrivatePostUserDataStream()],
    ],
};

const window = { recvWindow: receive };
venues.bingx = {
    // The documentation of perpetuals has clientOrderId.
    oursAlone: ['timestamp', 'recvWindow', 'signature', 'clientOrderId', 'timeInForce'],
    theirsAlone: ['X-SOURCE-KEY', 'timestamp', 'recvWindow', 'signature', 'clientOrderID'],
    spot: 'BTC-USDT', swap: 'BTC-USDT',
    cases: [
        ['spot', limit('BTC-USDT', 'leg-1'), (x) => x.spotV1PrivatePostTradeOrder({ ...window, symbol: 'BTC-USDT', side: 'BUY',
            type: 'LIMIT', quantity: '0.5', price: '60000.5', timeInForce: 'GTC', newClientOrderId: 'leg-1' }),
         (x) => x.createOrder('BTC/USDT', 'limit', 'buy', 0.5, 60000.5, { newClientOrderId: 'leg-1' })],
        ['spot', market('BTC-USDT', 'leg_2'), (x) => x.spotV1PrivatePostTradeOrder({ ...window, symbol: 'BTC-USDT', side: 'BUY',
            type: 'MARKET', quantity: '0.5', newClientOrderId: 'leg_2' }),
         (x) => x.createOrder('BTC/USDT', 'market', 'buy', 0.5, undefined, { newClientOrderId: 'leg_2' })],
        ['futures', market('BTC-USDT', 'leg-3', { side: 'sell', reduce_only: true }), (x) => x.swapV2PrivatePostTradeOrder({ ...window,
            symbol: 'BTC-USDT', side: 'SELL', type: 'MARKET', quantity: '0.5', clientOrderId: 'leg-3', positionSide: 'BOTH', reduceOnly: 'true' }),
         (x) => x.createOrder('BTC/USDT:USDT', 'market', 'sell', 0.5, undefined, { clientOrderId: 'leg-3', reduceOnly: true })],
        ['futures', limit('BTC-USDT', 'leg-4', { position_side: 'long', time_in_force: 'ioc' }), (x) => x.swapV2PrivatePostTradeOrder({ ...window,
            symbol: 'BTC-USDT', side: 'BUY', type: 'LIMIT', quantity: '0.5', price: '60000.5', timeInForce: 'IOC', clientOrderId: 'leg-4',
            positionSide: 'LONG' }),
         (x) => x.createOrder('BTC/USDT:USDT', 'limit', 'buy', 0.5, 60000.5, { clientOrderId: 'leg-4', hedged: true, timeInForce: 'IOC' })],
        ['spot', query('BTC-USDT', 'leg-1'), (x) => x.spotV1PrivateGetTradeQuery({ ...window, symbol: 'BTC-USDT', clientOrderID: 'leg-1' })],
        ['spot', cancel('BTC-USDT', 'leg-1'), (x) => x.spotV1PrivatePostTradeCancel({ ...window, symbol: 'BTC-USDT', clientOrderID: 'leg-1' })],
        ['futures', query('BTC-USDT', 'leg-1'), (x) => x.swapV2PrivateGetTradeOrder({ ...window, symbol: 'BTC-USDT', clientOrderId: 'leg-1' })],
        ['futures', cancel('BTC-USDT', 'leg-1'), (x) => x.swapV2PrivateDeleteTradeOrder({ ...window, symbol: 'BTC-USDT', clientOrderId: 'leg-1' })],
        ['spot', trades('BTC-USDT', { start_time_ms: 1700000000000, venue_order_id: '123', limit: 50 }), (x) => x.spotV1PrivateGetTradeMyTrades({
            ...window, symbol: 'BTC-USDT', orderId: '123', startTime: 1700000000000, limit: 50 })],
        ['futures', trades('BTC-USDT', { start_time_ms: now - 1000 }), (x) => x.swapV2PrivateGetTradeAllFillOrders({
            ...window, symbol: 'BTC-USDT', tradingUnit: 'COIN', startTs: now - 1000, endTs: now })],
        ['futures', trades('BTC-USDT', { venue_order_id: '123' }), (x) => x.swapV2PrivateGetTradeAllFillOrders({
            ...window, symbol: 'BTC-USDT', tradingUnit: 'COIN', startTs: now - 604800000, endTs: now, orderId: '123' })],
        ['spot', account, (x) => x.spotV1PrivateGetAccountBalance(window)],
        ['futures', account, (x) => x.swapV2PrivateGetUserBalance(window)],
        ['futures', positions(), (x) => x.swapV2PrivateGetUserPositions(window)],
        ['futures', positions('BTC-USDT'), (x) => x.swapV2PrivateGetUserPositions({ ...window, symbol: 'BTC-USDT' })],
        ['futures', positionMode, (x) => x.swapV1PrivateGetPositionSideDual(window)],
        ['futures', leverage('BTC-USDT'), (x) => x.swapV2PrivatePostTradeLeverage({ ...window, symbol: 'BTC-USDT', side: 'BOTH', leverage: '5' })],
        ['futures', margin('BTC-USDT'), (x) => x.swapV2PrivatePostTradeMarginType({ ...window, symbol: 'BTC-USDT', marginType: 'ISOLATED' })],
        ['spot', listenKey, (x) => x.userAuthPrivatePostUserDataStream(window)],
    ],
};

venues.htx = {
    // ccxt's default is cross; it knows no hedge mode there and names how long a market order stands.
    oursAlone: ['margin_mode', 'position_side', 'Timestamp', 'Signature'],
    theirsAlone: ['Content-Type', 'channel_code', 'margin_mode', 'time_in_force', 'Signature'],
    spot: 'btcusdt', swap: 'BTC-USDT', contractHost: 'api.hbdm.com',
    cases: [
        ['futures', market('BTC-USDT', '1234', { side: 'sell', quantity: '7', reduce_only: true }), (x) => x.contractPrivatePostV5TradeOrder({
            contract_code: 'BTC-USDT', volume: '7', margin_mode: 'isolated', side: 'sell', client_order_id: 1234, reduce_only: 1,
            type: 'market', channel_code: unmarked }),
         (x) => x.createOrder('BTC/USDT:USDT', 'market', 'sell', 7, undefined, { clientOrderId: '1234', reduceOnly: true })],
        ['futures', limit('BTC-USDT', '1235', { quantity: '7', reduce_only: true, time_in_force: 'ioc' }), (x) => x.contractPrivatePostV5TradeOrder({
            contract_code: 'BTC-USDT', volume: '7', margin_mode: 'isolated', side: 'buy', time_in_force: 'ioc', client_order_id: 1235,
            price: '60000.5', reduce_only: 1, type: 'limit', channel_code: unmarked }),
         (x) => x.createOrder('BTC/USDT:USDT', 'limit', 'buy', 7, 60000.5, { clientOrderId: '1235', reduceOnly: true, timeInForce: 'IOC' })],
        ['futures', market('BTC-USDT', '1236', { side: 'sell', quantity: '7', position_side: 'long' }), (x) => x.contractPrivatePostV5TradeOrder({
            contract_code: 'BTC-USDT', volume: '7', margin_mode: 'isolated', side: 'sell', client_order_id: 1236, position_side: 'long',
            type: 'market', channel_code: unmarked })],
        ['futures', query('BTC-USDT', '1234'), (x) => x.contractPrivateGetV5TradeOrder({ contract_code: 'BTC-USDT', client_order_id: '1234' })],
        ['futures', cancel('BTC-USDT', '1234'), (x) => x.contractPrivatePostV5TradeCancelOrder({ client_order_id: 1234, contract_code: 'BTC-USDT' })],
        ['futures', trades('BTC-USDT', { start_time_ms: 1700000000000, limit: 50 }), (x) => x.contractPrivateGetV5TradeOrderDetails({
            contract_code: 'BTC-USDT', start_time: 1700000000000, limit: 50 })],
        ['futures', account, (x) => x.contractPrivateGetV5AccountBalance()],
        ['futures', positions(), (x) => x.contractPrivateGetV5TradePositionOpens()],
        ['futures', positions('BTC-USDT'), (x) => x.contractPrivateGetV5TradePositionOpens({ contract_code: 'BTC-USDT' })],
        ['futures', positionMode, (x) => x.contractPrivateGetV5PositionMode()],
        ['futures', leverage('BTC-USDT'), (x) => x.contractPrivatePostV5PositionLever({
            contract_code: 'BTC-USDT', margin_mode: 'isolated', lever_rate: 5 })],
        ['spot', query('btcusdt', 'leg-1'), (x) => x.spotPrivateGetV1OrderOrdersGetClientOrder({ clientOrderId: 'leg-1' })],
        ['spot', cancel('btcusdt', 'leg-1'), (x) => x.spotPrivatePostV1OrderOrdersSubmitCancelClientOrder({ 'client-order-id': 'leg-1' })],
        ['spot', trades('btcusdt', { start_time_ms: 1700000000000, limit: 50 }), (x) => x.spotPrivateGetV1OrderMatchresults({
            symbol: 'btcusdt', size: 50, 'start-time': 1700000000000 })],
        ['spot', trades('btcusdt', { venue_order_id: '123' }), (x) => x.spotPrivateGetV1OrderOrdersOrderIdMatchresults({ 'order-id': '123' })],
        ['spot', account, (x) => x.spotPrivateGetV1AccountAccounts()],
    ],
};

/// Made up as well; the key is that of the tests of Hyperliquid's Python SDK.
const owner = '0x1719884eb866cb12b2287399b15f7db5e7d775ea';
const agentKey = '0x0123456789012345678901234567890123456789012345678901234567890123';
const cloid = '0x0123456789abcdef0123456789abcdef';
/// What /exchange is sent for an action: ccxt signs no end of its own accord.
const acts = (action) => (x) => x.privatePostExchange({ action, nonce: now,
    signature: x.signL1Action(action, now, undefined, now + receive), vaultAddress: null, expiresAfter: now + receive });
const asks = (question) => (x) => x.publicPostInfo(question);
const order = (a, b, p, s, r, tif) => ({ type: 'order', orders: [{ a, b, p, s, r, t: { limit: { tif } }, c: cloid }], grouping: 'na' });
venues.hyperliquid = {
    credentials: { walletAddress: owner, privateKey: agentKey },
    // ccxt's own orders have no end, so that their signatures differ.
    oursAlone: ['vaultAddress', 'expiresAfter', 'signature'], theirsAlone: ['signature'],
    options: { builderFee: false, approvedBuilderFee: false },
    // It would have a fee for ccxt's makers approved first.
    prepare: (x) => { x.initializeClient = async () => {}; x.milliseconds = () => now; },
    markets: () => [{ ...spotMarket('10107'), baseId: 10107 }, { ...swapMarket('4'), baseId: 4 }],
    cases: [
        ['futures', limit('4', cloid, { limit_price: '1670.1' }), acts(order(4, true, '1670.1', '0.5', false, 'Gtc')),
         (x) => x.createOrder('BTC/USDT:USDT', 'limit', 'buy', 0.5, 1670.1, { clientOrderId: cloid })],
        ['futures', limit('4', cloid, { side: 'sell', limit_price: '1600', reduce_only: true, time_in_force: 'ioc' }),
         acts(order(4, false, '1600', '0.5', true, 'Ioc')),
         (x) => x.createOrder('BTC/USDT:USDT', 'limit', 'sell', 0.5, 1600, { clientOrderId: cloid, reduceOnly: true, timeInForce: 'IOC' })],
        ['spot', limit('10107', cloid, { limit_price: '0.00012345', quantity: '1234567' }),
         acts(order(10107, true, '0.00012345', '1234567', false, 'Gtc'))],
        ['futures', limit('110000', cloid, { limit_price: '600' }), acts(order(110000, true, '600', '0.5', false, 'Gtc'))],
        ['futures', cancel('4', cloid), acts({ type: 'cancelByCloid', cancels: [{ asset: 4, cloid }] }),
         (x) => x.cancelOrder('', 'BTC/USDT:USDT', { clientOrderId: cloid })],
        ['futures', { kind: 'cancel_order', symbol: '4', venue_order_id: '77738308' },
         acts({ type: 'cancel', cancels: [{ a: 4, o: 77738308 }] }), (x) => x.cancelOrder('77738308', 'BTC/USDT:USDT')],
        ['futures', leverage('4'), acts({ type: 'updateLeverage', asset: 4, isCross: false, leverage: 5 }),
         (x) => x.setLeverage(5, 'BTC/USDT:USDT', { marginMode: 'isolated' })],
        ['futures', query('4', cloid), asks({ type: 'orderStatus', user: owner, oid: cloid })],
        ['futures', trades('4'), asks({ type: 'userFills', user: owner })],
        ['spot', trades('10107', { start_time_ms: 1700000000000 }), asks({ type: 'userFillsByTime', user: owner, startTime: 1700000000000 })],
        ['futures', account, asks({ type: 'clearinghouseState', user: owner })],
        ['spot', account, asks({ type: 'spotClearinghouseState', user: owner })],
        ['futures', positions('4'), asks({ type: 'clearinghouseState', user: owner })],
    ],
};

for (const [venue, plan] of Object.entries(venues)) {
    const make = () => {
        const exchange = new ccxt[venue]({ apiKey: key, secret, password, enableRateLimit: false, timeout: 1000,
            options: { recvWindow: receive, ...plan.options }, ...plan.credentials });
        exchange.nonce = () => now;
        plan.prepare?.(exchange);
        if (plan.contractHost) exchange.urls.hostnames.contract = plan.contractHost;
        exchange.setMarkets(plan.markets?.() ?? [spotMarket(plan.spot), swapMarket(plan.swap, plan.settle)], {});
        return exchange;
    };
    const cases = [];
    for (const [market, operation, call, unified] of plan.cases) {
        const row = { market, operation, request: await sent(make(), call) };
        if (unified) row.unified = await sent(make(), unified);
        cases.push(row);
    }
    let withRsa;
    if (plan.rsa) {
        withRsa = [];
        for (const [market, operation, call] of plan.cases.slice(0, 1).concat(plan.cases.slice(4, 5))) {
            const exchange = make();
            exchange.secret = rsaKey;
            withRsa.push({ market, operation, request: await sent(exchange, call) });
        }
    }
    const credentials = plan.credentials ? { api_key: owner, private_key: agentKey }
        : { api_key: key, secret, ...(plan.passphrase && { passphrase: password }) };
    const out = { made_by: `ccxt ${ccxt.version}`, credentials, now_ms: now, receive_ms: receive,
        ours_alone: plan.oursAlone ?? [], theirs_alone: plan.theirsAlone ?? [], cases,
        ...(withRsa && { signed_with_rsa: withRsa }) };
    mkdirSync(new URL(`../${venue}/`, import.meta.url), { recursive: true });
    writeFileSync(new URL(`../${venue}/signed_requests.json`, import.meta.url), JSON.stringify(out, null, 2) + '\n');
    console.log(venue, cases.length);
}
