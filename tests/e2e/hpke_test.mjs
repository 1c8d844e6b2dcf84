// Our HPKE and that of an npm package, as a browser would use it, read each other: what either seals, the
// other one opens, with the suite that the product uses.
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import path from 'node:path'

import { assert, check, verdict } from './support/checks.mjs'
import { program, root } from './support/processes.mjs'

const require = createRequire(path.join(root, 'hosts/package.json'))
const { Aes256Gcm, CipherSuite, HkdfSha256 } = require('@hpke/core')
const { DhkemX25519HkdfSha256 } = require('@hpke/dhkem-x25519')

const suite = new CipherSuite({
    kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm(),
})
const bytes = (text) => new TextEncoder().encode(text)
const hex = (value) => Buffer.from(value).toString('hex')
const fromHex = (text) => new Uint8Array(Buffer.from(text, 'hex'))

function ours(what, request) {
    const done = spawnSync(program('hpke_peer'), [what], {
        input: JSON.stringify(request), encoding: 'utf8', timeout: 10_000,
    })
    assert.equal(done.status, 0, done.stderr)
    return JSON.parse(done.stdout)
}

const info = bytes('tenant|user|binance|testnet|01JZ')
const messages = [
    { aad: bytes('first'), plaintext: bytes('{"api_key":"k","secret":"s"}') },
    { aad: bytes(''), plaintext: bytes('') },
    { aad: bytes('first'), plaintext: new Uint8Array(randomBytes(100_000)) },
]
const ikm = new Uint8Array(randomBytes(32))
const receiver = await suite.kem.deriveKeyPair(ikm)
const receiverPublic = hex(await suite.kem.serializePublicKey(receiver.publicKey))

/// What the package seals, as a request to open it.
async function sealedByThem() {
    const sender = await suite.createSenderContext({ recipientPublicKey: receiver.publicKey, info })
    const sealed = []
    for (const { aad, plaintext } of messages)
        sealed.push({ aad: hex(aad), sealed: hex(await sender.seal(plaintext, aad)) })
    const exported = hex(await sender.export(bytes('interop'), 32))
    return { request: { ikm: hex(ikm), enc: hex(sender.enc), info: hex(info), messages: sealed }, exported }
}

await check('we open what the package sealed', async () => {
    const { request, exported } = await sealedByThem()
    const answer = ours('open', request)
    assert.equal(answer.public, receiverPublic)
    assert.deepEqual(answer.opened, messages.map(({ plaintext }) => hex(plaintext)))
    assert.equal(answer.exported, exported)
})

await check('we do not open it under another info, aad or key', async () => {
    const { request } = await sealedByThem()
    const nothing = messages.map(() => null)
    const altered = [
        { ...request, info: hex(bytes('tenant|user|binance|live|01JZ')) },
        { ...request, messages: request.messages.map((one) => ({ ...one, aad: hex(bytes('other')) })) },
        { ...request, ikm: hex(randomBytes(32)) },
    ]
    for (const one of altered) assert.deepEqual(ours('open', one).opened, nothing)
})

await check('the package opens what we sealed', async () => {
    const answer = ours('seal', {
        receiver: receiverPublic, info: hex(info),
        messages: messages.map(({ aad, plaintext }) => ({ aad: hex(aad), plaintext: hex(plaintext) })),
    })
    const context = await suite.createRecipientContext(
        { recipientKey: receiver.privateKey, enc: fromHex(answer.enc), info })
    for (const [i, { aad, plaintext }] of messages.entries())
        assert.equal(hex(await context.open(fromHex(answer.sealed[i]), aad)), hex(plaintext))
    assert.equal(hex(await context.export(bytes('interop'), 32)), answer.exported)
})

await check('the package opens a single message of ours, and not an altered one', async () => {
    const [{ aad, plaintext }] = messages
    const answer = ours('seal', {
        receiver: receiverPublic, info: hex(info), messages: [{ aad: hex(aad), plaintext: hex(plaintext) }],
    })
    const parameters = { recipientKey: receiver.privateKey, enc: fromHex(answer.enc), info }
    const sealed = fromHex(answer.sealed[0])
    assert.equal(hex(await suite.open(parameters, sealed, aad)), hex(plaintext))
    sealed[0] ^= 1
    await assert.rejects(suite.open(parameters, sealed, aad))
})

process.exit(verdict())
