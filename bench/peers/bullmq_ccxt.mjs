// The peer of fanout.last.N.node: copy trading as one would build it on Node. The leader's fill comes
// over ccxt.pro's private stream; a job for each follower goes into BullMQ; a worker places the orders
// with ccxt.
//
//   bullmq_ccxt.mjs SETTINGS.json     prints "ready", then "done" after each of the leader's fills
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const { root, venue, redis, leader, followers, amount, concurrency } = settings
const symbol = 'BTC/USDT'

const ours = createRequire(path.join(root, 'bench/package.json'))
const { Queue, Worker } = ours('bullmq')
const { Redis } = ours('ioredis')
const { default: ccxt } = await import(
    createRequire(path.join(root, 'hosts/package.json')).resolve('ccxt').replace(/dist\/.*/, 'js/ccxt.js'))

function connect({ api_key: apiKey, secret }) {
    const client = new ccxt.pro.binance({ apiKey, secret, enableRateLimit: false, timeout: 60_000 })
    client.options.defaultType = 'spot'
    client.options.fetchMarkets = { types: ['spot'] }
    client.fetchImplementation = (url, { method, headers, body, signal }) => {
        const official = new URL(url)
        return fetch(venue + official.pathname + official.search, { method, headers, body, signal })
    }
    const sockets = venue.replace('http', 'ws')
    // "/stream" in the URL tells ccxt that it is spot; the venue takes it for an unknown stream.
    client.urls.api.ws.spot = `${sockets}/ws/stream`
    client.urls.api.ws['ws-api'].spot = `${sockets}/ws-api/v3`
    return client
}

const stream = connect(leader)
await stream.loadHttpProxyAgent() // plain ws:// needs it
await stream.loadMarkets()
const clients = followers.map((follower) => {
    const client = connect(follower)
    client.setMarkets(stream.markets, stream.currencies)
    return client
})

const connection = new Redis(redis, { maxRetriesPerRequest: null })
const queue = new Queue('bench-copies', { connection })
let left = 0
const worker = new Worker(
    'bench-copies',
    async ({ data: { follower, side } }) => {
        const order = await clients[follower].createOrder(symbol, 'market', side, amount)
        return order.id
    },
    { connection: new Redis(redis, { maxRetriesPerRequest: null }), concurrency },
)
worker.on('completed', () => {
    left -= 1
    if (left === 0) console.log('done')
})
worker.on('failed', (job, error) => {
    console.log(`failed: ${error.message}`)
    process.exit(1)
})
await worker.waitUntilReady()

// The subscription stands once watchMyTrades waits; ccxt tells it by the account's authentication.
const trades = stream.watchMyTrades(symbol)
await stream.fetchBalance()
console.log('ready')
let news = await trades
for (;;) {
    for (const trade of news) {
        left += clients.length
        await queue.addBulk(clients.map((_, follower) => ({
            name: 'copy',
            data: { follower, side: trade.side },
            opts: { removeOnComplete: true, attempts: 3 },
        })))
    }
    news = await stream.watchMyTrades(symbol)
}
