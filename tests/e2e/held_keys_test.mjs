// What citadel signs with keys that never leave it, others verify: receipts from a trade to a download, checkpoints and
// transactions of a chain, by an npm package's curves and hashes and another's typed data. And what is edited is found.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

import { assert, check, eventually, verdict } from './support/checks.mjs'
import { hangUp, send } from './support/http.mjs'
import { marketOrder } from './support/orders.mjs'
import { call, obscura, root } from './support/processes.mjs'
import { startStack } from './support/stack.mjs'
import { makeWorld } from './support/world.mjs'

const packages = path.join(root, 'hosts/node_modules')
const { ed25519 } = await import(path.join(packages, '@noble/curves/ed25519.js'))
const { secp256k1 } = await import(path.join(packages, '@noble/curves/secp256k1.js'))
const { keccak_256 } = await import(path.join(packages, '@noble/hashes/sha3.js'))
const { TypedDataEncoder } = createRequire(path.join(root, 'hosts/package.json'))(
    path.join(packages, 'ccxt/dist/cjs/src/static_dependencies/ethers/hash/typed-data.js'))

const registry = '0x1111111111111111111111111111111111111111'
const contract = '0x2222222222222222222222222222222222222222'
const stack = startStack('held-keys', { citadel: {
    OBSCURA_CHAIN_ID: '26514', OBSCURA_CHAIN_REGISTRY: registry, OBSCURA_CHAIN_CONTRACTS: contract } })
const bytes = (hex) => Uint8Array.from(Buffer.from(hex.replace(/^0x/, ''), 'hex'))
const hex = (raw) => Buffer.from(raw).toString('hex')

/// RFC 8785 of what receipts are made of: texts, integers, null, objects.
function canonical(value) {
    if (value === null || typeof value !== 'object') return JSON.stringify(value)
    return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`
}
const textOf = ({ signature: _, ...receipt }) => new TextEncoder().encode(`obscura/receipt/v1\n${canonical(receipt)}`)

const receipt = await check('a trade becomes a receipt, and that is signed', async () => {
    const world = await makeWorld(stack)
    await eventually(async () => (await send(stack.url('sentinel'), 'GET', '/health')).text.includes('"feeds_live":true'),
        'the leader is watched', 30_000)
    await marketOrder(stack.url('paper'), world.accounts[world.lead], 'BUY', '0.01')
    const found = await eventually(async () => {
        const { data } = await world.api('GET', '/v2/executions', world.user)
        return data.find(({ receipt_id }) => receipt_id)
    }, 'a copy is filled', 60_000)
    return eventually(async () => {
        const shown = await world.api('GET', `/v2/receipts/${found.receipt_id}`, world.user)
        return shown.signature && shown
    }, 'the receipt is signed')
}, 120_000)
if (!receipt) process.exit(verdict())

const folder = path.join(stack.state, 'downloaded')
mkdirSync(folder)
const receiptFile = path.join(folder, 'receipt.json')
const keysFile = path.join(folder, 'obscura-receipt-keys.json')
const keys = await call('GET', stack.url('gateway') + receipt.signature.keys)
writeFileSync(keysFile, JSON.stringify(keys))

function verify(document) {
    writeFileSync(receiptFile, JSON.stringify(document))
    const answer = obscura(['verify', 'receipt', receiptFile, '--json'], { statuses: [0, 1] })
    const { valid, check: failed } = JSON.parse(answer)
    return valid ? 'valid' : failed
}

await check('another Ed25519 verifies it with the public key alone', async () => {
    const { key_id, value, algorithm } = receipt.signature
    const key = keys.keys.find((listed) => listed.key_id === key_id)
    assert.equal(algorithm, 'ed25519')
    assert.equal(ed25519.verify(bytes(value), textOf(receipt), bytes(key.public_key)), true)
    assert.equal(ed25519.verify(bytes(value), textOf({ ...receipt, id: receipt.tenant_id }), bytes(key.public_key)), false)
})

await check('obscura verify receipt takes it, and names the check for every edited field', async () => {
    assert.equal(verify(receipt), 'valid')
    let edits = 0
    const edit = (object, name, value) => {
        const before = object[name]
        object[name] = value
        const failed = verify(receipt)
        assert.ok(['document', 'signature', 'key'].includes(failed), `${name}: ${failed}`)
        object[name] = before
        edits += 1
    }
    const walk = (object) => {
        for (const [name, value] of Object.entries(object)) {
            if (name === 'keys') continue // where to look, no part of the receipt
            if (value !== null && typeof value === 'object') walk(value)
            else if (typeof value === 'string') edit(object, name, value.slice(0, -1) + (value.endsWith('1') ? '2' : '1'))
            else edit(object, name, typeof value === 'number' ? value + 1 : 'x')
        }
    }
    walk(receipt)
    assert.equal(verify(receipt), 'valid')
    assert.equal(verify({ ...receipt, signature: null }), 'unsigned')
    writeFileSync(keysFile, '{"keys": []}')
    assert.equal(verify(receipt), 'key')
    console.log(`   ${edits} edits`)
}, 60_000)

// The chain: asked of citadel itself, as sentinel and alchemist will

async function citadel(caller, target, body) {
    const answer = await send(stack.internal('citadel', caller), 'POST', target, {
        'content-type': 'application/json', 'x-internal-api-key': stack.secret(`internal-${caller}@citadel`),
    }, JSON.stringify(body))
    assert.ok([200, 201].includes(answer.status), answer.text)
    return JSON.parse(answer.text)
}

async function signed(caller, purpose, statement) {
    const key = await citadel(caller, '/keys', { purpose })
    const { items: [item] } = await citadel(caller, '/sign-statement',
        { items: [{ id: 'a', key: key.sealed_key, purpose, statement }] })
    assert.ok(item.signature, JSON.stringify(item))
    return { key, item }
}

/// The Ethereum address that made a signature "0x r s v" of a digest.
function signer(signature, digest) {
    const raw = bytes(signature)
    const by = secp256k1.Signature.fromBytes(raw.slice(0, 64), 'compact').addRecoveryBit(raw[64] - 27)
    assert.equal(by.hasHighS(), false)
    const point = by.recoverPublicKey(digest).toBytes(false)
    return `0x${hex(keccak_256(point.slice(1)).slice(12))}`
}

await check("another library's typed data has the same digest, and the notary's signature recovers to its address", async () => {
    const log = { log_id: `0x${'ab'.repeat(32)}`, count: 128, log_commitment: `0x${'01'.repeat(32)}`,
        marks_commitment: `0x${'02'.repeat(32)}`, time: Math.floor(Date.now() / 1000), previous: `0x${'00'.repeat(32)}` }
    const { key, item } = await signed('sentinel', 'notary', { chain_id: 26514, registry, ...log })
    const digest = TypedDataEncoder.hash(
        { name: 'Obscura Notary', version: '1', chainId: 26514, verifyingContract: registry },
        { Checkpoint: [{ name: 'logId', type: 'bytes32' }, { name: 'count', type: 'uint64' },
            { name: 'logCommitment', type: 'bytes32' }, { name: 'marksCommitment', type: 'bytes32' },
            { name: 'time', type: 'uint64' }, { name: 'previous', type: 'bytes32' }] },
        { logId: log.log_id, count: log.count, logCommitment: log.log_commitment,
            marksCommitment: log.marks_commitment, time: log.time, previous: log.previous })
    assert.equal(signer(item.signature, bytes(digest)), key.address.toLowerCase())
})

/// RLP's items: {list: [...]} or {text}. Written here, to depend on nothing of ours.
function rlp(raw) {
    const first = raw[0]
    const number = (from, count) => [...raw.slice(from, from + count)].reduce((sum, byte) => sum * 256 + byte, 0)
    if (first < 0x80) return { text: raw.slice(0, 1), size: 1 }
    const isList = first >= 0xc0
    const short = first - (isList ? 0xc0 : 0x80)
    const digits = short > 55 ? short - 55 : 0
    const length = digits ? number(1, digits) : short
    const start = 1 + digits
    const payload = raw.slice(start, start + length)
    if (!isList) return { text: payload, size: start + length }
    const list = []
    for (let at = 0; at < length;) {
        list.push(rlp(payload.slice(at)))
        at += list.at(-1).size
    }
    return { list, size: start + length, payload }
}

await check("a chain transaction is EIP-1559's, and recovers to its key's address", async () => {
    const { key, item } = await signed('alchemist', 'chain_transaction', {
        chain_id: 26514, nonce: 3, max_priority_fee_per_gas: 1_000_000_000, max_fee_per_gas: 20_000_000_000,
        gas_limit: 900_000, to: contract, value: 0, data: `0x${'ef'.repeat(300)}` })
    const raw = bytes(item.raw_transaction)
    assert.equal(raw[0], 2)
    const { list, size, payload } = rlp(raw.slice(1))
    assert.equal(size, raw.length - 1)
    assert.equal(list.length, 12)
    assert.deepEqual(list.slice(0, 6).map(({ text }) => BigInt(`0x0${hex(text)}`)),
        [26514n, 3n, 1_000_000_000n, 20_000_000_000n, 900_000n, BigInt(contract)])
    assert.equal(list[6].text.length, 0)
    assert.equal(hex(list[7].text), 'ef'.repeat(300))
    assert.deepEqual(list[8].list, [])
    const unsigned = payload.slice(0, list.slice(0, 9).reduce((sum, { size: n }) => sum + n, 0))
    const header = Buffer.from([0x02, 0xf9, unsigned.length >> 8, unsigned.length & 255])
    const digest = keccak_256(Uint8Array.from(Buffer.concat([header, unsigned])))
    const [v, r, s] = list.slice(9).map(({ text }) => hex(text))
    const signature = `0x${r.padStart(64, '0')}${s.padStart(64, '0')}${(27 + (v === '01' ? 1 : 0)).toString(16)}`
    assert.equal(signature, item.signature)
    assert.equal(signer(signature, digest), key.address.toLowerCase())
})

await check('no private key is in what citadel answers, logs or notes', async () => {
    const { key } = await signed('alchemist', 'chain_transaction', { chain_id: 26514, nonce: 0,
        max_priority_fee_per_gas: 1, max_fee_per_gas: 1, gas_limit: 21_000, to: contract, value: 0, data: '0x00' })
    assert.deepEqual(Object.keys(key).sort(), ['address', 'algorithm', 'key_id', 'public_key', 'purpose', 'sealed_key'])
    const noted = readFileSync(path.join(stack.state, 'audit/audit.log'), 'utf8')
    assert.ok(noted.includes(key.key_id), 'the audit log names the key')
    assert.equal(noted.includes(key.sealed_key) || stack.logs().includes(key.sealed_key), false)
})

await check('a new master key renews the keys too, and signing goes on', async () => {
    const pid = () => stack.status().processes.find(({ name }) => name === 'citadel').pid
    const before = pid()
    appendFileSync(path.join(stack.state, 'config/citadel.env'), `OBSCURA_CITADEL_MASTER_KEY_V2=${'5b'.repeat(32)}\n`)
    process.kill(before, 'SIGKILL')
    await eventually(async () => pid() !== before &&
        (await send(stack.url('citadel'), 'GET', '/health').catch(() => undefined))?.status === 200, 'citadel is back', 30_000)
    obscura(['admin', 'rotate-keys', '--state', stack.state], { timeoutMs: 60_000 })
    assert.deepEqual(stack.sql("SELECT count(*), min(left(sealed_key, 7)) FROM held_keys"), [['2', 'nil:v2:']],
        'of receipts and of access tokens')
    stack.sql('UPDATE receipts SET signature = NULL, key_id = NULL')
    await eventually(() => stack.sql('SELECT count(*) FROM receipts WHERE signature IS NULL')[0][0] === '0',
        'conductor looks for unsigned receipts by itself', 45_000)
    const [[value]] = stack.sql(`SELECT encode(signature, 'hex') FROM receipts WHERE id = '${receipt.id}'`)
    assert.equal(value, receipt.signature.value, 'the same key signs the same receipt the same way')
}, 120_000)

hangUp()
process.exit(verdict())
