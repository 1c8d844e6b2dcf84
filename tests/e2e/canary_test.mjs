// Nobody but citadel ever holds a credential: secrets, a private key and a passphrase that occur nowhere else are
// connected, traded with and carried to a new master key, and then the memory of every process (of which a core
// dump is a copy), the logs, PostgreSQL (heap and WAL) and Redis (RDB and AOF) are searched for them, raw, in hex
// and in base64; and so they are for the key that signs access tokens, and for the seed that stacks of before had in
// its place. The venue, which made them, and this test are left out. In citadel itself nothing may be left once
// the calls are over.
import { randomBytes } from 'node:crypto'
import { appendFileSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, readdirSync, statSync,
    writeFileSync } from 'node:fs'
import path from 'node:path'

import { assert, check, eventually, verdict } from './support/checks.mjs'
import { openHeldKey } from './support/held_key.mjs'
import { hangUp, send } from './support/http.mjs'
import { marketOrder } from './support/orders.mjs'
import { call, obscura } from './support/processes.mjs'
import { startStack } from './support/stack.mjs'
import { importTypescript } from './support/typescript.mjs'

const { sealCredential } = await importTypescript('clients/typescript/seal.ts')
const plainSeed = randomBytes(32)
const stack = startStack('canary', {}, (state) => {
    mkdirSync(path.join(state, 'secrets'), { recursive: true, mode: 0o700 })
    writeFileSync(path.join(state, 'secrets/gateway-jwt-seed'), plainSeed.toString('hex'), { mode: 0o600 })
})
const gateway = stack.url('gateway')
const paper = stack.url('paper')
const password = 'correct horse battery'
const api = (method, target, who, body) => call(method, gateway + target, body, [200, 201, 202, 204], who)

async function logIn(email, secret, tenant = 'obscura') {
    const { access_token } = await api('POST', '/auth/login', {}, { email, password: secret, tenant })
    return { authorization: `Bearer ${access_token}` }
}

/// Somebody with a connection whose credential was sealed here, or `isPlain`: a secret, or a private key of `keyType`.
async function connected(name, purpose, keyType = 'hmac', isPlain = false) {
    await api('POST', '/auth/register', {}, { email: `${name}@example.com`, password, tenant: 'obscura' })
    const who = await logIn(`${name}@example.com`, password)
    const me = await api('GET', '/me', who)
    const account = await call('POST', `${paper}/admin/accounts`, { label: name, key_type: keyType })
    const credentials = { api_key: account.api_key,
        ...keyType === 'hmac' ? { secret: account.secret } : { private_key: account.private_key } }
    const key = await api('GET', '/exchanges/sealing-key', who)
    const sealed = isPlain ? undefined : await sealCredential(key, {
        owner: { tenant_id: me.tenant_id, user_id: me.id }, venue: 'binance', environment: 'paper', purpose,
        credentials }, { allowSoftware: true })
    const { id } = await api('POST', '/exchanges/connections', who,
        { exchange: 'binance', environment: 'paper', purpose, label: name, ...sealed ? { sealed } : { credentials } })
    return { who, me, account, id }
}

const order = (account, side, quantity) => marketOrder(paper, account, side, quantity)
const filled = (copies) => eventually(() => {
    const [[n]] = stack.sql("SELECT count(*) FROM copies WHERE status = 'filled'")
    return Number(n) === copies
}, `${copies} copies are filled`, 60_000)

// What is searched for

/// A text as others might have written it down: itself, its hex, and its base64 wherever it begins in a longer one.
function forms(secret) {
    const bytes = Buffer.from(secret)
    const out = [['raw', bytes]]
    for (const hex of [bytes.toString('hex'), bytes.toString('hex').toUpperCase()]) out.push(['hex', Buffer.from(hex)])
    for (let shift = 0; shift < 3; shift += 1) {
        const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '')
        const inner = whole.slice(shift === 0 ? 0 : 4, -2) // what its neighbours have no part in
        out.push(['base64', Buffer.from(inner)])
        out.push(['base64', Buffer.from(inner.replaceAll('+', '-').replaceAll('/', '_'))])
    }
    return out
}
let needles = []

const found = (bytes) => needles.find(([, needle]) => bytes.includes(needle))?.[0]

// Where it is searched

const chunk = 8 << 20
const overlap = 1 << 10

/// The form found in [begin, end) of an open file, "" for none. What cannot be read was never written.
function searchRange(file, begin, end) {
    const buffer = Buffer.alloc(chunk)
    for (let at = begin; at < end; at += chunk - overlap) {
        let size = 0
        try {
            size = readSync(file, buffer, 0, Math.min(chunk, end - at), at)
        } catch (error) {
            if (!['EIO', 'EFAULT'].includes(error.code)) throw error
        }
        const form = found(buffer.subarray(0, size))
        if (form) return form
        if (size === 0) break
    }
    return ''
}

function searchFiles(folder) {
    const hits = []
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
        if (!entry.isFile()) continue
        const name = path.join(entry.parentPath ?? entry.path, entry.name)
        let file
        try {
            file = openSync(name)
            const form = searchRange(file, 0, statSync(name).size)
            if (form) hits.push(`${path.relative(folder, name)} (${form})`)
        } catch (error) {
            if (error.code !== 'ENOENT') throw error // gone meanwhile
        } finally {
            if (file !== undefined) closeSync(file)
        }
    }
    return hits
}

/// "" or the form found. Throws EACCES where even its own user may not look.
function searchMemory(pid) {
    const memory = openSync(`/proc/${pid}/mem`)
    try {
        for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
            const [, from, to, rights, name] = line.match(/^([0-9a-f]+)-([0-9a-f]+) (\S+) .{6,} *(\S*)$/) ?? []
            if (!rights?.startsWith('r') || name?.startsWith('[v')) continue
            const form = searchRange(memory, parseInt(from, 16), parseInt(to, 16))
            if (form) return `${name || 'anonymous memory'} (${form})`
        }
    } finally {
        closeSync(memory)
    }
    return ''
}

const childrenOf = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
function processes() {
    const status = stack.status()
    const out = [['up', status.supervisor.pid]]
    for (const { name, pid } of status.processes)
        if (name !== 'paper') out.push([name, pid], ...childrenOf(pid).map((child) => [name, child]))
    return out
}
const postgresFolder = () => {
    const location = path.join(stack.state, 'postgres.location')
    return existsSync(location) ? readFileSync(location, 'utf8').trim() : path.join(stack.state, 'postgres')
}
const storage = () => [
    ['logs', path.join(stack.state, 'logs')], ['config', path.join(stack.state, 'config')],
    ['postgres', postgresFolder()], ['redis', path.join(stack.state, 'redis')],
    ['audit', path.join(stack.state, 'audit')]]

/// [[place, what]] of everything that was found; `closed` are processes that nobody may look into.
async function search() {
    const hits = []
    const closed = []
    for (const [name, pid] of processes()) {
        try {
            const where = searchMemory(pid)
            if (where) hits.push([name, where])
        } catch (error) {
            if (error.code === 'ENOENT') continue // a backend that ended
            if (!['EACCES', 'EPERM'].includes(error.code)) throw error
            closed.push(name)
        }
    }
    for (const [name, folder] of storage()) hits.push(...searchFiles(folder).map((where) => [`${name} files`, where]))
    return { hits, closed }
}

// The life of the secrets

const leader = await connected('canary-leader', 'lead')
const follower = await connected('canary-follower', 'follow')
const modern = await connected('canary-modern', 'follow', 'ed25519')
// On paper they may come plain: the gateway hands them on and wipes its copies.
const plain = await connected('canary-plain', 'follow', 'hmac', true)

// The paper venue knows no passphrases: one is sealed and signed with as KuCoin's, and sent nowhere.
const passphrase = randomBytes(24).toString('base64url')
const kucoin = { secret: randomBytes(24).toString('base64url'),
    context: [follower.me.tenant_id, follower.me.id, 'kucoin', 'live', 'follow', follower.id].join('|') }

/// A private key as text, without its first and last line, and the 32 bytes at its end (RFC 8410).
function keyForms(pem) {
    const [, text] = pem.trim().split('\n')
    return [...forms(text), ...forms(Buffer.from(text, 'base64').subarray(-32))]
}
const tokenKey = (masterKey) => openHeldKey(
    stack.sql("SELECT sealed_key FROM held_keys WHERE purpose = 'access_token'")[0][0], masterKey, 'access_token')
const tokenKeyBefore = tokenKey(stack.secret('citadel-master-key'))
needles = [leader.account.secret, follower.account.secret, plain.account.secret, passphrase, kucoin.secret, plainSeed,
    plainSeed.toString('hex'), tokenKeyBefore].flatMap(forms)
needles.push(...keyForms(modern.account.private_key))

/// What citadel answers to a service of ours.
async function citadel(caller, target, body) {
    const answer = await send(stack.internal('citadel', caller), 'POST', target, { 'content-type': 'application/json',
        'x-internal-api-key': stack.secret(`internal-${caller}@citadel`) }, JSON.stringify(body))
    assert.equal(answer.status, 200, answer.text)
    return JSON.parse(answer.text)
}
async function signedWithPassphrase() {
    const { context, secret } = kucoin
    const sealed = await citadel('gateway', '/encrypt-bulk', { context, data: { api_key: 'canary', secret, passphrase } })
    const { items: [item] } = await citadel('conductor', '/sign', { items: [{ id: 'a', venue: 'kucoin',
        environment: 'live', market: 'spot', context, credentials: sealed.encrypted_data,
        operation: { kind: 'place_order', symbol: 'BTC-USDT', side: 'buy', order_type: 'market', quantity: '0.001',
            client_order_id: 'canary-1' } }] })
    const signature = item.headers?.['KC-API-PASSPHRASE'] ?? ''
    assert.ok(signature && !signature.includes(passphrase), JSON.stringify(item))
}

await check('the secrets are connected, traded with and carried to a new master key', async () => {
    const admin = await logIn('admin@obscura.local', stack.secret('admin-password'))
    const trader = await api('POST', '/v2/traders', leader.who, { connection_id: leader.id, display_name: 'Canary' })
    const pool = await api('POST', '/v2/pools', admin,
        { name: 'canary', kind: 'curated', traders: [{ trader_id: trader.id, weight: '1' }] })
    await api('POST', `/v2/pools/${pool.id}/activate`, admin)
    for (const { who, id } of [follower, modern])
        await api('POST', `/v2/pools/${pool.id}/subscribe`, who, { connection_id: id, total_investment_usd: '1000' })
    await signedWithPassphrase()
    await eventually(async () => (await send(stack.url('sentinel'), 'GET', '/health')).text.includes('"feeds_live":true'),
        'the leader is watched', 30_000)
    await order(leader.account, 'BUY', '0.01')
    await filled(2)
    const pid = () => stack.status().processes.find(({ name }) => name === 'citadel').pid
    const before = pid()
    appendFileSync(path.join(stack.state, 'config/citadel.env'), `OBSCURA_CITADEL_MASTER_KEY_V2=${'5a'.repeat(32)}\n`)
    process.kill(before, 'SIGKILL')
    await eventually(async () => pid() !== before &&
        (await send(stack.url('citadel'), 'GET', '/health').catch(() => undefined))?.status === 200, 'citadel is back', 30_000)
    obscura(['admin', 'rotate-keys', '--state', stack.state], { timeoutMs: 60_000 })
    const [[old]] = stack.sql("SELECT count(*) FROM exchange_connections WHERE credentials::text LIKE '%nil:v1:%'")
    assert.equal(old, '0')
    assert.ok(tokenKey('5a'.repeat(32)).equals(tokenKeyBefore), 'the key of access tokens is carried over too')
    await order(leader.account, 'SELL', '0.009') // the venue took its fee out of what was bought
    await filled(4)
    // The citadel that was killed has taken with it what its connections held. Those of now are kept until the end.
    await signedWithPassphrase()
    stack.sql('CHECKPOINT')
}, 120_000)

await check('citadel does what it needs and nothing else', async () => {
    const { pid } = stack.status().processes.find(({ name }) => name === 'citadel')
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const none = ['Prm', 'Eff', 'Inh', 'Amb'].map((set) => `Cap${set}:\t${'0'.repeat(16)}`)
    for (const line of ['NoNewPrivs:\t1', 'Seccomp:\t2', ...none]) assert.ok(status.includes(line), status)
    assert.match(readFileSync(`/proc/${pid}/limits`, 'utf8'), /Max core file size +0 +0/)
    const { text } = await send(stack.url('citadel'), 'GET', '/metrics')
    assert.match(text, /obscura_citadel_arena_bytes [1-9]/) // master keys and callers' keys, at least
    assert.match(text, /obscura_citadel_arena_exhausted_total 0\n/)
    if (process.getuid() !== 0) return
    const arena = readFileSync(`/proc/${pid}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
        .find((mapping) => mapping.includes('Size:               4096 kB') && / lo /.test(mapping))
    assert.match(arena ?? '', /VmFlags:.* lo .*dc .*dd /, 'locked, not inherited, not dumped')
})

await check('no memory, log, table, WAL or Redis file has them', async () => {
    const { hits, closed } = await search()
    assert.deepEqual(hits, [])
    const isRoot = process.getuid() === 0
    // Of an ordinary user's processes only citadel is closed to him: it makes itself so.
    assert.deepEqual([...new Set(closed)].filter((name) => isRoot || name !== 'citadel'), [])
    console.log(`   ${processes().length} processes${isRoot ? '' : ' (citadel lets nobody but root look)'}`)
}, 120_000)

await check('the search finds a leak in every form and place', async () => {
    const secret = Buffer.from(follower.account.secret)
    const admin = await logIn('admin@obscura.local', stack.secret('admin-password'))
    for (let shift = 0; shift < 3; shift += 1) {
        const inLonger = Buffer.concat([Buffer.alloc(shift, 'x'), secret, Buffer.from('and more')])
        for (const coding of ['latin1', 'hex', 'base64', 'base64url'])
            assert.ok(found(Buffer.from(inLonger.toString(coding))), `${coding} after ${shift}`)
    }
    const pem = modern.account.private_key
    for (const text of [pem, pem.replaceAll('\n', '\\n'), Buffer.from(pem.split('\n')[1], 'base64'), `"${passphrase}"`])
        assert.ok(found(Buffer.from(text)), 'a private key or the passphrase')
    const planted = { raw: secret.toString(), hex: secret.toString('hex').slice(0, 128), base64: `xx${secret.toString('base64')}` }
    for (const [form, text] of Object.entries(planted))
        await api('POST', '/v2/pools', admin, { name: `leak-${form}`, kind: 'curated', description: text, traders: [] })
    stack.sql('CHECKPOINT')
    appendFileSync(path.join(stack.state, 'logs', 'planted.log'), `a line, ${planted.hex}\n`)
    const { hits } = await search()
    const places = new Set(hits.map(([place]) => place))
    for (const place of ['logs files', 'postgres files', 'postgres', 'gateway'])
        assert.ok(places.has(place), `not found in ${place}: ${JSON.stringify(hits)}`)
    assert.ok(hits.some(([place, where]) => place === 'postgres files' && where.startsWith('pg_wal')
        || where.includes('/pg_wal/')), `not in the WAL: ${JSON.stringify(hits)}`)
}, 120_000)

hangUp()
process.exit(verdict())
