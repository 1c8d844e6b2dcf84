// The key of access tokens: citadel makes it, the record has it as ciphertext, others verify with what the gateway shows,
// and it is changed while people work. A stack of before, with its seed as text, loses the seed and keeps its sessions.
import { createPrivateKey, createPublicKey, randomBytes, randomUUID, sign, verify } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { assert, check, verdict } from './support/checks.mjs'
import { openHeldKey } from './support/held_key.mjs'
import { hangUp, send } from './support/http.mjs'
import { call, obscura } from './support/processes.mjs'
import { startStack } from './support/stack.mjs'

const seed = randomBytes(32)
const stack = startStack('token-keys', {}, (state) => {
    mkdirSync(path.join(state, 'secrets'), { recursive: true, mode: 0o700 })
    writeFileSync(path.join(state, 'secrets/gateway-jwt-seed'), seed.toString('hex'), { mode: 0o600 })
})
const gateway = stack.url('gateway')
const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const partsOf = (token) => token.split('.').slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')))
const keySet = async () => (await call('GET', `${gateway}/.well-known/jwks.json`)).keys
const status = async (token) => (await send(gateway, 'GET', '/me', { authorization: `Bearer ${token}` })).status
const logIn = () => call('POST', `${gateway}/auth/login`,
    { email: 'admin@obscura.local', password: stack.secret('admin-password'), tenant: 'obscura' })

const before = await logIn()
await check('another Ed25519 verifies a token with the key that is shown', async () => {
    const [header, claims] = partsOf(before.access_token)
    const jwk = (await keySet()).find(({ kid }) => kid === header.kid)
    const end = before.access_token.lastIndexOf('.')
    const signature = Buffer.from(before.access_token.slice(end + 1), 'base64url')
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    assert.equal(verify(null, Buffer.from(before.access_token.slice(0, end)), key, signature), true)
    assert.deepEqual(Object.keys(claims).sort(), ['aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sub', 'tenant'])
    assert.equal(await status(before.access_token), 200)
})

await check('its key is ciphertext in the record, and is what citadel signs with', async () => {
    const rows = stack.sql("SELECT sealed_key, public_key FROM held_keys WHERE purpose = 'access_token'")
    assert.equal(rows.length, 1)
    const [[sealed, publicKey]] = rows
    const opened = openHeldKey(sealed, stack.secret('citadel-master-key'), 'access_token')
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), opened])
    const key = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }))
    assert.equal(key.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex'), publicKey)
    for (const folder of ['config', 'secrets', 'logs'])
        for (const name of readdirSync(path.join(stack.state, folder)))
            assert.ok(!readFileSync(path.join(stack.state, folder, name)).includes(opened.toString('hex')), name)
})

await check('a seed of before is gone, and the sessions that it signed are good for their hour', async () => {
    assert.equal(existsSync(path.join(stack.state, 'secrets/gateway-jwt-seed')), false)
    const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
    const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    const { x } = createPublicKey(key).export({ format: 'jwk' })
    const shown = (await keySet()).find((jwk) => jwk.x === x)
    assert.ok(shown, 'the seed\'s public key is shown')
    const now = Math.floor(Date.now() / 1000)
    const [, claims] = partsOf(before.access_token)
    const old = { ...claims, iat: now - 60, nbf: now - 60, exp: now + 3000, jti: randomUUID() }
    const input = `${base64url({ alg: 'EdDSA', typ: 'JWT', kid: shown.kid })}.${base64url(old)}`
    assert.equal(await status(`${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`), 200)
    for (const name of readdirSync(path.join(stack.state, 'config')))
        assert.ok(!readFileSync(path.join(stack.state, 'config', name), 'utf8').includes(seed.toString('hex')), name)
})

await check('a new key takes over, and tokens of the one before stay good', async () => {
    assert.match(obscura(['admin', 'rotate-token-key', '--state', stack.state]), /^retired/)
    const after = await logIn()
    assert.notEqual(partsOf(after.access_token)[0].kid, partsOf(before.access_token)[0].kid)
    for (const { access_token } of [before, after]) assert.equal(await status(access_token), 200)
    assert.equal((await keySet()).length, 3)
    const refreshed = await call('POST', `${gateway}/auth/refresh`, { refresh_token: before.refresh_token })
    assert.equal(partsOf(refreshed.access_token)[0].kid, partsOf(after.access_token)[0].kid)
    stack.sql("UPDATE held_keys SET retired_at = 'epoch' WHERE purpose = 'access_token' AND retired_at IS NOT NULL")
})

await check('citadel signs no token for anybody else, none for later, and nothing else with its key', async () => {
    const [[sealed]] = stack.sql(
        "SELECT sealed_key FROM held_keys WHERE purpose = 'access_token' AND retired_at IS NULL")
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: 'obscura', aud: 'obscura-api', sub: randomUUID(), tenant: randomUUID(), iat: now, exp: now + 60,
        jti: randomUUID() }
    const asked = async (caller, purpose, statement) => {
        const answer = await send(stack.internal('citadel', caller), 'POST', '/sign-statement', {
            'content-type': 'application/json', 'x-internal-api-key': stack.secret(`internal-${caller}@citadel`),
        }, JSON.stringify({ items: [{ id: 'a', key: sealed, purpose, statement }] }))
        const { items } = JSON.parse(answer.text)
        return items ? items[0].error?.code ?? 'signed' : JSON.parse(answer.text).code
    }
    assert.equal(await asked('gateway', 'access_token', claims), 'signed')
    assert.equal(await asked('conductor', 'access_token', claims), 'purpose_not_allowed')
    assert.equal(await asked('gateway', 'access_token', { ...claims, iat: now + 3600, exp: now + 7200 }), 'invalid_request')
    assert.equal(await asked('gateway', 'access_token', { ...claims, exp: now + 2 * 86400 }), 'invalid_request')
    assert.equal(await asked('gateway', 'receipt', claims), 'purpose_not_allowed')
})

hangUp()
process.exit(verdict())
