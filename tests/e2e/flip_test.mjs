// A leader flips a perpetual and conductor dies between the two legs: every follower of the demo ends on
// the leader's side with exactly one order a leg, judged from the venue's own ledger. Then followers are
// out before her: their books are thin, or they closed by hand.
import { createHmac } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { assert, check, eventually, verdict } from './support/checks.mjs'
import { hangUp, send } from './support/http.mjs'
import { call, obscura, useFailpoints } from './support/processes.mjs'
import { startStack } from './support/stack.mjs'

const followers = 50
const symbol = 'ETHUSDT'
const quantity = 0.5
const many = 1_000_000

useFailpoints()
// Several flips a minute are more than the venue would take from one address.
const stack = startStack('flip', {
    paper: { OBSCURA_PAPER_FUTURES_WEIGHT_PER_MINUTE: many },
    conductor: { OBSCURA_ENGINE_FUTURES_WEIGHT_PER_MINUTE: many },
})
obscura(['demo', '--state', stack.state], { timeoutMs: 300_000 })
const paper = stack.url('paper')
const leader = await call('POST', `${paper}/admin/accounts`, { label: 'demo-futures-leader' })

const pidOf = (name) => stack.status().processes.find((process) => process.name === name).pid

async function trade(account, side, size) {
    const params = `symbol=${symbol}&side=${side}&type=MARKET&quantity=${size}&timestamp=${Date.now()}`
    const signature = createHmac('sha256', account.secret).update(params).digest('hex')
    const answer = await send(paper, 'POST', '/fapi/v1/order',
        { 'x-mbx-apikey': account.api_key, 'content-type': 'application/x-www-form-urlencoded' },
        `${params}&signature=${signature}`)
    assert.equal(answer.status, 200, answer.text)
}
const leaderTrades = (side, size) => trade(leader, side, size)

/// Whether `signals` have been made so far, and all are over.
async function over(signals) {
    const query = "SELECT count(*), count(*) FILTER (WHERE status IN ('queued', 'processing')) FROM signals"
    await eventually(() => {
        const [made, underWay] = stack.sql(query)[0].map(Number)
        return made === signals && underWay === 0
    }, `${signals} signals that are over`, 90_000)
}

let seen = 0 // the last order that was judged
/// The followers' orders since the last look, by account, and what each account holds.
async function look() {
    const ledger = await call('GET', `${paper}/admin/ledger?market=futures&limit=100000&after=${seen}`)
    const orders = new Map()
    for (const order of ledger.orders) {
        seen = Math.max(seen, Number(order.order_id))
        if (!order.label.startsWith('demo-follower-')) continue
        orders.set(order.label, [...(orders.get(order.label) ?? []), order])
    }
    const held = new Map(ledger.positions.map(({ label, quantity }) => [label, Number(quantity)]))
    return { orders, held }
}

/// Each follower has one order for each of `legs`, and its position is that of the last.
async function judge(side, legs) {
    const { orders, held } = await look()
    assert.equal(orders.size, followers)
    for (const [label, mine] of orders) {
        const told = mine.map((order) => [order.side, order.reduce_only])
        assert.deepEqual(told, legs.map((reduces) => [side, reduces]), label)
        assert.equal(new Set(mine.map((order) => order.client_order_id)).size, legs.length, label)
        const size = Number(mine.at(-1).executed_quantity)
        assert.ok(size > 0, `${label} traded nothing`)
        const left = legs.at(-1) ? 0 : side === 'BUY' ? size : -size
        assert.equal(held.get(label) ?? 0, left, label)
    }
}

/// Starts conductor again, to be killed at that step.
async function arm(step) {
    writeFileSync(path.join(stack.state, 'config/conductor.once.env'), `OBSCURA_FAILPOINT=${step}:kill\n`)
    const before = pidOf('conductor')
    process.kill(before, 'SIGKILL')
    return eventually(async () => {
        const now = pidOf('conductor')
        if (!now || now === before) return false
        const health = await send(stack.url('conductor'), 'GET', '/health').catch(() => undefined)
        return health?.status === 200 && now
    }, 'conductor is there again', 30_000)
}

await check('every follower is short', async () => {
    await leaderTrades('SELL', quantity)
    await over(1)
    await judge('SELL', [false])
}, 120_000)

let signals = 1
const steps = [
    ['when closes are recorded and nothing follows yet', 'conductor.after_record:1'],
    ['before the second leg is planned', 'conductor.before_plan:2'],
    ['when second legs are committed and not sent', 'conductor.after_plan:2'],
]
for (const [when, step] of steps) {
    const side = signals % 2 === 1 ? 'BUY' : 'SELL'
    await check(`a flip is whole though conductor dies ${when}`, async () => {
        const victim = await arm(step)
        await leaderTrades(side, 2 * quantity)
        await over(++signals)
        assert.notEqual(pidOf('conductor'), victim, 'conductor was not killed')
        await judge(side, [true, false])
    }, 180_000)
}

await check('every follower is flat', async () => {
    await leaderTrades('SELL', quantity)
    await over(++signals)
    await judge('SELL', [true])
}, 120_000)

/// What the record says: of positions by account, and of the last signal's copies by how they ended.
const recorded = () => new Map(stack.sql(`SELECT ec.label, trim_scale(sum(p.quantity)) FROM positions p
    JOIN subscriptions s ON s.id = p.subscription_id JOIN exchange_connections ec ON ec.id = s.connection_id
    WHERE p.market = 'futures' GROUP BY 1`).map(([label, quantity]) => [label, Number(quantity)]))
const ends = () => Object.fromEntries(stack.sql(`SELECT coalesce(c.reason, c.status), count(*) FROM copies c
    WHERE c.signal_id = (SELECT id FROM signals ORDER BY sequence DESC LIMIT 1) GROUP BY 1`)
    .map(([end, n]) => [end, Number(n)]))

await check('what a thin book leaves of a close is closed by further orders', async () => {
    await leaderTrades('BUY', quantity)
    await over(++signals)
    await judge('BUY', [false])
    const { account_id: account } = await call('POST', `${paper}/admin/accounts`, { label: 'demo-follower-7' })
    const thin = { fault: 'partial_fill', share: '0.4', count: 3,
        match: { path: '/fapi/v1/order', method: 'POST', account } }
    await call('POST', `${paper}/admin/faults`, [thin])
    await leaderTrades('SELL', quantity)
    await over(++signals)
    const { orders, held } = await look()
    assert.deepEqual([...held.values()].filter((size) => size !== 0), [])
    assert.equal(orders.get('demo-follower-7').length, 4)
    for (const [label, mine] of orders) {
        assert.ok(mine.every((order) => order.side === 'SELL' && order.reduce_only), label)
        if (label !== 'demo-follower-7') assert.equal(mine.length, 1, label)
    }
    assert.deepEqual(ends(), { filled: followers })
    assert.ok([...recorded().values()].every((size) => size === 0))
}, 120_000)

await check('who closed by hand, whole or in part, is flat when the leader is, and follows her again', async () => {
    await leaderTrades('BUY', quantity)
    await over(++signals)
    const { held } = await look()
    const [whole, part] = ['demo-follower-3', 'demo-follower-9']
    for (const [label, share] of [[whole, 1], [part, 0.5]]) {
        const account = await call('POST', `${paper}/admin/accounts`, { label })
        await trade(account, 'SELL', (held.get(label) * share).toFixed(3))
    }
    await look() // their own orders are not judged
    await leaderTrades('SELL', quantity)
    await over(++signals)
    const after = await look()
    assert.deepEqual([...after.held.values()].filter((size) => size !== 0), [])
    assert.equal(after.orders.has(whole), false, 'there was nothing to close')
    assert.deepEqual(ends(), { filled: followers - 2, nothing_to_close: 2 })
    assert.ok([...recorded().values()].every((size) => size === 0))
    const foreign = stack.sql('SELECT count(*), count(DISTINCT leg_id) FROM leg_fills WHERE is_foreign')[0]
    assert.equal(Number(foreign[1]), 2)
    await leaderTrades('SELL', quantity)
    await over(++signals)
    await judge('SELL', [false])
    await leaderTrades('BUY', quantity)
    await over(++signals)
    await judge('BUY', [true])
}, 180_000)

hangUp()
process.exitCode = verdict()
