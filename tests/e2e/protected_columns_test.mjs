// What the database holds of secrets is what docs/protected-columns.md says, in every row of every table after
// people, tenants, sessions, connections, trades and receipts were made; and none of the secrets that were used is in a
// dump. Then violations of each kind are planted, and have to be found.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

import { assert, check, eventually, verdict } from './support/checks.mjs'
import { openHeldKey } from './support/held_key.mjs'
import { hangUp, send } from './support/http.mjs'
import { marketOrder } from './support/orders.mjs'
import { findViolations } from './support/protected_columns.mjs'
import { startStack } from './support/stack.mjs'
import { makeWorld } from './support/world.mjs'

const stack = startStack('protected')
const world = await makeWorld(stack)

/// What is behind the sealed key of access tokens, as it could be written down.
const tokenKey = ['hex', 'base64'].map((coding) => openHeldKey(
    stack.sql("SELECT sealed_key FROM held_keys WHERE purpose = 'access_token'")[0][0],
    stack.secret('citadel-master-key'), 'access_token').toString(coding))

/// Secrets that were used here: what people and tenants were given, and the stack's own.
function knownSecrets() {
    const folder = path.join(stack.state, 'secrets')
    const own = readdirSync(folder).filter((name) => !name.endsWith('.json'))
        .map((name) => readFileSync(path.join(folder, name), 'utf8').trim())
    const keys = [world.acme.key['x-api-key'], world.umbrella.key['x-api-key']].map((key) => key.split('_').pop())
    const tokens = [world.admin, world.user].map((who) => who.authorization.split(' ')[1])
    return [...new Set([...tokenKey, ...world.secrets, ...own, ...keys, ...tokens])].filter((secret) => secret.length >= 16)
}

function dump() {
    const { port, pathname } = new URL(stack.urls.postgres)
    const installed = readdirSync('/usr/lib/postgresql').map((v) => `/usr/lib/postgresql/${v}/bin/pg_dump`)
    const result = spawnSync([...installed, 'pg_dump'].find((name) => existsSync(name)), ['-h', '127.0.0.1', '-p', port,
        '-U', 'obscura_owner', '--inserts', pathname.slice(1)], {
        encoding: 'utf8', timeout: 60_000, maxBuffer: 256 << 20,
        env: { PATH: process.env.PATH, PGPASSWORD: stack.secret('postgres-owner') } })
    if (result.status !== 0) throw new Error(`pg_dump: ${result.stderr || result.error}`)
    return result.stdout
}

/// Those of `secrets` that stand in the dump, as text, hex or base64.
function inDump(text, secrets) {
    return secrets.filter((secret) => {
        const bytes = Buffer.from(secret)
        return [secret, bytes.toString('hex'), bytes.toString('base64').replace(/..?=*$/, '')]
            .some((form) => text.includes(form))
    })
}

await check('people trade, and receipts are signed', async () => {
    await eventually(async () => (await send(stack.url('sentinel'), 'GET', '/health')).text.includes('"feeds_live":true'),
        'the leader is watched', 30_000)
    await marketOrder(stack.url('paper'), world.accounts[world.lead], 'BUY', '0.01')
    await eventually(() => Number(stack.sql('SELECT count(*) FROM receipts WHERE signature IS NOT NULL')[0][0]) > 0,
        'a receipt is signed', 60_000)
}, 120_000)

await check('requests that may be repeated are remembered', async () => {
    const once = (who) => ({ ...who, 'idempotency-key': 'protected-columns' })
    await world.api('POST', '/v2/pools', once(world.user), { name: 'once', traders: [] })
    const made = await world.api('POST', `/v2/admin/tenants/${world.acme.id}/api-keys`, once(world.admin),
        { mode: 'test', name: 'once' })
    world.secrets.push(made.key, made.key.split('_').pop())
})

await check('every row of every table is kept as the page says', async () => {
    const { found, rows } = findViolations(stack)
    assert.deepEqual(found, [])
    for (const table of ['users', 'refresh_tokens', 'api_keys', 'exchange_connections', 'held_keys', 'receipts',
        'login_origins', 'idempotency_keys', 'trade_chains'])
        assert.notEqual(stack.sql(`SELECT count(*) FROM ${table}`)[0][0], '0', `${table} has no rows to look at`)
    console.log(`   ${rows} rows`)
})

await check('no secret that was used is in a dump', async () => {
    const secrets = knownSecrets()
    assert.ok(secrets.length > 12, `${secrets.length} secrets are known`)
    const text = dump()
    assert.ok(text.includes('INSERT INTO public.held_keys'), 'the dump has rows')
    assert.deepEqual(inDump(text, secrets), [])
    console.log(`   ${secrets.length} secrets, ${text.length} characters`)
}, 60_000)

await check('planted violations of each kind are found', async () => {
    const secret = world.accounts[world.lead].secret
    const planted = [
        ['pools.webhook_secret: a name that is not in the page', 'ALTER TABLE pools ADD COLUMN webhook_secret text'],
        ['pools.blob: bytes that are not in the page', 'ALTER TABLE pools ADD COLUMN blob bytea'],
        ['pools.description: a venue secret', `UPDATE pools SET description = 'mine is ${secret}'`],
        ['tenants.settings: a member totp_seed', `UPDATE tenants SET settings = settings || '{"a": [{"totp_seed": "JBSW"}]}'`],
        ['subscriptions.settings: a sealed text', `UPDATE subscriptions SET settings = '{"x": "nil:v1:${'A'.repeat(44)}"}'`],
        ['traders.display_name: a private key', `UPDATE traders SET display_name = '-----BEGIN PRIVATE KEY-----'`],
        ['exchange_connections.label: a token', `UPDATE exchange_connections SET label = '${world.user.authorization.slice(7)}'`],
        ['idempotency_keys.response: an API key', `UPDATE idempotency_keys SET response = '${world.acme.key['x-api-key']}'`],
        ['exchange_connections.credentials: is not nil fields',
            `UPDATE exchange_connections SET credentials = credentials || '{"secret": "${secret}"}'`],
        ['held_keys.sealed_key: is not nil', `ALTER TABLE held_keys DROP CONSTRAINT held_keys_sealed_key_check;
            UPDATE held_keys SET sealed_key = 'nil:v1:AAAA'`],
        ['users.password_hash: is not argon2id', "UPDATE users SET password_hash = 'hunter2'"],
        ['refresh_tokens.token_hash: is not sha256', "UPDATE refresh_tokens SET token_hash = token_hash || '\\x00'"],
        ['api_keys.secret_mac: is not hmac-sha256', "UPDATE api_keys SET secret_mac = convert_to('obsc', 'UTF8')"],
    ]
    for (const [, statement] of planted) stack.sql(statement)
    const { found } = findViolations(stack)
    assert.deepEqual(found, planted.map(([line]) => line).sort())
    const { found: gone } = findViolations(stack, { 'users.passphrase': 'nil' })
    assert.ok(gone.includes('users.passphrase: is not there'), 'a page that names what is not there')
    const leaked = [secret, world.user.authorization.slice(7), world.acme.key['x-api-key'],
        world.acme.key['x-api-key'].split('_').pop()]
    assert.deepEqual(inDump(dump(), knownSecrets()).sort(), leaked.sort())
}, 60_000)

hangUp()
process.exit(verdict())
