// Accounts connected with credentials that their owners sealed: the TypeScript client against an npm package's HPKE,
// ours, and the whole stack. Nobody but citadel reads them, and what was tampered with is refused.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, truncateSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

import { assert, check, eventually, verdict } from './support/checks.mjs'
import { hangUp, send } from './support/http.mjs'
import { call, program, root } from './support/processes.mjs'
import { startStack } from './support/stack.mjs'
import { importTypescript } from './support/typescript.mjs'

const require = createRequire(path.join(root, 'hosts/package.json'))
const { Aes256Gcm, CipherSuite, HkdfSha256 } = require('@hpke/core')
const { DhkemX25519HkdfSha256 } = require('@hpke/dhkem-x25519')

const client = await check('the client is sound TypeScript', () => importTypescript('clients/typescript/seal.ts'))
if (!client) process.exit(verdict())
const { fromBase64url, sealCredential, sealInfo, suite: suiteName, toBase64url } = client

const hex = (bytes) => Buffer.from(bytes).toString('hex')
const unattested = { allowSoftware: true }
const uuid = '01234567-89ab-7def-8123-456789abcde1'
const credential = (changes = {}) => ({
    owner: { tenant_id: uuid, user_id: uuid }, venue: 'binance', environment: 'live', purpose: 'follow',
    credentials: { api_key: 'k', secret: 'line\nbreak é' }, ...changes })

// What the client seals, others open

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
const ikm = new Uint8Array(32).fill(7)
const receiver = await suite.kem.deriveKeyPair(ikm)
const receiverPublic = new Uint8Array(await suite.kem.serializePublicKey(receiver.publicKey))
const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
const fixedKey = {
    v: 1, key_id: toBase64url(await digest(receiverPublic)), suite: suiteName,
    public_key: toBase64url(receiverPublic), created_at: '2026-01-01T00:00:00.000Z',
    expires_at: '2099-01-01T00:00:00.000Z', evidence: { format: 'software', attested: false, binding: '' } }

await check('an npm package and our HPKE open what the client seals', async () => {
    const sealed = await sealCredential(fixedKey, credential({ limits: { symbols: ['BTCUSDT'] } }), unattested)
    const info = sealInfo(sealed)
    const opened = await suite.open(
        { recipientKey: receiver.privateKey, enc: fromBase64url(sealed.enc), info }, fromBase64url(sealed.ciphertext))
    const inside = JSON.parse(new TextDecoder().decode(opened))
    assert.deepEqual(inside, { ...credential({ limits: { symbols: ['BTCUSDT'] } }), one_time_id: sealed.one_time_id })
    const ours = spawnSync(program('hpke_peer'), ['open'], {
        input: JSON.stringify({ ikm: hex(ikm), enc: hex(fromBase64url(sealed.enc)), info: hex(info),
            messages: [{ aad: '', sealed: hex(fromBase64url(sealed.ciphertext)) }] }), encoding: 'utf8', timeout: 10_000 })
    assert.equal(ours.status, 0, ours.stderr)
    assert.deepEqual(JSON.parse(ours.stdout).opened, [hex(opened)])
})

const refusals = [
    ['a key that nothing vouches for', {}, {}, 'software'],
    ['evidence of a kind that it does not know', { evidence: { format: 'snp', attested: true, binding: '00' } }, unattested,
        'evidence_format'],
    ['hardware that shows nothing', { evidence: { format: 'sev-snp', attested: true, binding: '00' } }, unattested,
        'measurement'],
    ["nilCC's without an auditor", { evidence: { format: 'nilcc', attested: false, binding: '00' } }, unattested, 'auditor'],
    ['a key id that is not the digest', { key_id: toBase64url(new Uint8Array(32)) }, unattested, 'sealing_key_invalid'],
    ['an expired key', { expires_at: '2020-01-01T00:00:00.000Z' }, unattested, 'sealing_key_expired'],
    ['an end that is no date', { expires_at: 'never' }, unattested, 'sealing_key_expired'],
    ['another suite', { suite: 'DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM' }, unattested,
        'sealing_key_unknown_form'],
    ['another version', { v: 2 }, unattested, 'sealing_key_unknown_form'],
]
for (const [what, changes, options, code] of refusals)
    await check(`the client refuses ${what}`, () =>
        assert.rejects(sealCredential({ ...fixedKey, ...changes }, credential(), options), { code }))
await check('the client refuses a key of small order', async () => {
    const zeros = new Uint8Array(32)
    const key = { ...fixedKey, public_key: toBase64url(zeros), key_id: toBase64url(await digest(zeros)) }
    await assert.rejects(sealCredential(key, credential(), unattested))
})

// Against the stack

const stack = startStack('sealing')
const gateway = stack.url('gateway')
const paper = stack.url('paper')
const password = 'correct horse battery'

async function person(email) {
    await call('POST', `${gateway}/auth/register`, { email, password, tenant: 'obscura' })
    const { access_token } = await call('POST', `${gateway}/auth/login`, { email, password, tenant: 'obscura' })
    const who = { authorization: `Bearer ${access_token}` }
    const me = await call('GET', `${gateway}/me`, undefined, [200], who)
    return { who, owner: { tenant_id: me.tenant_id, user_id: me.id } }
}
const sealingKey = ({ who }) => call('GET', `${gateway}/exchanges/sealing-key`, undefined, [200], who)
const account = (label, rights = {}) => call('POST', `${paper}/admin/accounts`, { label, ...rights })
const keysOf = ({ api_key, secret }) => ({ api_key, secret })

const onPaper = (someone, credentials, changes = {}) =>
    credential({ owner: someone.owner, environment: 'paper', credentials, ...changes })
const seal = async (someone, credentials, changes) =>
    sealCredential(await sealingKey(someone), onPaper(someone, credentials, changes), unattested)

/// {status, body} of an attempt to connect.
async function connect({ who }, body, headers = {}) {
    const answer = await send(gateway, 'POST', '/exchanges/connections',
        { 'content-type': 'application/json', ...who, ...headers },
        JSON.stringify({ exchange: 'binance', environment: 'paper', purpose: 'follow', ...body }))
    return { status: answer.status, body: JSON.parse(answer.text) }
}
async function assertRefused(attempt, status, code) {
    const answer = await attempt
    assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(answer.body))
}

// The venue is asked five times a minute for one person at most: a few people share the work.
const [ada, bob, cleo, dan] = await Promise.all(['ada', 'bob', 'cleo', 'dan'].map((name) => person(`${name}@example.com`)))
const adas = await account('ada')
const before = stack.sql('SELECT count(*) FROM exchange_connections')[0][0]
assert.equal(before, '0')

await check('evidence claims nothing', async () => {
    const { evidence } = await sealingKey(ada)
    assert.deepEqual([evidence.format, evidence.attested], ['software', false])
    assert.match(evidence.binding, /^[0-9a-f]{128}$/)
})

const sealed = await seal(ada, keysOf(adas), {
    limits: { symbols: ['BTCUSDT'], max_order_notional: '1000', max_daily_notional: '1500' } })
await check('who stands on the way can change nothing', async () => {
    const flipped = (text) => (text[0] === 'A' ? 'B' : 'A') + text.slice(1)
    const changes = [
        [{ tenant_id: uuid }, 'seal_for_another_owner'], [{ user_id: uuid }, 'seal_for_another_owner'],
        [{ venue: 'bybit' }, 'seal_for_another_venue'], [{ environment: 'live' }, 'seal_for_another_environment'],
        [{ purpose: 'lead' }, 'seal_for_another_purpose'], [{ one_time_id: uuid }, 'seal_broken'],
        [{ enc: flipped(sealed.enc) }, 'seal_broken'], [{ ciphertext: flipped(sealed.ciphertext) }, 'seal_broken'],
        [{ key_id: flipped(sealed.key_id) }, 'sealing_key_unknown'], [{ v: 2 }, 'invalid_request'],
        [{ more: 1 }, 'invalid_request'], [{ ciphertext: 'A'.repeat(40_000) }, 'invalid_request'],
        [{ enc: null }, 'invalid_request'],
    ]
    for (const [change, code] of changes)
        await assertRefused(connect(ada, { sealed: { ...sealed, ...change } }), 400, code)
    // The request and the seal changed alike.
    await assertRefused(connect(ada, { purpose: 'lead', sealed: { ...sealed, purpose: 'lead' } }), 400, 'seal_broken')
    await assertRefused(connect(ada, { environment: 'testnet', sealed: { ...sealed, environment: 'testnet' } }),
        400, 'seal_broken')
})

await check("nobody connects another's credential", async () => {
    await assertRefused(connect(bob, { sealed }), 400, 'seal_for_another_owner')
    const owner = { tenant_id: bob.owner.tenant_id, user_id: bob.owner.user_id }
    await assertRefused(connect(bob, { sealed: { ...sealed, ...owner } }), 400, 'seal_broken')
})

const connected = await check('its owner connects it, and the venue takes the key', async () => {
    const headers = { 'idempotency-key': 'once' }
    const answer = await connect(ada, { sealed, label: 'sealed' }, headers)
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    assert.deepEqual(await connect(ada, { sealed, label: 'sealed' }, headers), answer)
    const tested = await call('POST', `${gateway}/exchanges/connections/${answer.body.id}/test`, {}, [200], ada.who)
    assert.equal(tested.ok, true, JSON.stringify(tested))
    assert.equal(tested.permissions.trade, true)
    return answer.body
})

await check('a seal makes one connection', () => assertRefused(connect(ada, { sealed }), 400, 'seal_used'))

const [[stored]] = stack.sql(`SELECT credentials FROM exchange_connections WHERE id = '${connected.id}'`)
const credentials = JSON.parse(stored)
const context = [ada.owner.tenant_id, ada.owner.user_id, 'binance', 'paper', 'follow', connected.id].join('|')

/// "signed", or why not: of an order of ada's that conductor asks for.
async function sign(symbol, given, changes = {}, at = {}) {
    const answer = await send(stack.internal('citadel', 'conductor'), 'POST', '/sign', {
        'content-type': 'application/json', 'x-internal-api-key': stack.secret('internal-conductor@citadel'),
    }, JSON.stringify({ items: [{
        id: 'a', venue: 'binance', environment: 'paper', market: 'spot', context, credentials: given,
        operation: { kind: 'place_order', symbol, side: 'buy', order_type: 'market', quantity: '0.001',
            client_order_id: 'leg-1', ...changes }, ...at }] }))
    assert.equal(answer.status, 200, answer.text)
    const { items: [item] } = JSON.parse(answer.text)
    return item.error?.code ?? 'signed'
}
const priceNow = async () => Number((await call('GET', `${paper}/api/v3/ticker/price?symbol=BTCUSDT`)).price)

await check('what citadel may sign is what its owner allowed', async () => {
    // The price is the venue's own, which citadel asks for when it is first needed.
    await eventually(async () => await sign('BTCUSDT', credentials) === 'signed', 'a price is known', 15_000)
    assert.equal(await sign('ETHUSDT', credentials), 'limit_symbol')
    // A conductor gone bad: larger, all of it at once, in small pieces, at another market, to itself.
    const price = await priceNow()
    const worth = (usd) => (usd / price).toFixed(5)
    assert.equal(await sign('BTCUSDT', credentials, { quantity: worth(1_100) }), 'limit_order_notional')
    assert.equal(await sign('BTCUSDT', credentials, { order_type: 'limit', quantity: worth(900),
        limit_price: (price * 1.3).toFixed(2), time_in_force: 'ioc' }), 'limit_order_notional')
    const pieces = []
    for (let piece = 2; piece < 6; piece += 1)
        pieces.push(await sign('BTCUSDT', credentials, { quantity: worth(700), client_order_id: `leg-${piece}` }))
    assert.deepEqual(pieces, ['signed', 'signed', 'limit_daily_notional', 'limit_daily_notional'])
    assert.equal(await sign('BTCUSDT', credentials, { quantity: worth(700), client_order_id: 'leg-2' }), 'limit_daily_notional')
    assert.equal(await sign('BTCUSDT', credentials, { side: 'sell', quantity: '1', client_order_id: 'leg-9' }), 'signed')
    assert.equal(await sign('BTCUSDT', credentials, {}, { environment: 'live' }), 'wrong_context')
    assert.equal(await sign('BTCUSDT', credentials, {}, { context: context.replace(/.$/, 'x') }), 'decryption_failed')
    for (const kind of ['withdraw', 'transfer', 'create_api_key'])
        assert.equal(await sign('BTCUSDT', credentials, { kind }), 'invalid_request')
    const { limits, ...without } = credentials
    assert.ok(limits.startsWith('nil:'))
    assert.equal(await sign('ETHUSDT', without), 'decryption_failed')
    // What the limits say can be guessed, and the API key is shown in the request.
    const text = '{"symbols":["BTCUSDT"],"max_order_notional":"1000","max_daily_notional":"1500"}'
    const named = `${context}|${createHash('sha256').update(text).digest('base64url')}`
    assert.equal(await sign('ETHUSDT', without, {}, { context: named }), 'invalid_request')
    const swapped = { ...credentials, api_key: credentials.secret, secret: credentials.api_key }
    assert.equal(await sign('BTCUSDT', swapped, { side: 'sell' }), 'decryption_failed')
})

await check("and what was refused is in citadel's log, of whom and of which connection", async () => {
    const log = path.join(stack.state, 'audit', 'audit.log')
    const subject = `${ada.owner.tenant_id}/${connected.id}`
    const refused = () => readFileSync(log, 'utf8').split('\n').filter((line) => line.includes('"refused"'))
        .map((line) => JSON.parse(line.slice(line.indexOf('{'))))
        .filter(({ caller, operation }) => caller === 'conductor' && operation === 'sign')
    const reasons = () => new Set(refused().filter(({ subjects }) => subjects?.includes(subject))
        .flatMap(({ refused: counts }) => Object.keys(counts)))
    for (const reason of ['limit_symbol', 'limit_order_notional', 'limit_daily_notional', 'wrong_context',
        'decryption_failed'])
        await eventually(() => reasons().has(reason), `${reason} is logged`, 5_000)
    await eventually(() => refused().some(({ refused: counts }) => counts.invalid_request), 'what is no operation too', 5_000)
})

await check('the venue is asked what the key may', async () => {
    const withdraws = await account('withdraws', { can_withdraw: true })
    await assertRefused(connect(bob, { sealed: await seal(bob, keysOf(withdraws)) }), 409, 'key_may_withdraw')
    const reads = await account('reads', { can_trade: false })
    await assertRefused(connect(bob, { sealed: await seal(bob, keysOf(reads)) }), 409, 'key_may_not_trade')
    const wrong = { ...keysOf(adas), secret: 'x'.repeat(64) }
    await assertRefused(connect(bob, { sealed: await seal(bob, wrong) }), 409, 'key_rejected')
    await assertRefused(connect(bob, { sealed: await seal(bob, { api_key: 'k' }) }), 400, 'invalid_credentials')
    const lead = await connect(bob, { purpose: 'lead', sealed: await seal(bob, keysOf(reads), { purpose: 'lead' }) })
    assert.equal(lead.status, 201, JSON.stringify(lead.body))
})

await check('live and in the open is refused still', () => assertRefused(
    connect(cleo, { environment: 'live', credentials: keysOf(adas) }), 409, 'sealing_required'))

/// Ends citadel as the kernel would, and waits for the next one.
async function killCitadel() {
    const pid = () => stack.status().processes.find(({ name }) => name === 'citadel').pid
    const first = pid()
    process.kill(first, 'SIGKILL')
    await eventually(async () => {
        if (pid() === first) return false
        const answer = await send(gateway, 'GET', '/exchanges/sealing-key', dan.who)
        return answer.status === 200
    }, 'citadel comes back', 20_000)
}
const dayFile = () => {
    const folder = path.join(stack.state, 'audit', 'days')
    return path.join(folder, readdirSync(folder).filter((name) => /^[-0-9]{10}\.log$/.test(name)).sort().at(-1))
}
const exit = (name) => sign('BTCUSDT', credentials, { side: 'sell', quantity: '0.1', client_order_id: name })
/// Once citadel knows a price: what it says of an order for 700 dollars.
const opening = (name) => eventually(async () => {
    const said = await sign('BTCUSDT', credentials, {
        quantity: (700 / await priceNow()).toFixed(5), client_order_id: name })
    return said !== 'limit_price_unknown' && said
}, 'a price is known', 15_000)

await check('a restart of citadel ends its keys, and a new seal connects', async () => {
    const old = await seal(dan, keysOf(await account('dan')))
    await killCitadel()
    await assertRefused(connect(dan, { sealed: old }), 400, 'sealing_key_unknown')
    const again = await connect(dan, { sealed: await seal(dan, keysOf(adas)) })
    assert.equal(again.status, 201, JSON.stringify(again.body))
}, 40_000)

await check('and it gives nobody a fresh day', async () => {
    assert.equal(await opening('leg-20'), 'limit_daily_notional')
    assert.equal(await exit('leg-21'), 'signed')
}, 40_000)

await check('a day whose file was cut is not known: exits go on, and nothing else', async () => {
    const marked = () => readFileSync(path.join(stack.state, 'audit', 'audit.log'), 'utf8').includes('"kind":"day"')
    await eventually(marked, 'the audit log knows of the rows')
    const lines = readFileSync(dayFile(), 'utf8').trimEnd().split('\n')
    const last = lines.findLastIndex((line) => line.includes('"kind":"row"'))
    assert.ok(last > 0, 'no row is in the file')
    truncateSync(dayFile(), lines.slice(0, last).join('\n').length + 1)
    await killCitadel()
    for (const name of ['leg-22', 'leg-23']) assert.equal(await opening(name), 'limit_day_unknown')
    assert.equal(await exit('leg-24'), 'signed')
    await killCitadel()
    assert.equal(await opening('leg-25'), 'limit_day_unknown')
    assert.ok(stack.logs().includes('citadel.day_unknown'))
}, 90_000)

await check('what was connected before it signs still', async () => {
    const tested = await call('POST', `${gateway}/exchanges/connections/${connected.id}/test`, {}, [200], ada.who)
    assert.equal(tested.ok, true, JSON.stringify(tested))
})

await check('the secret is in no log and no table', async () => {
    assert.ok(!stack.logs().includes(adas.secret), 'a log has it')
    const [[rows]] = stack.sql(`SELECT count(*) FROM exchange_connections WHERE credentials::text LIKE '%${adas.secret}%'
        OR credentials::text LIKE '%${adas.api_key}%'`)
    assert.equal(rows, '0')
    const [[kept]] = stack.sql(`SELECT count(*) FROM exchange_connections`)
    assert.equal(kept, '3', 'what was refused left nothing')
})

hangUp()
process.exit(verdict())
