// Bad input at every route of a private stack: each answer is a problem+json with the right status
// that names the field, and afterwards nothing is stored. The gateway's routes, their bodies and
// parameters are those of its own /openapi.json: a new route is tested without a change here, or
// fails for want of a good body.
import { assert, check, verdict } from './support/checks.mjs'
import { brokenBodies, spoiledBodies, wrongDocuments } from './support/bad_bodies.mjs'
import { badFraming, badMessages } from './support/bad_messages.mjs'
import { hangUp, send } from './support/http.mjs'
import { badInternalInput } from './support/internal_routes.mjs'
import { assertProblem, checkAll } from './support/problems.mjs'
import { startStack } from './support/stack.mjs'
import { makeWorld } from './support/world.mjs'

const short = { OBSCURA_HTTP_BODY_TIMEOUT: '1500ms', OBSCURA_HTTP_HEADER_TIMEOUT: '1500ms' }
const many = 1_000_000
const stack = startStack('bad-input', {
    gateway: { ...short, OBSCURA_LIMITS_GENERAL_PER_MIN: many, OBSCURA_LIMITS_EXECUTION_PER_MIN: many,
        OBSCURA_LIMITS_OPEN_PER_MIN: many, OBSCURA_AUTH_LOGIN_TRIES_PER_ADDRESS: many },
    paper: short, citadel: short, conductor: short,
})
const world = await makeWorld(stack)
const base = stack.url('gateway')
const { paths, components: { schemas } } = await world.api('GET', '/openapi.json')

/// Every operation once for each kind of caller.
const operations = Object.entries(paths).flatMap(([pattern, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) =>
        world.callers(operation, pattern).map(([kind, who]) => ({
            what: `${method.toUpperCase()} ${pattern} as ${kind}`, method: method.toUpperCase(),
            pattern, operation, kind, who, target: world.target(pattern, kind),
            schema: operation.requestBody?.content['application/json'].schema,
            good: operation.requestBody && world.goodBody(operation.operationId),
        }))))
const withBody = operations.filter(({ schema }) => schema)
const json = { 'content-type': 'application/json' }
const goodText = ({ good }) => (good === undefined ? undefined : JSON.stringify(good))

async function badBodies() {
    for (const route of withBody) {
        if (route.good === undefined) {
            await check(`${route.what}: has a good body in world.mjs`, () => assert.fail('it has none'))
            continue
        }
        const post = (body, headers = json) =>
            send(base, route.method, route.target, { ...route.who, ...headers }, body)
        await checkAll(`${route.what}: wrong, unknown and missing fields`,
            [route.good, ...world.otherGoodBodies(route.operation.operationId)]
                .flatMap((good) => spoiledBodies(route.schema, schemas, good)),
            async ({ body, pointer }) => assertProblem(await post(body), 400, { pointer }))
        const documents = [...brokenBodies, ...wrongDocuments]
        if (route.operation.requestBody.required) documents.push({ what: 'an empty body', body: '' })
        await checkAll(`${route.what}: what is no JSON, or no object`, documents,
            async ({ body, pointer }) => {
                const problem = assertProblem(await post(body), 400, { pointer })
                for (const secret of world.secrets) assert.ok(!problem.detail.includes(secret))
            })
        const types = ['text/plain', 'application/xml', 'application/x-www-form-urlencoded',
            'application/json; charset=latin1', 'multipart/form-data; boundary=x', 'nonsense', 'a/b/c']
        await checkAll(`${route.what}: another content type`, types, async (type) =>
            assertProblem(await post(goodText(route), { 'content-type': type }), 415))
    }
}

async function badParameters() {
    const cases = operations.filter(({ method, pattern }) => method === 'GET' && pattern !== '/metrics')
        .flatMap((route) => {
            const known = (route.operation.parameters ?? []).filter((one) => one.in === 'query')
            const add = (query, pointer) => ({ ...route, what: `${route.what}?${query}`, query, pointer })
            const wrong = known.flatMap(({ name, schema }) => [
                add(`${name}=`, `?${name}`),
                add(`${name}=${'x'.repeat(300)}`, `?${name}`),
                ...(schema.type === 'integer' || schema.type === 'boolean' || schema.enum ||
                    schema.format === 'uuid' || name === 'cursor' ? [add(`${name}=nonsense`, `?${name}`)] : []),
                ...(schema.maximum ? [add(`${name}=${schema.maximum + 1}`, `?${name}`),
                    add(`${name}=${'9'.repeat(30)}`, `?${name}`),
                    add(`${name}=${schema.minimum - 1}`, `?${name}`)] : []),
                add(`${name}=1&${name}=2`, `?${name}`),
            ])
            return known.length ? [...wrong, add('unheard_of=1', '?unheard_of')] : []
        })
    await checkAll('GET: wrong, repeated and unknown parameters', cases, async (route) =>
        assertProblem(await send(base, 'GET', `${route.target}?${route.query}`, route.who), 400,
            { pointer: route.pointer }))
}

async function credentials() {
    const closed = operations.filter(({ operation }) => operation.security.length > 0)
    const forged = (headers) => ({ authorization: headers.authorization.replace(/.{6}$/, 'AAAAAA') })
    const wrong = [
        ['no credential', {}],
        ['an empty one', { authorization: '' }],
        ['another scheme', { authorization: 'Basic YTpi' }],
        ['a token that is none', { authorization: 'Bearer nonsense' }],
        ['a token with another signature', forged(world.user)],
        ['an unsigned token', { authorization: `Bearer ${unsignedToken()}` }],
        ['a key that is none', { 'x-api-key': 'obsc_test_nonsense' }],
        ['a key with another secret', { 'x-api-key': world.acme.key['x-api-key'].replace(/.{6}$/, 'aaaaaa') }],
        ['a long token', { authorization: `Bearer ${'a'.repeat(10_000)}` }],
    ]
    for (const [name, headers] of wrong)
        await checkAll(`401 with ${name}`, closed, async (route) => assertProblem(
            await send(base, route.method, route.target, { ...json, ...headers }, goodText(route)), 401))

    const admins = closed.filter(({ kind }) => kind === 'admin')
    for (const [name, who] of [['a user', world.user], ['a key', world.acme.key]])
        await checkAll(`403 for ${name} at admin routes`, admins, async (route) => assertProblem(
            await send(base, route.method, route.target, { ...json, ...who }, goodText(route)), 403))
    const only = (scheme) => closed.filter(({ kind, operation }) => kind !== 'admin' &&
        operation.security.every((entry) => scheme in entry))
    await checkAll("403 for a key at users' routes", only('user'), async (route) => assertProblem(
        await send(base, route.method, route.target, { ...json, ...world.acme.key }, goodText(route)), 403))
    await checkAll("403 for a user at keys' routes", only('api_key'), async (route) => assertProblem(
        await send(base, route.method, route.target, { ...json, ...world.user }, goodText(route)), 403))
    await checkAll('403 for a key without the scope',
        closed.filter(({ kind, method }) => kind === 'key' && method !== 'GET'),
        async (route) => assertProblem(
            await send(base, route.method, route.target, { ...json, ...world.acme.weak }, goodText(route)), 403))
}

function unsignedToken() {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = JSON.parse(Buffer.from(world.admin.authorization.split('.')[1], 'base64url'))
    return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`
}

async function ids() {
    const withId = operations.filter(({ pattern }) => pattern.includes('{'))
    await checkAll("404 for another tenant's ids", withId.filter(({ kind }) => kind !== 'admin' ),
        async (route) => {
            // A curated pool is everybody's to subscribe to; another's own pool is not.
            const target = route.pattern.endsWith('/subscribe')
                ? `/v2/pools/${world.customPool}/subscribe` : route.target
            const who = world.foreigner(route.kind)
            assertProblem(await send(base, route.method, target, { ...json, ...who }, goodText(route)), 404)
        })
    const strange = [world.unknown, 'nonsense', '0', '-1', "'%20OR%201=1--", 'x'.repeat(2_000),
        '%F0%9F%92%A9', '01234567-89ab-7def-8123-456789abcdeg', 'sig_', '..%2f..%2fetc%2fpasswd']
    for (const id of strange)
        await checkAll(`404 for the id ${id.slice(0, 40)}`, withId, async (route) => {
            const target = route.pattern.replaceAll(/\{\w+\}/g, () => id)
            assertProblem(await send(base, route.method, target, { ...json, ...route.who }, goodText(route)), 404)
        })
    const broken = ['%00', '%0a', '%', '%zz', '%ff', '%c0%80']
    for (const id of broken)
        await checkAll(`400 for the path segment ${id}`, withId, async (route) => assertProblem(
            await send(base, route.method, route.pattern.replaceAll(/\{\w+\}/g, () => id), route.who), 400))
}

async function methodsAndPaths() {
    const patterns = Object.keys(paths).map((pattern) => ({ what: pattern, pattern }))
    for (const method of ['PUT', 'TRACE', 'BREW'])
        await checkAll(`405 for ${method}`, patterns, async ({ pattern }) => {
            const answer = await send(base, method, world.target(pattern, 'user'), world.user)
            assertProblem(answer, 405)
            for (const allowed of Object.keys(paths[pattern]))
                assert.ok(answer.headers.allow.includes(allowed.toUpperCase()), answer.headers.allow)
        })
    const nowhere = ['/', '/v2', '/v2/nothing', '/v3/pools', '/v2/pools/x/y/z', '/internal/trades',
        '/admin/ledger', '/V2/POOLS', '/v2//pools', '/.env', '/%2e%2e/etc/passwd']
    for (const who of [{}, world.user, world.acme.key])
        await checkAll('404 for paths that are not there', nowhere, async (target) =>
            assertProblem(await send(base, 'GET', target, who), 404))
}

async function idempotencyKeys() {
    const creating = withBody.filter(({ operation }) =>
        (operation.parameters ?? []).some(({ name }) => name === 'Idempotency-Key'))
    const post = (route, key, body) =>
        send(base, route.method, route.target, { ...json, ...route.who, 'idempotency-key': key }, body)
    let number = 0
    await checkAll('a refusal under an Idempotency-Key is repeated, another body is 422', creating,
        async (route) => {
            number += 1
            const key = `key-${number}`
            const first = await post(route, key, '{"unheard_of":1,"another":2}')
            assertProblem(first, 400)
            const again = await post(route, key, ' {"another":2,\n"unheard_of":1} ')
            assert.equal(again.status, 400)
            assert.equal(again.headers['idempotent-replayed'], 'true')
            assert.equal(again.text, first.text)
            assertProblem(await post(route, key, goodText(route)), 422)
        })
    await checkAll('400 for an Idempotency-Key that is none', creating, async (route) => {
        for (const key of ['', 'x'.repeat(256), 'a b', 'caf\u00e9'])
            assertProblem(await post(route, key, goodText(route)), 400, { code: 'invalid_idempotency_key' })
    })
}

/// Bodies that are well-formed and still cannot be had.
async function conflicts() {
    const cases = [
        ['a live account in the open', world.user, '/exchanges/connections',
            { ...world.goodBody('post_exchanges_connections'), environment: 'live' }, 409],
        ['an address that is taken', {}, '/auth/register',
            { email: 'user@example.com', password: 'correct horse battery' }, 409],
        ["somebody else's tenant", {}, '/auth/register',
            { email: 'new@example.com', password: 'correct horse battery', tenant: 'acme' }, 403],
        ['a slug that is taken', world.admin, '/v2/admin/tenants', { slug: 'acme', name: 'x' }, 409],
        ['a signal again with another body', world.acme.key, `/v2/pools/${world.partnerPool}/signals`,
            { symbol: 'BTCUSDT', side: 'buy', quantity: '0.02', external_trade_id: 'known' }, 409],
        ['a refresh token that is none', {}, '/auth/refresh', { refresh_token: 'x'.repeat(40) }, 401],
    ].map(([what, who, target, body, status]) => ({ what, who, target, body, status }))
    await checkAll('401, 403 and 409 for what cannot be had', cases, async ({ who, target, body, status }) =>
        assertProblem(await send(base, 'POST', target, { ...json, ...who }, JSON.stringify(body)), status))
    await check('401 for wrong passwords, and 429 when there are too many', async () => {
        const body = JSON.stringify({ email: 'nobody@example.com', password: 'not the password' })
        const answers = []
        for (let i = 0; i < 6; ++i) answers.push(await send(base, 'POST', '/auth/login', json, body))
        for (const answer of answers.slice(0, 5)) assertProblem(answer, 401)
        assertProblem(answers[5], 429)
        assert.ok(Number(answers[5].headers['retry-after']) > 0)
    })
}

/// The record would have shown it: a test that cannot fail is none.
async function somethingHappens() {
    await check('one good request is stored, in one table and the audit log', async () => {
        const before = stack.record()
        const { status, text } = await send(base, 'PATCH', `/v2/pools/${world.customPool}`,
            { ...json, ...world.user }, '{"name":"renamed"}')
        assert.equal(status, 200, text)
        const after = stack.record()
        assert.deepEqual(Object.keys(after).filter((table) => after[table] !== before[table]),
            ['audit_log', 'pools'])
        assert.deepEqual(stack.sql('SELECT action FROM audit_log ORDER BY id DESC LIMIT 1'), [['pool.change']])
    })
}

async function nothingHappened(before, lastAudit, started) {
    await check('nothing was stored', async () => {
        const after = stack.record({ except: ['idempotency_keys', 'audit_log'] })
        const changed = Object.keys(after).filter((table) => after[table] !== before[table])
            .map((table) => `${table}: ${before[table]} -> ${after[table]}`)
        assert.deepEqual(changed, [])
        // Wrong passwords are the one thing that is noted of what was refused.
        assert.deepEqual(stack.sql("SELECT DISTINCT action FROM audit_log WHERE id::text > " +
            `'${lastAudit}' AND action <> 'login.failed'`), [])
    })
    await check('every process is the same and well', async () => {
        const now = stack.status()
        assert.equal(now.ok, true, JSON.stringify(now.processes))
        const pids = ({ processes }) => processes.map(({ name, pid }) => `${name} ${pid}`)
        assert.deepEqual(pids(now), pids(started))
    })
    await check('the gateway answers those who ask right', async () => {
        assert.equal((await send(base, 'GET', '/me', world.user)).status, 200)
        assert.equal((await send(base, 'GET', '/v2/pools', world.acme.key)).status, 200)
        assert.equal((await send(base, 'GET', '/health')).status, 200)
    })
    await check('no service met an error of its own, and no secret is in the logs', async () => {
        const logs = stack.logs()
        const own = logs.split('\n').filter((line) => /internal_error|handler_failed|"level":"error"/.test(line))
        assert.deepEqual(own.slice(0, 3), [])
        for (const secret of world.secrets) assert.ok(!logs.includes(secret), 'a secret is in the logs')
    })
}

async function main() {
    const started = stack.status()
    const before = stack.record({ except: ['idempotency_keys', 'audit_log'] })
    const [[lastAudit]] = stack.sql('SELECT max(id::text) FROM audit_log')
    await badBodies()
    await badParameters()
    await credentials()
    await ids()
    await methodsAndPaths()
    await conflicts()
    await badFraming(base, operations, json, goodText)
    await badMessages(base)
    await badInternalInput(stack, world)
    await nothingHappened(before, lastAudit, started)
    await idempotencyKeys()
    await nothingHappened(before, lastAudit, started)
    await somethingHappens()
    hangUp()
}

await main()
process.exit(verdict())
