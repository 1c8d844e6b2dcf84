// A venue behind TLS: whoever sets a sum for the day trades through citadel's relay. conductor carries the bytes of
// what opens and never has a request in hand that could be shown to the venue twice; whatever breaks on the way, the
// venue's ledger has one order a copy, and the sum holds.
import { appendFileSync, closeSync, openSync, readFileSync, readSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import tls from 'node:tls'

import { assert, check, eventually, verdict } from './support/checks.mjs'
import { hangUp, send } from './support/http.mjs'
import { marketOrder } from './support/orders.mjs'
import { call } from './support/processes.mjs'
import { startStack } from './support/stack.mjs'
import { importTypescript } from './support/typescript.mjs'

const { sealCredential } = await importTypescript('clients/typescript/seal.ts')
const stack = startStack('relay')
const gateway = stack.url('gateway')
const paper = stack.url('paper')
const authority = path.join(stack.state, 'tls/ca.pem')
const password = 'correct horse battery'
const api = (method, target, who, body) => call(method, gateway + target, body, [200, 201, 202, 204], who)

// The venue's TLS

/// Hands on what comes over TLS to the paper venue, and keeps the orders it sees: nobody else can, but citadel.
const front = { orders: [], cutAfter: undefined }
const certificate = (kind) => readFileSync(path.join(stack.state, `tls/gateway.${kind}`))
const server = tls.createServer({ cert: certificate('pem'), key: certificate('key') }, (client) => {
    const venue = net.connect(Number(new URL(paper).port), '127.0.0.1')
    const end = () => { client.destroy(); venue.destroy() }
    client.on('data', (bytes) => {
        const text = bytes.toString('latin1')
        if (text.startsWith('POST /api/v3/order ')) {
            const keyOf = text.match(/x-mbx-apikey: (\S+)/i)?.[1]
            front.orders.push({ key: keyOf, signature: text.match(/signature=([0-9a-fA-F]+)/)?.[1] })
            if (front.cutAfter === keyOf) {
                front.cutAfter = undefined
                venue.removeAllListeners('data')
                venue.once('data', end) // the order is taken, and the answer is lost
            }
        }
        venue.write(bytes)
    })
    venue.on('data', (bytes) => client.write(bytes))
    for (const socket of [client, venue]) socket.on('error', end).on('close', end)
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
server.unref()
const origin = `https://127.0.0.1:${server.address().port}`

const pidOf = (name) => stack.status().processes.find((process) => process.name === name).pid
/// From its next start on a service reaches the venue over TLS.
async function overTls(service, settings) {
    const before = pidOf(service)
    const lines = Object.entries(settings).map(([key, value]) => `OBSCURA_${key}=${value}\n`)
    appendFileSync(path.join(stack.state, `config/${service}.env`), lines.join(''))
    process.kill(before, 'SIGKILL')
    await eventually(async () => pidOf(service) !== before &&
        (await send(stack.url(service), 'GET', '/health').catch(() => undefined))?.status === 200,
    `${service} is back`, 60_000)
}
await check('every service reaches the venue over TLS', async () => {
    await overTls('citadel', { VENUES_BINANCE_PAPER_REST: origin, CITADEL_RELAY_CA: authority,
        VENUES_BINANCE_PAPER_WS: `${origin.replace('https', 'wss')}/ws-api/v3` })
    for (const service of ['sentinel', 'conductor', 'gateway'])
        await overTls(service, { VENUES_PAPER_URL: origin, VENUES_AUTHORITY: authority })
}, 240_000)

// Who trades

async function logIn(email, secret) {
    const { access_token } = await api('POST', '/auth/login', {}, { email, password: secret, tenant: 'obscura' })
    return { authorization: `Bearer ${access_token}` }
}
async function connected(name, purpose, limits) {
    await api('POST', '/auth/register', {}, { email: `${name}@example.com`, password, tenant: 'obscura' })
    const who = await logIn(`${name}@example.com`, password)
    const me = await api('GET', '/me', who)
    const account = await call('POST', `${paper}/admin/accounts`, { label: name })
    const key = await api('GET', '/exchanges/sealing-key', who)
    const { api_key, secret } = account
    const sealed = await sealCredential(key, { owner: { tenant_id: me.tenant_id, user_id: me.id }, venue: 'binance',
        environment: 'paper', purpose, credentials: { api_key, secret }, ...limits ? { limits } : {} },
    { allowSoftware: true })
    const { id } = await api('POST', '/exchanges/connections', who,
        { exchange: 'binance', environment: 'paper', purpose, label: name, sealed })
    return { who, me, account, id, name }
}

const leader = await connected('relay-leader', 'lead')
// 0.01 BTC of hers are some 500 to 1,000 dollars of each follower's: one such order fits, and a second one does not.
const limited = await connected('relay-limited', 'follow', { max_daily_notional: '150' })
const free = await connected('relay-free', 'follow')

const ordersOf = async ({ name }) => (await call('GET', `${paper}/admin/ledger?market=spot&limit=100000`)).orders
    .filter(({ label }) => label === name)
const copies = ({ id }) => stack.sql(`SELECT c.status, l.state, l.evidence, l.signed_at IS NOT NULL, l.side FROM copies c
    JOIN subscriptions s ON s.id = c.subscription_id LEFT JOIN copy_legs l ON l.copy_id = c.id
    WHERE s.connection_id = '${id}' ORDER BY c.id`)
const over = (count) => eventually(() => {
    const [[made, underWay]] = stack.sql(
        "SELECT count(*), count(*) FILTER (WHERE status IN ('queued', 'processing')) FROM signals")
    return Number(made) === count && underWay === '0'
}, `${count} signals are over`, 60_000)

async function sign(side, name) {
    const [[stored]] = stack.sql(`SELECT credentials FROM exchange_connections WHERE id = '${limited.id}'`)
    const { tenant_id, id } = limited.me
    const answer = await send(stack.internal('citadel', 'conductor'), 'POST', '/sign', {
        'content-type': 'application/json', 'x-internal-api-key': stack.secret('internal-conductor@citadel'),
    }, JSON.stringify({ items: [{ id: 'a', venue: 'binance', environment: 'paper', market: 'spot',
        context: [tenant_id, id, 'binance', 'paper', 'follow', limited.id].join('|'), credentials: JSON.parse(stored),
        operation: { kind: 'place_order', symbol: 'BTCUSDT', side, order_type: 'market', quantity: '0.001',
            client_order_id: name } }] }))
    assert.equal(answer.status, 200, answer.text)
    const { items: [item] } = JSON.parse(answer.text)
    return item.error?.code ?? 'signed'
}

await check('what opens under a sum of the day is handed out to nobody', async () => {
    await eventually(async () => await sign('buy', 'mine') === 'relay_required', 'citadel says so', 20_000)
    assert.equal(await sign('sell', 'mine'), 'signed')
    assert.equal((await ordersOf(limited)).length, 0)
}, 30_000)

await check('both are copied, each in its way', async () => {
    const admin = await logIn('admin@obscura.local', stack.secret('admin-password'))
    const trader = await api('POST', '/v2/traders', leader.who, { connection_id: leader.id, display_name: 'Ada' })
    const pool = await api('POST', '/v2/pools', admin,
        { name: 'relay', kind: 'curated', traders: [{ trader_id: trader.id, weight: '1' }] })
    await api('POST', `/v2/pools/${pool.id}/activate`, admin)
    for (const { who, id } of [limited, free])
        await api('POST', `/v2/pools/${pool.id}/subscribe`, who, { connection_id: id, total_investment_usd: '1000' })
    await eventually(async () => (await send(stack.url('sentinel'), 'GET', '/health')).text.includes('"feeds_live":true'),
        'the leader is watched', 30_000)
    front.cutAfter = limited.account.api_key
    await marketOrder(paper, leader.account, 'BUY', '0.01')
    await over(1)
    for (const who of [limited, free]) {
        const orders = await ordersOf(who)
        assert.equal(orders.length, 1, `${who.name}: ${JSON.stringify(orders)}`)
        assert.equal(orders[0].status, 'FILLED')
    }
    assert.equal(front.cutAfter, undefined, 'no answer was lost')
    assert.deepEqual(copies(limited).map(([status, , , signed]) => [status, signed]), [['filled', 'f']])
    assert.deepEqual(copies(free).map(([status, , , signed]) => [status, signed]), [['filled', 't']])
}, 90_000)

const relayed = front.orders.find(({ key }) => key === limited.account.api_key)

/// A sanitizer's shadow is larger than this, and has no byte of the program's.
const largestMapping = 2 ** 40
const atOnce = 16 << 20
const pageSize = 4096

/// Whether a part of a process's memory has a text in it. What cannot be read is left out by the page.
function isIn(memory, begin, end, text) {
    const bytes = Buffer.alloc(Math.min(atOnce, end - begin))
    for (let at = begin; at < end;) {
        const wanted = Math.min(bytes.length, end - at)
        let size = 0
        try {
            size = readSync(memory, bytes, 0, wanted, at)
        } catch (error) {
            if (!['EIO', 'EFAULT'].includes(error.code)) throw error
        }
        if (bytes.subarray(0, size).includes(text)) return true
        if (size < wanted) at += size - (size % pageSize) + pageSize
        else if (at + size === end) return false
        else at += size - pageSize // a text may lie across the end of what was read
    }
    return false
}

/// Whether a process has a text in its memory.
function remembers(pid, text) {
    const memory = openSync(`/proc/${pid}/mem`)
    try {
        for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
            const [, from, to, rights, name] = line.match(/^([0-9a-f]+)-([0-9a-f]+) (\S+) .{6,} *(\S*)$/) ?? []
            if (!rights?.startsWith('r') || name?.startsWith('[v')) continue
            const [begin, end] = [parseInt(from, 16), parseInt(to, 16)]
            if (end - begin < largestMapping && isIn(memory, begin, end, text)) return true
        }
    } finally {
        closeSync(memory)
    }
    return false
}
await check('conductor has never had the request in hand', () => {
    const conductor = pidOf('conductor')
    assert.match(relayed?.signature ?? '', /^[0-9a-f]{64}$/)
    assert.ok(remembers(conductor, limited.id), 'the search finds what is there')
    assert.ok(!remembers(conductor, relayed.signature))
})

await check('exits are handed out still', async () => {
    const before = front.orders.length
    await marketOrder(paper, leader.account, 'SELL', '0.00999')
    await over(2)
    for (const who of [limited, free]) assert.deepEqual((await ordersOf(who)).map(({ side }) => side), ['BUY', 'SELL'])
    assert.ok(front.orders.length > before)
    assert.equal(copies(limited).at(-1)[3], 't', 'it was signed for conductor')
}, 60_000)

await check('and the sum holds', async () => {
    await marketOrder(paper, leader.account, 'BUY', '0.01')
    await over(3)
    assert.equal((await ordersOf(limited)).length, 2, 'nothing more was bought')
    assert.equal((await ordersOf(free)).length, 3)
    const [status, , evidence] = copies(limited).at(-1)
    assert.equal(status, 'rejected')
    assert.match(evidence, /limit_daily_notional/)
}, 60_000)

await check("citadel's log tells the relay", async () => {
    const log = () => readFileSync(path.join(stack.state, 'audit/audit.log'), 'utf8').split('\n')
        .filter((line) => line.includes('"relay"') && line.includes(limited.id))
        .map((line) => JSON.parse(line.slice(line.indexOf('{'))))
    await eventually(() => log().some(({ caller, done }) => caller === 'conductor' && done?.place_order), 'the order', 5_000)
    await eventually(() => log().some(({ refused }) => refused?.limit_daily_notional), 'and the refusal', 5_000)
})

hangUp()
process.exit(verdict())
