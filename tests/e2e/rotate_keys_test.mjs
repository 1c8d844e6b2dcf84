// Master keys rotate by settings alone, as where citadel and PostgreSQL are elsewhere: `obscura admin rotate-keys --config`
// over citadel's TLS with the key of its caller `rotation`. It is cut and goes on; who is not what the policy asks for
// is asked for nothing.
import { spawn } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { assert, check, eventually, verdict } from './support/checks.mjs'
import { hangUp, send } from './support/http.mjs'
import { obscura, program } from './support/processes.mjs'
import { startStack } from './support/stack.mjs'
import { makeWorld } from './support/world.mjs'

const stack = startStack('rotate-keys')
await makeWorld(stack)

const file = path.join(stack.state, 'rotation.toml')
const software = 'evidence = "software"'
const tls = (name) => path.join(stack.state, 'tls', name)
const certificate = `certificate = "${tls('operator.pem')}"\nkey = "${tls('operator.key')}"`
/// The settings; `evidence` are lines of [citadel], `ours` and `authority` of [tls].
function settings(evidence, { ours = certificate, authority = tls('ca.pem') } = {}) {
    const database = new URL(stack.url('postgres'))
    writeFileSync(file, `
[tls]
authority = "${authority}"
${ours}
[citadel]
url = "${stack.url('citadel').replace('http:', 'https:')}"
key = "file:${path.join(stack.state, 'secrets/internal-rotation@citadel')}"
${evidence}
[database]
url = "postgresql://obscura_engine:${stack.secret('postgres-engine')}@127.0.0.1:${database.port}${database.pathname}"
`, { mode: 0o600 })
}
const command = ['admin', 'rotate-keys', '--config', file]
const refused = (status, text, args = command) =>
    assert.throws(() => obscura(args), ({ message }) => message.includes(`: ${status} `) && message.includes(text) ||
        assert.fail(message))
const connectionsUnder = (version) => stack.sql(`SELECT id FROM exchange_connections c WHERE (SELECT bool_and(
    starts_with(f.value, 'nil:v${version}:')) FROM jsonb_each_text(c.credentials) f) ORDER BY id`).flat()
const rewrapped = async () => (await send(stack.url('citadel'), 'GET', '/metrics')).text.split('\n')
    .filter((line) => line.startsWith('obscura_citadel_items_total{route="rewrap_bulk"}')).join()

await check('citadel has a second master key', async () => {
    const pid = () => stack.status().processes.find(({ name }) => name === 'citadel').pid
    const before = pid()
    appendFileSync(path.join(stack.state, 'config/citadel.env'), `OBSCURA_CITADEL_MASTER_KEY_V2=${'5c'.repeat(32)}\n`)
    process.kill(before, 'SIGKILL')
    await eventually(async () => pid() !== before &&
        (await send(stack.url('citadel'), 'GET', '/health').catch(() => undefined))?.status === 200, 'citadel is back', 30_000)
}, 40_000)
const all = connectionsUnder(1)

await check('a folder and settings together are refused, and so are settings that are not whole', async () => {
    settings(software)
    refused(2, 'give one of them', [...command, '--state', stack.state])
    refused(1, 'no such file', ['admin', 'rotate-keys', '--config', `${file}.none`])
    writeFileSync(file, '[citadel]\nurl = "http://citadel.example:8004"\nkeys = "x"\n')
    for (const complaint of ['citadel.key: must be given', 'database.url: must be given', 'https://citadel:8004', 'citadel.keys'])
        refused(2, complaint)
})

await check('a citadel that only says software is asked for nothing, unless the settings name that', async () => {
    const before = await rewrapped()
    assert.ok(before.endsWith(' 0'), before)
    settings(`measurements = ["${'0'.repeat(96)}"]`)
    refused(1, 'has not shown what this deployment asks of it')
    settings('')
    refused(1, 'citadel.measurements names nothing')
    assert.equal(await rewrapped(), before)
    assert.deepEqual(connectionsUnder(1), all)
})

await check('nor is one that our authority does not vouch for', async () => {
    settings(software, { authority: tls('conductor.pem') })
    refused(1, 'certificate verify failed')
    settings(software, { ours: '' })
    refused(1, 'tls.certificate, tls.key and tls.authority go together')
    assert.deepEqual(connectionsUnder(1), all)
})

await check('a rotation that is killed leaves each record whole', async () => {
    const last = all.at(-1)
    assert.ok(all.length > 1, `${all.length} connections`)
    // It comes as far as the last one, and waits there.
    stack.sql(`CREATE FUNCTION wait_here() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(8); RETURN NEW; END $$;
        CREATE TRIGGER wait_here BEFORE UPDATE ON exchange_connections FOR EACH ROW
        WHEN (OLD.id = '${last}') EXECUTE FUNCTION wait_here()`)
    settings(software)
    const rotation = spawn(program('obscura'), command, { env: { PATH: process.env.PATH }, stdio: 'ignore' })
    const ended = new Promise((resolve) => rotation.once('close', (code, signal) => resolve(signal ?? code)))
    const waits = "FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND usename = 'obscura_engine'"
    await eventually(() => stack.sql(`SELECT pid ${waits}`).length === 1, 'it waits', 30_000)
    rotation.kill('SIGKILL')
    assert.equal(await ended, 'SIGKILL')
    stack.sql(`SELECT pg_terminate_backend(pid) ${waits}`)
    stack.sql('DROP TRIGGER wait_here ON exchange_connections; DROP FUNCTION wait_here')
    assert.deepEqual(connectionsUnder(2), all.slice(0, -1))
    assert.deepEqual(connectionsUnder(1), [last])
}, 60_000)

await check('and goes on where it was, to the end', async () => {
    assert.match(obscura(command), /^ {2}0 of 1 connections[^]*everything is sealed under version 2/)
    assert.deepEqual(connectionsUnder(2), all)
    assert.deepEqual(stack.sql('SELECT DISTINCT left(sealed_key, 7) FROM held_keys'), [['nil:v2:']])
})

hangUp()
process.exit(verdict())
