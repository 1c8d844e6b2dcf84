// soak.mjs [SECONDS]: a private stack under steady trade for an hour (or so long). Every five seconds
// the memory and the descriptors of every process are written to build/soak.csv; what grows without an
// end fails. Run by tools/soak and `./test --full`.
import { createHmac } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { assert, check, eventually, verdict } from './support/checks.mjs'
import { send } from './support/http.mjs'
import { call, obscura, root } from './support/processes.mjs'
import { startStack } from './support/stack.mjs'
import { growthOf } from './support/trend.mjs'

const seconds = Number(process.argv[2] ?? 3600)
if (!(seconds >= 60)) throw new Error('soak.mjs SECONDS: at least 60')
const pauseMs = 1_000 // between two rounds of trade
const mostUnderWay = 12 // signals; a machine that is slow gets fewer rounds, not a backlog
const sampleMs = 5_000
const warmUp = 1 / 3 // of the time: pools, caches and allocators fill

const many = 1_000_000
const stack = startStack('soak', {
    gateway: { OBSCURA_LIMITS_GENERAL_PER_MIN: many, OBSCURA_LIMITS_EXECUTION_PER_MIN: many,
        OBSCURA_LIMITS_OPEN_PER_MIN: many },
    // The venue keeps closed orders up to a bound: it must be reached during the warm-up.
    paper: { OBSCURA_PAPER_MAX_CLOSED_ORDERS: 1_000, OBSCURA_PAPER_ORDERS_PER_DAY: many,
        OBSCURA_PAPER_WEIGHT_PER_MINUTE: many },
})
obscura(['demo', '--state', stack.state], { timeoutMs: 900_000 })

const logins = JSON.parse(readFileSync(path.join(stack.state, 'secrets/logins.json'), 'utf8'))
const tenant = { 'x-api-key': logins.find(({ name }) => name === 'acme tour key').secret }
const pools = await call('GET', `${stack.url('gateway')}/v2/pools?limit=100`, undefined, [200], tenant)
const partner = pools.data.find(({ name }) => name === 'Acme signals').id
const leader = await call('POST', `${stack.url('paper')}/admin/accounts`, { label: 'demo-leader' })
// Fees take a little of each purchase; the sale after it is whole all the same.
await call('POST', `${stack.url('paper')}/admin/accounts/${leader.account_id}/deposit`,
    { asset: 'BTC', amount: '100' })

async function leaderTrades(side) {
    const params = `symbol=BTCUSDT&side=${side}&type=MARKET&quantity=0.01&timestamp=${Date.now()}`
    const signature = createHmac('sha256', leader.secret).update(params).digest('hex')
    const answer = await send(stack.url('paper'), 'POST', '/api/v3/order',
        { 'x-mbx-apikey': leader.api_key, 'content-type': 'application/x-www-form-urlencoded' },
        `${params}&signature=${signature}`)
    assert.equal(answer.status, 200, answer.text)
}

async function tenantSignals(side, reference) {
    await call('POST', `${stack.url('gateway')}/v2/pools/${partner}/signals`,
        { symbol: 'ETHUSDT', side, quantity: '0.2', external_trade_id: reference }, [202], tenant)
}

/// What a client looks at between two trades.
async function looks() {
    await call('GET', `${stack.url('gateway')}/v2/pools?limit=100`, undefined, [200], tenant)
    await call('GET', `${stack.url('gateway')}/health`, undefined, [200])
}

const underWay = () =>
    Number(stack.sql("SELECT count(*) FROM signals WHERE status IN ('queued', 'processing')")[0][0])

let rounds = 0
async function trade(until) {
    for (; Date.now() < until; ++rounds) {
        const side = rounds % 2 === 0 ? 'buy' : 'sell'
        const next = Date.now() + pauseMs
        await leaderTrades(side.toUpperCase())
        await tenantSignals(side, `soak-${rounds}`)
        await looks()
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - Date.now())))
        while (underWay() > mostUnderWay && Date.now() < until)
            await new Promise((resolve) => setTimeout(resolve, pauseMs / 2))
    }
}

const csv = path.join(root, 'build/soak.csv')
const samples = new Map() // process -> [{second, kib, descriptors}]
const first = stack.status().processes
function sample(second) {
    for (const { name, pid } of first) {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8')
        const kib = Number(/^VmRSS:\s+(\d+)/m.exec(status)[1])
        const descriptors = readdirSync(`/proc/${pid}/fd`).length
        if (!samples.has(name)) samples.set(name, [])
        samples.get(name).push({ second, kib, descriptors })
        appendFileSync(csv, `${second},${name},${kib},${descriptors}\n`)
    }
}

async function watch(begin, until) {
    while (Date.now() < until) {
        sample(Math.round((Date.now() - begin) / 1_000))
        await new Promise((resolve) => setTimeout(resolve, sampleMs))
    }
}

mkdirSync(path.dirname(csv), { recursive: true })
writeFileSync(csv, 'second,process,rss_kib,descriptors\n')
const begin = Date.now()
const until = begin + seconds * 1_000
await check(`trade goes on for ${seconds} s`, () => Promise.all([trade(until), watch(begin, until)]),
    seconds * 1_000 + 60_000)
await check('every signal comes to its end', () => eventually(
    () => underWay() === 0, 'signals under way', 60_000), 70_000)
const [[signals, filled]] = stack.sql(
    "SELECT (SELECT count(*) FROM signals), (SELECT count(*) FROM copies WHERE status = 'filled')")
console.log(`   ${rounds} rounds, ${signals} signals, ${filled} copies filled`)
await check('there was trade', async () => {
    assert.ok(rounds > seconds / 20, `${rounds} rounds only`)
    assert.ok(Number(filled) > rounds, `${filled} copies filled`)
})
await check('no process was started again', async () => {
    const now = stack.status().processes
    for (const { name, pid } of first) assert.equal(now.find((one) => one.name === name).pid, pid, name)
})
for (const [name, all] of samples) {
    const settled = all.filter(({ second }) => second >= seconds * warmUp)
    await check(`${name} was watched`, async () => // a machine that is busy may miss some readings
        assert.ok(settled.length > seconds * (1 - warmUp) * 1_000 / sampleMs / 2, `${settled.length} readings`))
    const memory = growthOf(settled.map(({ second, kib }) => [second, kib]))
    const open = growthOf(settled.map(({ second, descriptors }) => [second, descriptors]))
    console.log(`   ${name.padEnd(10)} ${(memory.median / 1024).toFixed(1).padStart(7)} MiB, ` +
        `${(memory.growth / 1024).toFixed(2)} MiB more; ${open.median} descriptors, ${open.growth.toFixed(1)} more`)
    await check(`${name} does not leak descriptors`, async () =>
        assert.ok(open.growth < 5, `${open.growth.toFixed(1)} more at the end than after the warm-up`))
    // PostgreSQL's first process and Redis hold what their configuration allows: theirs is shown only.
    if (name === 'postgres' || name === 'redis') continue
    await check(`${name} does not grow`, async () =>
        assert.ok(memory.growth < Math.max(8 * 1024, memory.median / 10),
            `${(memory.growth / 1024).toFixed(1)} MiB after the warm-up`))
}
process.exit(verdict())
