// Bad input at routes that are not the gateway's: the internal ones and paper's administration.
import { assert, check } from './checks.mjs'
import { brokenBodies, spoiledBodies, wrongDocuments } from './bad_bodies.mjs'
import { badFraming } from './bad_messages.mjs'
import { send } from './http.mjs'
import { assertProblem, checkAll } from './problems.mjs'

const json = { 'content-type': 'application/json' }
const goodText = ({ good }) => (good === undefined ? undefined : JSON.stringify(good))
const text = (maxLength) => ({ type: 'string', maxLength })
const object = (properties, required = []) => ({ type: 'object', properties, required })
const components = { Decimal: { type: 'string' } }
const decimal = { $ref: '#/components/schemas/Decimal' }

function paperRoutes() {
    return [
        ['POST', '/admin/accounts', object({
            label: text(64), key_type: { type: 'string', enum: ['hmac', 'ed25519'] },
            public_key: text(1024), maker_fee: decimal, taker_fee: decimal,
            can_trade: { type: 'boolean' }, can_withdraw: { type: 'boolean' },
            balances: object({ USDT: decimal, BTC: decimal }) }), { label: 'new', balances: { USDT: '1' } }],
        ['POST', '/admin/accounts/1/deposit', object({ asset: text(), amount: decimal },
            ['asset', 'amount']), { asset: 'USDT', amount: '1' }],
        ['POST', '/admin/price', object({ symbol: text(), price: decimal, freeze: { type: 'boolean' } },
            ['symbol']), { symbol: 'BTCUSDT', price: '50000' }],
    ]
}

function citadelRoutes() {
    const bulk = object({ data: { type: 'object' }, context: text(512) }, ['data'])
    return [
        ['POST', '/encrypt', undefined, { plaintext: 'text', context: 'c' }], // any text is one
        ['POST', '/decrypt', undefined, { encrypted_data: 'nil:v1:x', context: 'c' }],
        ['POST', '/encrypt-bulk', bulk, { data: { a: 'b' }, context: 'c' }],
        ['POST', '/decrypt-bulk', bulk, { data: { a: 'b' }, context: 'c' }],
        ['POST', '/sign', undefined, { items: [{ id: 'a' }] }],
        ['POST', '/open-sealed', undefined, { connection_id: 'x' }],
        ['GET', '/sealing-key'],
    ]
}

const routesOf = (table, who) => table.map(([method, target, schema, good]) => ({
    what: `${method} ${target}`, method, target, schema, good, who }))

async function bodies(name, base, routes) {
    for (const route of routes) {
        const post = (body, headers = json) =>
            send(base, route.method, route.target, { ...route.who, ...headers }, body)
        await checkAll(`${name} ${route.what}: what is no JSON, or no object`,
            [...brokenBodies, ...wrongDocuments, { what: 'an empty body', body: '' }],
            async ({ body }) => assertProblem(await post(body), 400))
        await checkAll(`${name} ${route.what}: another content type`, ['text/plain'], async (type) =>
            assertProblem(await post('{}', { 'content-type': type }), 415))
        if (!route.schema) continue
        await checkAll(`${name} ${route.what}: wrong, unknown and missing fields`,
            spoiledBodies(route.schema, components, route.good),
            async ({ body, pointer }) => assertProblem(await post(body), 400, { pointer }))
    }
}

async function paper(stack) {
    const base = stack.url('paper')
    const look = async () => (await Promise.all(['/admin/ledger', '/admin/accounts', '/admin/faults']
        .map((target) => send(base, 'GET', target)))).map((answer) => answer.text)
    const before = await look()
    const routes = routesOf(paperRoutes(), {})
    await bodies('paper', base, routes)
    const faults = [
        ['no array', '{}'], ['an empty fault', '[{}]'], ['an unknown one', '[{"fault":"fire"}]'],
        ['an unknown field', '[{"fault":"latency","ms":1,"x":1}]'],
        ['an unknown match', '[{"fault":"latency","ms":1,"match":{"x":1}}]'],
        ['a wrong count', '[{"fault":"drop_before_accept","count":-1}]'],
        ['a wrong probability', '[{"fault":"drop_before_accept","probability":2}]'],
        ['a good one before a bad one', '[{"fault":"drop_before_accept"},{"fault":"fire"}]'],
        ...brokenBodies.map(({ what, body }) => [what, body]),
    ].map(([what, body]) => ({ what, body }))
    await checkAll('paper POST /admin/faults: what is no fault', faults, async ({ body }) =>
        assertProblem(await send(base, 'POST', '/admin/faults', json, body), 400))
    await checkAll('paper: ids that are not there', ['/admin/accounts/999/deposit',
        '/admin/accounts/x/deposit', '/admin/accounts/99999999999999999999/deposit'], async (target) =>
        assertProblem(await send(base, 'POST', target, json, '{"asset":"USDT","amount":"1"}'), 404))
    await checkAll('paper GET /admin/ledger: wrong parameters', ['limit=0', 'limit=x', 'after=x'],
        async (query) => assertProblem(await send(base, 'GET', `/admin/ledger?${query}`), 400))
    await badFraming(base, routes, json, goodText, { name: 'paper: ' })
    await badFraming(base, [{ what: 'POST /api/v3/order', method: 'POST', target: '/api/v3/order', who: {} }],
        {}, () => 'symbol=BTCUSDT', { limit: 16 * 1024, name: 'paper POST /api/v3/order: ' })
    await check('paper: nothing was stored', async () => assert.deepEqual(await look(), before))
}

async function withoutKey(name, base, routes) {
    for (const [what, who] of [['no key', {}], ['an empty key', { 'x-internal-api-key': '' }],
        ['another key', { 'x-internal-api-key': 'a'.repeat(64) }]])
        await checkAll(`${name}: 401 with ${what}`, routes, async (route) => assertProblem(
            await send(base, route.method, route.target, { ...json, ...who }, goodText(route) ?? '{}'), 401))
}

async function citadel(stack) {
    const base = stack.internal('citadel', 'gateway')
    const conductors = stack.internal('citadel', 'conductor')
    const key = (caller) => ({ 'x-internal-api-key': stack.secret(`internal-${caller}@citadel`) })
    const routes = routesOf(citadelRoutes(), key('gateway'))
    await withoutKey('citadel', base, routes)
    const may = (target) => ({ '/sign': key('conductor') })[target] ?? key('gateway')
    const allowed = routes.map((route) => ({ ...route, who: may(route.target) }))
        .filter(({ method, target }) => method === 'POST' && !target.startsWith('/decrypt'))
    for (const [from, routes] of [[base, allowed.filter(({ target }) => target !== '/sign')],
        [conductors, allowed.filter(({ target }) => target === '/sign')]])
        await bodies('citadel', from, routes)
    await checkAll('citadel: 401 for a key with the certificate of another', allowed, async (route) =>
        assertProblem(await send(stack.internal('citadel', 'sentinel'), 'POST', route.target,
            { ...json, ...route.who }, goodText(route)), 401))
    await checkAll('citadel: 403 without TLS', allowed, async (route) => assertProblem(await send(
        stack.url('citadel'), 'POST', route.target, { ...json, ...route.who }, goodText(route)), 403))
    await checkAll('citadel: 403 for plaintext', routes.filter(({ target }) => target.startsWith('/decrypt')),
        async (route) => assertProblem(await send(base, 'POST', route.target,
            { ...json, ...route.who }, '{"encrypted_data":"nil:v1:x"}'), 403))
    await checkAll('citadel: 403 for who may not encrypt', allowed.filter(({ target }) => target.startsWith('/encrypt')),
        async (route) => assertProblem(await send(conductors, 'POST', route.target,
            { ...json, ...key('conductor') }, '{"plaintext":"x"}'), 403))
    await checkAll('citadel: 403 for who may not open what clients sealed',
        routes.filter(({ target }) => target.includes('seal')), async (route) => assertProblem(await send(conductors,
            route.method, route.target, { ...json, ...key('conductor') }, goodText(route)), 403))
    const plain = [['missing', '{}'], ['null', '{"plaintext":null}'], ['a number', '{"plaintext":5}'],
        ['empty', '{"plaintext":""}'], ['an object', '{"plaintext":{}}'],
        ['too long', JSON.stringify({ plaintext: 'x'.repeat(65_537) })]]
        .map(([what, body]) => ({ what, body }))
    await checkAll('citadel POST /encrypt: what is no text', plain, async ({ body }) => assertProblem(
        await send(base, 'POST', '/encrypt', { ...json, ...key('gateway') }, body), 400,
        { pointer: '/plaintext' }))
    const items = [['no items', '{"items":[]}'], ['an item without id', '{"items":[{}]}'],
        ['an id twice', '{"items":[{"id":"a"},{"id":"a"}]}'], ['an id that is none', '{"items":[{"id":5}]}']]
        .map(([what, body]) => ({ what, body }))
    await checkAll('citadel POST /sign: batches', items, async ({ body }) => assertProblem(
        await send(conductors, 'POST', '/sign', { ...json, ...key('conductor') }, body), 400, { pointer: '/items' }))
    await check('citadel POST /sign: an item that is wrong is told, item by item', async () => {
        const answer = await send(conductors, 'POST', '/sign', { ...json, ...key('conductor') },
            '{"items":[{"id":"a","venue":5}]}')
        assert.equal(answer.status, 200)
        const [item] = JSON.parse(answer.text).items
        assert.equal(item.id, 'a')
        assert.equal(item.url, undefined)
        assert.ok(JSON.stringify(item.error).includes('/venue'), JSON.stringify(item))
    })
    await badFraming(base, allowed.filter(({ target }) => target === '/encrypt'), json, goodText,
        { name: 'citadel: ' })
}

async function others(stack, world) {
    const pool = `/internal/pools/${world.partnerPool}/signals`
    const good = { symbol: 'BTCUSDT', side: 'buy', quantity: '0.01' }
    const signals = routesOf([['POST', pool, undefined, good], ['GET', pool],
        ['GET', `${pool}/${world.signal}`]], {})
    const trades = routesOf([['POST', '/internal/refresh'],
        ['GET', `/internal/trades?trader_id=${world.trader}`]], {})
    const proofs = routesOf([['GET', `/internal/traders/${world.trader}/trades`]], {})
    for (const [service, routes] of [['conductor', signals], ['sentinel', trades], ['alchemist', proofs]]) {
        await withoutKey(service, stack.internal(service, 'gateway'), routes)
        await checkAll(`${service}: 403 for a service that it does not serve`, routes, async (route) =>
            assertProblem(await send(stack.internal(service, 'citadel'), route.method, route.target,
                { ...json, ...route.who }, goodText(route)), 403))
        await checkAll(`${service}: 404 and 405`, ['/nothing', '/internal', '/health/x'], async (target) => {
            assertProblem(await send(stack.internal(service, 'gateway'), 'GET', target), 404)
            assertProblem(await send(stack.internal(service, 'gateway'), 'PUT', '/health'), 405)
        })
    }
    const key = (service) => ({ 'x-internal-api-key': stack.secret(`internal-gateway@${service}`) })
    for (const [service, routes] of [['conductor', signals], ['alchemist', proofs]])
        for (const caller of [undefined, '', 'nonsense', 'a.b', '{}'])
            await checkAll(`${service}: 401 when the caller is ${caller ?? 'not told'}`, routes, async (route) =>
                assertProblem(await send(stack.internal(service, 'gateway'), route.method, route.target, { ...json,
                    ...key(service), ...(caller === undefined ? {} : { 'x-obscura-caller': caller }) },
                goodText(route)), 401))
    await checkAll('sentinel GET /internal/trades: wrong parameters', ['', 'trader_id=x',
        `trader_id=${world.trader}&limit=0`, `trader_id=${world.trader}&from=yesterday`], async (query) =>
        assertProblem(await send(stack.internal('sentinel', 'gateway'), 'GET', `/internal/trades?${query}`, key('sentinel')), 400))
}

export async function badInternalInput(stack, world) {
    await paper(stack)
    await citadel(stack)
    await others(stack, world)
}
