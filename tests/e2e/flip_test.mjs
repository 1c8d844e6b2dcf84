// A leader flips a perpetual and conductor dies between the two legs: every follower of the demo ends on
// the leader's side with exactly one order a leg, judged from the venue's own ledger.
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

async function leaderTrades(side, size) {
    const params = `symbol=${symbol}&side=${side}&type=MARKET&quantity=${size}&timestamp=${Date.now()}`
    const signature = createHmac('sha256', leader.secret).update(params).digest('hex')
    const answer = await send(paper, 'POST', '/fapi/v1/order',
        { 'x-mbx-apikey': leader.api_key, 'content-type': 'application/x-www-form-urlencoded' },
        `${params}&signature=${signature}`)
    assert.equal(answer.status, 200, answer.text)
}

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

hangUp()
process.exitCode = verdict()
