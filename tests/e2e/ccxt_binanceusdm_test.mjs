// The unmodified ccxt `binanceusdm` client, pinned in hosts/, against a private paper venue.
//
// It keeps its official URLs, which its mapping of errors hangs on; requests are redirected in
// `fetchImplementation`, a hook that ccxt has for this. Only the WebSocket URL is replaced.
import { createRequire } from 'node:module'
import path from 'node:path'

import { assert, check, eventually, verdict } from './support/checks.mjs'
import { call, root, startService, temporaryFolder } from './support/processes.mjs'

const { resolve } = createRequire(path.join(root, 'hosts/package.json'))
const { default: ccxt } = await import(resolve('ccxt').replace(/dist\/.*/, 'js/ccxt.js'))
const { default: WebSocket } = await import(resolve('ws'))

const symbol = 'BTC/USDT:USDT'
const stateFolder = path.join(temporaryFolder('ccxt-usdm'), 'paper')
const settings = {
    OBSCURA_PAPER_STATE_DIR: stateFolder,
    OBSCURA_PAPER_LISTEN_KEY_LIFE: '3s',
}
let venue = await startService('paper', settings)
const clients = []

const admin = (method, target, body) => call(method, venue.url + target, body)
const setPrice = (price) => admin('POST', '/admin/price', { symbol: 'BTCUSDT', price })

function connect(apiKey, secret, options = {}) {
    const client = new ccxt.pro.binanceusdm({ apiKey, secret, timeout: 15_000, ...options })
    client.fetchImplementation = (url, request) => {
        const official = new URL(url)
        assert.match(official.hostname, /^[a-z]+\.binance\.com$/, `an unexpected host: ${url}`)
        const { method, headers, body, signal } = request
        return fetch(venue.url + official.pathname + official.search, { method, headers, body, signal })
    }
    client.urls.api.ws.future = `ws://127.0.0.1:${venue.port}/ws`
    clients.push(client)
    return client
}

async function openAccount(body, options) {
    const account = await admin('POST', '/admin/accounts', body)
    const client = connect(account.api_key, account.secret, options)
    await client.loadHttpProxyAgent() // plain ws:// needs it
    return { ...account, client }
}

/// What a watch method reports, as it comes. ccxt updates its objects in place: copies are kept.
function collect(watch) {
    const seen = []
    const loop = async () => {
        for (;;) {
            const news = await watch()
            for (const item of Array.isArray(news) ? news : [news]) seen.push(structuredClone(item))
        }
    }
    loop().catch((error) => {
        if (!(error instanceof ccxt.ExchangeClosedByUser)) seen.push({ error: String(error) })
    })
    return seen
}

async function fails(type, body) {
    await assert.rejects(body, (error) => {
        assert.equal(error.constructor.name, type.name, `${error.constructor.name}: ${error.message}`)
        return true
    })
}

async function publicData(client) {
    await check('loadMarkets reads perpetuals, steps and limits', async () => {
        await client.loadMarkets()
        const market = client.market(symbol)
        assert.equal(market.id, 'BTCUSDT')
        assert.equal(market.swap && market.linear && market.active, true)
        assert.equal(market.settle, 'USDT')
        assert.deepEqual([market.precision.amount, market.precision.price], [0.001, 0.1])
        assert.equal(market.limits.cost.min, 100)
        assert.ok(client.symbols.length >= 10)
    })
    await check('fetchTime', async () => {
        assert.ok(Math.abs(await client.fetchTime() - Date.now()) < 5_000)
    })
    await check('fetchTicker and fetchTickers', async () => {
        assert.equal((await client.fetchTicker(symbol)).last, 50000)
        assert.ok((await client.fetchTickers()) ['ETH/USDT:USDT'].last > 0)
    })
    await check('fetchOrderBook', async () => {
        const book = await client.fetchOrderBook(symbol, 10)
        assert.equal(book.bids.length, 10)
        assert.deepEqual([book.bids[0][0], book.asks[0][0]], [49999.9, 50000.1])
    })
    await check('fetchFundingRate tells mark price and the next round', async () => {
        const rate = await client.fetchFundingRate(symbol)
        assert.deepEqual([rate.markPrice, rate.fundingRate], [50000, 0.0001])
        assert.ok(rate.fundingTimestamp > Date.now())
    })
    await check('watchTicker, by the mini ticker', async () => {
        const ticker = await client.watchTicker('ETH/USDT:USDT', { name: 'miniTicker' })
        assert.ok(ticker.last > 0)
    })
    await check('watchMarkPrice', async () => {
        assert.ok((await client.watchMarkPrice('ETH/USDT:USDT')).markPrice > 0)
    })
}

async function settingsOfASymbol(client) {
    await check('setLeverage', async () => {
        const answer = await client.setLeverage(10, symbol)
        assert.deepEqual([answer.leverage, answer.symbol], [10, 'BTCUSDT'])
        assert.equal((await client.fetchLeverage(symbol)).longLeverage, 10)
    })
    await check('setMarginMode: isolated, cross, and again', async () => {
        assert.equal((await client.setMarginMode('isolated', symbol)).code, 200)
        assert.equal((await client.fetchMarginMode(symbol)).marginMode, 'isolated')
        assert.equal((await client.setMarginMode('cross', symbol)).code, 200)
        await fails(ccxt.MarginModeAlreadySet, () => client.setMarginMode('cross', symbol))
    })
    await check('fetchPositionMode', async () => {
        assert.equal((await client.fetchPositionMode(symbol)).hedged, false)
    })
    await check('fetchBalance', async () => {
        assert.deepEqual((await client.fetchBalance()).USDT, { free: 10000, used: 0, total: 10000 })
    })
    await check('fetchLeverageTiers', async () => {
        const tiers = (await client.fetchLeverageTiers([symbol]))[symbol]
        assert.equal(tiers[0].maxLeverage, 125)
    })
}

async function restingOrder(client, orders) {
    const placed = await check('createOrder: a limit order rests', async () => {
        const order = await client.createOrder(symbol, 'limit', 'buy', 0.02, 49000,
            { clientOrderId: 'resting-1' })
        assert.deepEqual([order.status, order.amount, order.price, order.filled],
            ['open', 0.02, 49000, 0])
        return order
    })
    const id = placed?.id
    await check('watchOrders reports the new order', () => eventually(
        () => orders.find((order) => order.id === id && order.status === 'open'), 'open'))
    await check('fetchOrder, by id and by client id; fetchOpenOrders', async () => {
        assert.equal((await client.fetchOrder(id, symbol)).status, 'open')
        const same = await client.fetchOrder(undefined, symbol, { clientOrderId: 'resting-1' })
        assert.equal(same.id, id)
        assert.deepEqual((await client.fetchOpenOrders(symbol)).map((order) => order.id), [id])
    })
    await check('fetchBalance shows the margin of the order', async () => {
        const { USDT } = await client.fetchBalance()
        assert.deepEqual([USDT.free, USDT.used], [9902, 98])
    })
    await check('createOrder: a client id of an open order is refused', () => fails(ccxt.InvalidOrder,
        () => client.createOrder(symbol, 'limit', 'buy', 0.02, 48000, { clientOrderId: 'resting-1' })))
    await check('cancelOrder', async () => {
        assert.equal((await client.cancelOrder(id, symbol)).status, 'canceled')
        assert.deepEqual(await client.fetchOpenOrders(symbol), [])
    })
    await check('watchOrders reports the cancellation', () => eventually(
        () => orders.find((order) => order.id === id && order.status === 'canceled'), 'canceled'))
}

async function position(client, orders, trades, positions) {
    const placed = await check('createOrder: a market order opens a position', async () => {
        const order = await client.createOrder(symbol, 'market', 'buy', 0.1)
        assert.deepEqual([order.status, order.filled, order.average], ['closed', 0.1, 50000.1])
        return order
    })
    const id = placed?.id
    await check('watchOrders and watchMyTrades report the fill', async () => {
        const order = await eventually(
            () => orders.find((o) => o.id === id && o.status === 'closed'), 'closed')
        assert.deepEqual([order.filled, order.average], [0.1, 50000.1])
        const trade = await eventually(() => trades.find((t) => t.order === id), 'the trade')
        assert.deepEqual([trade.amount, trade.price, trade.side, trade.fee.currency],
            [0.1, 50000.1, 'buy', 'USDT'])
        assert.ok(Math.abs(trade.fee.cost - 2.500005) < 1e-9)
    })
    await check('watchPositions reports the position', () => eventually(() => positions.find(
        (p) => p.symbol === symbol && p.contracts === 0.1 && p.side === 'long'), 'the position'))
    await check('fetchPositions', async () => {
        const [held] = await client.fetchPositions([symbol])
        assert.deepEqual([held.contracts, held.side, held.entryPrice, held.markPrice, held.marginMode],
            [0.1, 'long', 50000.1, 50000, 'cross'])
        assert.ok(held.liquidationPrice === undefined || held.liquidationPrice < 45000)
    })
    await check('fetchMyTrades', async () => {
        const mine = (await client.fetchMyTrades(symbol)).filter((t) => t.order === id)
        assert.deepEqual(mine.map((t) => [t.amount, t.price, t.side]), [[0.1, 50000.1, 'buy']])
    })
    await check('reduceOnly: the wrong direction is refused', () => fails(ccxt.InvalidOrder,
        () => client.createOrder(symbol, 'market', 'buy', 0.1, undefined, { reduceOnly: true })))
    await check('reduceOnly closes, and realises what was won', async () => {
        await setPrice('51000')
        const order = await client.createOrder(symbol, 'market', 'sell', 0.1, undefined,
            { reduceOnly: true })
        assert.equal(order.status, 'closed')
        assert.deepEqual(await client.fetchPositions([symbol]), [])
        const [trade] = (await client.fetchMyTrades(symbol)).filter((t) => t.order === order.id)
        assert.ok(Math.abs(Number(trade.info.realizedPnl) - 99.98) < 1e-6, trade.info.realizedPnl)
        await setPrice('50000')
    })
    await check('the income history knows what was paid', async () => {
        const income = await client.fapiPrivateGetIncome({})
        const types = new Set(income.map((entry) => entry.incomeType))
        assert.deepEqual([...types].sort(), ['COMMISSION', 'REALIZED_PNL', 'TRANSFER'])
    })
}

async function stops(client, orders) {
    const open = () => client.createOrder(symbol, 'market', 'buy', 0.05)
    const closed = () => eventually(async () => (await client.fetchPositions([symbol])).length === 0,
        'the position is closed')
    await check('a stop waits, is read and is canceled', async () => {
        await open()
        const stop = await client.createOrder(symbol, 'market', 'sell', 0.05, undefined,
            { stopLossPrice: 49000, reduceOnly: true, clientOrderId: 'stop-1' })
        assert.deepEqual([stop.status, stop.triggerPrice, stop.clientOrderId], ['open', 49000, 'stop-1'])
        const read = await client.fetchOrder(stop.id, symbol, { trigger: true })
        assert.equal(read.status, 'open')
        const all = await client.fetchOpenOrders(symbol, undefined, undefined, { trigger: true })
        assert.deepEqual(all.map((order) => order.id), [stop.id])
        await client.cancelOrder(stop.id, symbol, { trigger: true })
        assert.deepEqual(
            await client.fetchOpenOrders(symbol, undefined, undefined, { trigger: true }), [])
    })
    await check('a stop that would trigger at once is refused', () => fails(
        ccxt.OrderImmediatelyFillable, () => client.createOrder(symbol, 'market', 'sell', 0.05,
            undefined, { stopLossPrice: 51000 })))
    await check('a stop triggers, and the position is closed', async () => {
        const stop = await client.createOrder(symbol, 'market', 'sell', 0.05, undefined,
            { stopLossPrice: 49500, reduceOnly: true })
        await setPrice('49400')
        await closed()
        const done = await client.fetchOrder(stop.id, symbol, { trigger: true })
        assert.equal(done.info.algoStatus, 'FINISHED')
        await eventually(() => orders.find((o) => o.info.aid === stop.info.algoId ||
            String(o.info.aid) === stop.id), 'ALGO_UPDATE')
        await setPrice('50000')
    })
    await check('a take-profit with closePosition closes all', async () => {
        await open()
        await client.createOrder(symbol, 'TAKE_PROFIT_MARKET', 'sell', 0.05, undefined,
            { takeProfitPrice: 50500, closePosition: true, workingType: 'MARK_PRICE' })
        await setPrice('50600')
        await closed()
        await setPrice('50000')
    })
}

async function hedgeMode() {
    const { client } = await openAccount({ label: 'hedge', futures_balances: { USDT: '10000' } })
    await client.loadMarkets()
    await check('setPositionMode, once', async () => {
        assert.equal((await client.setPositionMode(true, symbol)).code, 200)
        await fails(ccxt.OperationRejected, () => client.setPositionMode(true, symbol))
    })
    await check('an order without a position side is refused', async () => {
        await assert.rejects(client.createOrder(symbol, 'market', 'buy', 0.01), /-4061/)
    })
    await check('long and short stand side by side', async () => {
        await client.createOrder(symbol, 'market', 'buy', 0.02, undefined, { positionSide: 'LONG' })
        await client.createOrder(symbol, 'market', 'sell', 0.01, undefined, { positionSide: 'SHORT' })
        const held = await client.fetchPositions([symbol])
        assert.deepEqual(held.map((p) => [p.side, p.contracts]).sort(),
            [['long', 0.02], ['short', 0.01]])
    })
    await check('the mode does not change while positions are open', async () => {
        await assert.rejects(client.setPositionMode(false, symbol), /-4068/)
    })
}

async function errors(client) {
    const raw = (change) => client.fapiPrivatePostOrder({
        symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01',
        price: '48000', ...change })
    const cases = [
        ['more than the margin', ccxt.InsufficientFunds,
            () => client.createOrder(symbol, 'limit', 'buy', 10, 49000)],
        ['a symbol that the venue does not know', ccxt.BadSymbol, () => raw({ symbol: 'NOPEUSDT' })],
        ['an order that is not there, read', ccxt.OrderNotFound,
            () => client.fetchOrder('999999999', symbol)],
        ['an order that is not there, canceled', ccxt.OrderNotFound,
            () => client.cancelOrder('999999999', symbol)],
        ['too many places', ccxt.BadRequest, () => raw({ quantity: '0.0123' })],
        ['price off the tick', ccxt.BadRequest, () => raw({ price: '48000.05' })],
        ['too small a value', ccxt.InvalidOrder, () => raw({ quantity: '0.001' })],
        ['nothing to reduce', ccxt.InvalidOrder, () => raw({ reduceOnly: 'true' })],
        ['post only that would take', ccxt.OrderNotFillable,
            () => raw({ timeInForce: 'GTX', price: '51000' })],
        ['a parameter too few', ccxt.BadRequest, () => raw({ quantity: undefined })],
    ]
    for (const [name, type, body] of cases) await check(`${name}: ${type.name}`, () => fails(type, body))
    const wrong = connect('a'.repeat(64), 'b'.repeat(64))
    await check('an unknown key: AuthenticationError',
        () => fails(ccxt.AuthenticationError, () => wrong.fetchBalance()))
}

async function listenKeys(client) {
    await check('a listen key that nobody keeps expires, and says so', async () => {
        const { listenKey } = await client.fapiPrivatePostListenKey()
        const socket = new WebSocket(`ws://127.0.0.1:${venue.port}/private/ws?listenKey=${listenKey}`)
        const news = []
        socket.onmessage = ({ data }) => news.push(JSON.parse(data))
        await new Promise((resolve) => { socket.onopen = resolve })
        const expired = await eventually(() => news.find((e) => e.e === 'listenKeyExpired'), 'expiry')
        assert.equal(expired.listenKey, listenKey)
        await assert.rejects(client.fapiPrivatePutListenKey(), /-1125/)
        socket.close()
    })
}

async function faultsAndLedger(account) {
    const { client } = account
    await check('an answer that is lost: NetworkError, and the order is there', async () => {
        const match = { path: '/fapi/v1/order', method: 'POST' }
        await admin('POST', '/admin/faults', [{ fault: 'drop_after_accept', match, count: 1 }])
        await assert.rejects(client.createOrder(symbol, 'limit', 'buy', 0.01, 47000,
            { clientOrderId: 'lost-1' }), (error) => error instanceof ccxt.NetworkError)
        const found = await client.fetchOrder(undefined, symbol, { clientOrderId: 'lost-1' })
        assert.equal(found.status, 'open')
    })
    await check("the venue's ledger has what ccxt has seen, each order once", async () => {
        const ledger = await admin('GET', `/admin/ledger?market=futures&account=${account.account_id}`)
        const seen = await client.fetchOrders(symbol)
        assert.deepEqual(ledger.orders.map((o) => o.order_id).sort(), seen.map((o) => o.id).sort())
        assert.equal((await admin('GET', `/admin/ledger?account=${account.account_id}`)).order_count, 0)
    })
    await check('kill -9 loses nothing', async () => {
        await client.createOrder(symbol, 'market', 'sell', 0.03)
        const ledger = `/admin/ledger?market=futures`
        const before = await admin('GET', ledger)
        assert.equal(before.positions.length >= 1, true)
        venue.process.kill('SIGKILL')
        venue = await startService('paper', settings)
        assert.deepEqual(await admin('GET', ledger), before)
    })
}

async function main() {
    await setPrice('50000')
    const account = await openAccount({ label: 'ccxt', futures_balances: { USDT: '10000' } })
    const { client } = account
    await publicData(client)
    await settingsOfASymbol(client)
    await listenKeys(client)
    client.options.listenKeyRefreshRate = 1_000 // the keys live for three seconds here
    const orders = collect(() => client.watchOrders(symbol))
    const trades = collect(() => client.watchMyTrades(symbol))
    const positions = collect(() => client.watchPositions([symbol]))
    await eventually(() => client.options.future?.listenKey, 'the private stream')
    await eventually(async () => (await call('GET', `${venue.url}/health`)).sockets >= 2, 'its socket')
    await restingOrder(client, orders)
    await position(client, orders, trades, positions)
    await stops(client, orders)
    await errors(client)
    await hedgeMode()
    await check('no watch has failed', async () => {
        for (const seen of [orders, trades, positions])
            assert.deepEqual(seen.filter((item) => item.error), [])
    })
    for (const other of clients) await other.close()
    await faultsAndLedger(account)
    await check('the venue stops in order', async () => assert.equal(await venue.stop(), 0))
}

await main()
process.exit(verdict())
