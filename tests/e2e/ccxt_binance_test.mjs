// The unmodified ccxt `binance` client, pinned in hosts/, against a private paper venue.
//
// It keeps its official URLs, which its mapping of errors hangs on; requests are redirected in
// `fetchImplementation`, a hook that ccxt has for this. Only the WebSocket URLs are replaced.
import { createRequire } from 'node:module'
import path from 'node:path'

import { assert, check, eventually, verdict } from './support/checks.mjs'
import { call, root, startService, temporaryFolder } from './support/processes.mjs'

const { default: ccxt } = await import(
    createRequire(path.join(root, 'hosts/package.json')).resolve('ccxt').replace(/dist\/.*/, 'js/ccxt.js'))

const symbol = 'BTC/USDT'
const venue = await startService('paper', {
    OBSCURA_PAPER_STATE_DIR: path.join(temporaryFolder('ccxt'), 'paper'),
})
const clients = []

const admin = (method, target, body) => call(method, venue.url + target, body)
const setPrice = (price) => admin('POST', '/admin/price', { symbol: 'BTCUSDT', price })

function connect(apiKey, secret, options = {}) {
    const client = new ccxt.pro.binance({ apiKey, secret, timeout: 15_000, ...options })
    client.fetchImplementation = (url, request) => {
        const official = new URL(url)
        assert.match(official.hostname, /^[a-z]+\.binance\.com$/, `an unexpected host: ${url}`)
        const { method, headers, body, signal } = request
        return fetch(venue.url + official.pathname + official.search, { method, headers, body, signal })
    }
    const sockets = `ws://127.0.0.1:${venue.port}`
    // "/stream" in the URL tells ccxt that it is spot; the venue takes it for an unknown stream.
    client.urls.api.ws.spot = `${sockets}/ws/stream`
    client.urls.api.ws['ws-api'].spot = `${sockets}/ws-api/v3`
    clients.push(client)
    return client
}

async function openAccount(body, options) {
    const account = await admin('POST', '/admin/accounts', body)
    const client = connect(account.api_key, account.secret ?? account.private_key, options)
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
    await check('loadMarkets reads symbols, steps and limits', async () => {
        await client.loadMarkets()
        const market = client.market(symbol)
        assert.equal(market.id, 'BTCUSDT')
        assert.equal(market.spot && market.active, true)
        assert.deepEqual(market.precision, { ...market.precision, amount: 0.00001, price: 0.01 })
        assert.equal(market.limits.cost.min, 5)
        assert.equal(market.limits.amount.min, 0.00001)
        assert.ok(client.symbols.length >= 10)
    })
    await check('fetchMarkets', async () => {
        const markets = await client.fetchMarkets()
        assert.ok(markets.some((market) => market.symbol === symbol))
    })
    await check('fetchCurrencies', async () => {
        const currencies = await client.fetchCurrencies()
        assert.ok(currencies.USDT && currencies.BTC)
    })
    await check('fetchTime', async () => {
        assert.ok(Math.abs(await client.fetchTime() - Date.now()) < 5_000)
    })
    await check('fetchTicker', async () => {
        const ticker = await client.fetchTicker(symbol)
        assert.equal(ticker.last, 50000)
        assert.ok(ticker.bid < ticker.ask)
    })
    await check('fetchTickers', async () => {
        const tickers = await client.fetchTickers([symbol, 'ETH/USDT'])
        assert.deepEqual(Object.keys(tickers).sort(), [symbol, 'ETH/USDT'])
    })
    await check('fetchOrderBook', async () => {
        const book = await client.fetchOrderBook(symbol, 10)
        assert.equal(book.bids.length, 10)
        assert.equal(book.asks.length, 10)
        assert.ok(book.bids[0][0] < book.asks[0][0] && book.bids[1][0] < book.bids[0][0])
    })
    await check('fetchOHLCV', async () => {
        const candles = await client.fetchOHLCV(symbol, '1m', undefined, 5)
        assert.ok(candles.length >= 1 && candles.at(-1)[4] === 50000)
    })
    await check('watchTicker', async () => {
        assert.ok((await client.watchTicker('ETH/USDT')).last > 0)
    })
    await check('watchOrderBook', async () => {
        const book = await client.watchOrderBook('ETH/USDT')
        assert.ok(book.bids[0][0] < book.asks[0][0])
    })
}

async function restingOrder(client, orders) {
    const placed = await check('createOrder: a limit order rests', async () => {
        const order = await client.createOrder(symbol, 'limit', 'buy', 0.2, 49000,
            { clientOrderId: 'resting-1' })
        assert.equal(order.status, 'open')
        assert.deepEqual([order.amount, order.price, order.filled], [0.2, 49000, 0])
        assert.equal(order.clientOrderId, 'resting-1')
        return order
    })
    const id = placed?.id
    await check('watchOrders reports the new order', () => eventually(
        () => orders.find((order) => order.id === id && order.status === 'open'), 'open'))
    await check('fetchOrder, by id and by client id', async () => {
        const order = await client.fetchOrder(id, symbol)
        assert.deepEqual([order.status, order.price, order.remaining], ['open', 49000, 0.2])
        const same = await client.fetchOrder(undefined, symbol, { clientOrderId: 'resting-1' })
        assert.equal(same.id, id)
    })
    await check('fetchOpenOrders', async () => {
        assert.deepEqual((await client.fetchOpenOrders(symbol)).map((order) => order.id), [id])
    })
    await check('fetchBalance shows what the order has locked', async () => {
        const { USDT } = await client.fetchBalance()
        assert.deepEqual(USDT, { free: 90200, used: 9800, total: 100000 })
    })
    await check('createOrder: a client id of an open order is refused', () => fails(ccxt.InvalidOrder,
        () => client.createOrder(symbol, 'limit', 'buy', 0.1, 48000, { clientOrderId: 'resting-1' })))
    await check('cancelOrder', async () => {
        assert.equal((await client.cancelOrder(id, symbol)).status, 'canceled')
        assert.equal((await client.fetchOrder(id, symbol)).status, 'canceled')
        assert.deepEqual(await client.fetchOpenOrders(symbol), [])
    })
    await check('watchOrders reports the cancellation', () => eventually(
        () => orders.find((order) => order.id === id && order.status === 'canceled'), 'canceled'))
}

async function marketOrder(client, orders, trades, balances) {
    const placed = await check('createOrder: a market order fills', async () => {
        const order = await client.createOrder(symbol, 'market', 'buy', 0.1)
        assert.deepEqual([order.status, order.filled, order.remaining], ['closed', 0.1, 0])
        assert.equal(order.average, 50000.01) // the book's first level is one tick away
        return order
    })
    const id = placed?.id
    await check('watchOrders reports the fill', async () => {
        const order = await eventually(
            () => orders.find((other) => other.id === id && other.status === 'closed'), 'closed')
        assert.deepEqual([order.filled, order.average], [0.1, 50000.01])
    })
    await check('watchMyTrades reports the trade', async () => {
        const trade = await eventually(() => trades.find((other) => other.order === id), 'the trade')
        assert.deepEqual([trade.amount, trade.price, trade.side, trade.takerOrMaker],
            [0.1, 50000.01, 'buy', 'taker'])
    })
    await check('watchBalance reports both assets', () => eventually(() => balances.find(
        (other) => other.BTC?.free === 0.0999 && other.USDT?.free === 94999.999), 'the balance'))
    await check('fetchMyTrades', async () => {
        const mine = (await client.fetchMyTrades(symbol)).filter((trade) => trade.order === id)
        assert.equal(mine.length, 1)
        assert.deepEqual([mine[0].amount, mine[0].price, mine[0].fee.cost, mine[0].fee.currency],
            [0.1, 50000.01, 0.0001, 'BTC'])
    })
    await check('fetchBalance after the fill', async () => {
        const { BTC, USDT } = await client.fetchBalance()
        assert.deepEqual([BTC.free, USDT.free], [0.0999, 94999.999])
    })
    await check('createOrder: a market order by cost', async () => {
        const order = await client.createMarketBuyOrderWithCost(symbol, 1000)
        assert.equal(order.status, 'closed')
        assert.ok(order.cost <= 1000 && order.cost > 999)
    })
}

async function otherOrders(client, orders) {
    await check('watchOrders: a resting order fills when the price comes to it', async () => {
        const { id } = await client.createOrder(symbol, 'limit', 'sell', 0.05, 50500)
        await eventually(() => orders.find((o) => o.id === id && o.status === 'open'), 'open')
        await setPrice('50600')
        const order = await eventually(
            () => orders.find((o) => o.id === id && o.status === 'closed'), 'closed')
        assert.deepEqual([order.filled, order.average], [0.05, 50500])
        const [trade] = await client.fetchOrderTrades(id, symbol)
        assert.equal(trade.takerOrMaker, 'maker')
        await setPrice('50000')
    })
    await check('createOrder: immediate or cancel fills in part', async () => {
        const order = await client.createOrder(symbol, 'limit', 'buy', 1, 50000.01,
            { timeInForce: 'IOC' })
        assert.ok(order.filled > 0 && order.filled < 1, `filled ${order.filled}`)
        assert.equal(order.status, 'expired')
    })
    await check('createOrder: post only is refused when it would take', () => fails(
        ccxt.OrderImmediatelyFillable,
        () => client.createOrder(symbol, 'limit', 'buy', 0.1, 51000, { postOnly: true })))
    await check('cancelAllOrders and fetchClosedOrders', async () => {
        for (const price of [48000, 48100])
            await client.createOrder(symbol, 'limit', 'buy', 0.01, price)
        assert.equal((await client.fetchOpenOrders(symbol)).length, 2)
        await client.cancelAllOrders(symbol)
        assert.deepEqual(await client.fetchOpenOrders(symbol), [])
        assert.ok((await client.fetchClosedOrders(symbol)).length >= 3)
    })
    await check('createOrderWs, fetchOrderWs, cancelOrderWs, fetchBalanceWs', async () => {
        const { id, status } = await client.createOrderWs(symbol, 'limit', 'buy', 0.01, 47000)
        assert.equal(status, 'open')
        assert.equal((await client.fetchOrderWs(id, symbol)).price, 47000)
        assert.equal((await client.cancelOrderWs(id, symbol)).status, 'canceled')
        // ccxt reads futures balances only here, and hands the spot answer on as it is.
        const { info } = await client.fetchBalanceWs()
        assert.ok(Number(info.balances.find((other) => other.asset === 'USDT').free) > 0)
    })
}

async function errors(client) {
    const raw = (change) => client.privatePostOrder({
        symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.01',
        price: '48000', ...change })
    const cases = [
        ['more than there is', ccxt.InsufficientFunds,
            () => client.createOrder(symbol, 'limit', 'buy', 100, 49000)],
        ['more than there is, by WebSocket', ccxt.InsufficientFunds,
            () => client.createOrderWs(symbol, 'limit', 'buy', 100, 49000)],
        ['a symbol that ccxt does not know', ccxt.BadSymbol,
            () => client.createOrder('NOPE/USDT', 'market', 'buy', 1)],
        ['a symbol that the venue does not know', ccxt.BadSymbol, () => raw({ symbol: 'NOPEUSDT' })],
        ['an order that is not there, read', ccxt.OrderNotFound,
            () => client.fetchOrder('999999999', symbol)],
        ['an order that is not there, canceled', ccxt.OrderNotFound,
            () => client.cancelOrder('999999999', symbol)],
        ['quantity off the step', ccxt.InvalidOrder, () => raw({ quantity: '0.0123456' })],
        ['price off the tick', ccxt.InvalidOrder, () => raw({ price: '48000.001' })],
        // What ccxt makes of -1111, -1013 NOTIONAL and -1102, with the official URLs.
        ['too many places', ccxt.BadRequest, () => raw({ quantity: '0.012345678' })],
        ['too small a value', ccxt.BadRequest, () => raw({ quantity: '0.00001' })],
        ['a side that is none', ccxt.BadRequest, () => raw({ side: 'HOLD' })],
        ['a parameter too few', ccxt.BadRequest, () => raw({ quantity: undefined })],
    ]
    for (const [name, type, body] of cases) await check(`${name}: ${type.name}`, () => fails(type, body))

    const wrong = connect('a'.repeat(64), 'b'.repeat(64))
    await check('an unknown key: AuthenticationError',
        () => fails(ccxt.AuthenticationError, () => wrong.fetchBalance()))
    const malformed = connect('short', 'b'.repeat(64))
    await check('a malformed key: AuthenticationError',
        () => fails(ccxt.AuthenticationError, () => malformed.fetchBalance()))
    const badSecret = connect(client.apiKey, 'b'.repeat(64))
    await check('a wrong secret: AuthenticationError',
        () => fails(ccxt.AuthenticationError, () => badSecret.privateGetAccount()))
    const late = connect(client.apiKey, client.secret)
    late.nonce = () => Date.now() - 60_000
    await check('an old timestamp: InvalidNonce',
        () => fails(ccxt.InvalidNonce, () => late.privateGetAccount()))
}

async function faults(client) {
    const match = { path: '/api/v3/order', method: 'POST' }
    const place = (clientOrderId) => client.createOrder(symbol, 'limit', 'buy', 0.01, 47000,
        { clientOrderId })
    const isThere = async (clientOrderId) => assert.equal(
        (await client.fetchOrder(undefined, symbol, { clientOrderId })).status, 'open')
    await check('an answer that is lost: NetworkError, and the order is there', async () => {
        await admin('POST', '/admin/faults', [{ fault: 'drop_after_accept', match, count: 1 }])
        await assert.rejects(place('lost-1'), (error) => error instanceof ccxt.NetworkError)
        await isThere('lost-1')
    })
    await check('504 with status unknown: RequestTimeout, and the order is there', async () => {
        await admin('POST', '/admin/faults', [{ fault: 'http_5xx', accept: true, match, count: 1 }])
        await fails(ccxt.RequestTimeout, () => place('unknown-1'))
        await isThere('unknown-1')
    })
    await check('a dropped request: NetworkError, and no order', async () => {
        await admin('POST', '/admin/faults', [{ fault: 'drop_before_accept', match, count: 1 }])
        await assert.rejects(place('dropped-1'), (error) => error instanceof ccxt.NetworkError)
        await fails(ccxt.OrderNotFound, () => isThere('dropped-1'))
    })
    await admin('DELETE', '/admin/faults')
    await client.cancelAllOrders(symbol)
}

async function tooManyOrders() {
    const { client } = await openAccount({ balances: { USDT: '100000' } }, { enableRateLimit: false })
    await client.loadMarkets()
    await check('more orders than ten seconds allow: DDoSProtection', async () => {
        // Two windows may share the burst: 100 fit in each.
        const burst = Array.from({ length: 250 },
            () => client.createOrder(symbol, 'market', 'buy', 0.0002))
        const refused = (await Promise.allSettled(burst)).filter((o) => o.status === 'rejected')
        assert.ok(refused.length >= 50, `refused: ${refused.length}`)
        for (const { reason } of refused)
            assert.match(`${reason.constructor.name} ${reason.message}`, /^DDoSProtection .*-1015/)
    })
}

async function ed25519() {
    const { client } = await openAccount({ key_type: 'ed25519', balances: { USDT: '5000' } })
    await check('Ed25519: fetchBalance', async () => {
        await client.loadMarkets()
        assert.equal((await client.fetchBalance()).USDT.free, 5000)
    })
    await check('Ed25519: watchOrders sees a market order fill', async () => {
        const watched = collect(() => client.watchOrders(symbol))
        await client.authenticate({ type: 'spot' })
        const order = await client.createOrder(symbol, 'market', 'buy', 0.01)
        assert.equal(order.status, 'closed')
        await eventually(() => watched.find((o) => o.id === order.id && o.status === 'closed'), 'fill')
    })
    await check('Ed25519: createOrderWs and cancelOrderWs', async () => {
        const { id } = await client.createOrderWs(symbol, 'limit', 'buy', 0.01, 48000)
        assert.equal((await client.cancelOrderWs(id, symbol)).status, 'canceled')
    })
}

async function ledgerAgrees(account) {
    await check("the venue's ledger has what ccxt has seen, each order once", async () => {
        const ledger = await admin('GET', `/admin/ledger?account=${account.account_id}`)
        const seen = await account.client.fetchOrders(symbol)
        assert.deepEqual(ledger.orders.map((o) => o.order_id).sort(), seen.map((o) => o.id).sort())
        const own = ledger.orders.map((o) => o.client_order_id)
        assert.equal(new Set(own).size, own.length)
        assert.equal(own.includes('dropped-1'), false)
    })
}

async function main() {
    await setPrice('50000')
    const account = await openAccount({ label: 'ccxt', balances: { USDT: '100000' } })
    const { client } = account
    await publicData(client)
    await client.authenticate({ type: 'spot' })
    const orders = collect(() => client.watchOrders(symbol))
    const trades = collect(() => client.watchMyTrades(symbol))
    const balances = collect(() => client.watchBalance())
    await restingOrder(client, orders)
    await marketOrder(client, orders, trades, balances)
    await otherOrders(client, orders)
    await errors(client)
    await faults(client)
    await ledgerAgrees(account)
    await ed25519()
    await tooManyOrders()
    await check('no watch has failed', async () => {
        for (const seen of [orders, trades, balances])
            assert.deepEqual(seen.filter((item) => item.error), [])
    })
    for (const other of clients) await other.close()
    await check('the venue stops in order', async () => assert.equal(await venue.stop(), 0))
}

await main()
process.exit(verdict())
