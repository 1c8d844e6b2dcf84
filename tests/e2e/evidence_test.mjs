// What the TypeScript client believes of a sealing key's evidence: AMD's own reports and certificates, each in its time;
// nothing of them that was changed; and, of an AMD of the tests' own and of auditors, the same as the C++ client, with
// the same name for every check that fails.
import { spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'

import { assert, check, verdict } from './support/checks.mjs'
import { program, root } from './support/processes.mjs'
import { importTypescript } from './support/typescript.mjs'

const client = await check('the client is sound TypeScript', () => importTypescript('clients/typescript/attest.ts'))
if (!client) process.exit(verdict())
const { appraiseReport, appraiseSealingKey, EvidenceError, statementText } = client

const folder = path.join(root, 'tests/vectors/snp')
const manifest = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8'))
function vector(id, name) {
    const bytes = readFileSync(path.join(folder, id, name))
    const { files } = manifest.vectors.find((set) => set.id === id)
    assert.equal(createHash('sha256').update(bytes).digest('hex'), files[name], `${id}/${name} is not what it was`)
    return bytes
}
const certificate = (id, name) => {
    const bytes = vector(id, name)
    return bytes.includes('-----BEGIN') ? bytes.toString().replaceAll(/-----.*?-----|\s/g, '') : bytes.toString('base64')
}
const report = (id, name = 'report.bin') => new Uint8Array(vector(id, name))
const measured = (raw) => Buffer.from(raw.subarray(0x90, 0xc0)).toString('hex')
const in2026 = Date.parse('2026-11-01T00:00:00Z')

/// "attested", or the check that failed. The policy asks for what the report says, so that each check stands alone.
async function appraised(raw, certificates, changes = {}, at = in2026, roots = undefined) {
    const policy = { measurements: [measured(raw)], minimumVersion: 2, requireRevocationList: false, ...changes }
    try {
        const { attested } = await appraiseReport(raw, certificates, changes.data ?? raw.slice(0x50, 0x90), policy, at, roots)
        return attested ? 'attested' : 'not attested'
    } catch (error) {
        if (!(error instanceof EvidenceError)) throw error
        return error.code
    }
}

const leaves = { tav_milan: 'vcek.pem', tav_genoa: 'vcek.pem', trustee_milan: 'vcek.der', virtee_milan: 'vcek.der' }
for (const [id, leaf] of Object.entries(leaves))
    await check(`AMD's own evidence convinces: ${id}`, async () =>
        assert.equal(await appraised(report(id), [certificate(id, leaf)]), 'attested'))

const milan = report('tav_milan')
const milanLeaf = certificate('tav_milan', 'vcek.pem')
await check('in its time and no other', async () => {
    const at = (text) => appraised(milan, [milanLeaf], {}, Date.parse(text))
    assert.equal(await at('2026-02-05T01:04:32Z'), 'certificate_time')
    assert.equal(await at('2026-02-05T01:04:33Z'), 'attested')
    assert.equal(await at('2033-02-05T01:04:34Z'), 'certificate_time')
})

await check('what AMD has signed and nobody should believe is refused', async () => {
    assert.equal(await appraised(report('gosev_milan_debug'), [certificate('gosev_milan_debug', 'vcek.der')]),
        'policy_debug')
    assert.equal(await appraised(report('trustee_milan_vlek'), [certificate('trustee_milan_vlek', 'vlek.der')], {},
        Date.parse('2025-06-01T00:00:00Z')), 'signing_key')
    for (const bad of ['test-vcek-invalid-legacy.der', 'test-vcek-invalid-new.der'])
        assert.equal(await appraised(report('trustee_milan'), [certificate('trustee_milan', bad)]), 'chain', bad)
    assert.equal(await appraised(report('nilcc_json', 'report_a.reconstructed.bin'), []), 'certificate_leaf')
    assert.equal(await appraised(milan, [certificate('tav_genoa', 'vcek.pem')]), 'product')
    assert.equal(await appraised(report('trustee_milan'), [certificate('virtee_milan', 'vcek.der')]), 'signature')
    assert.equal(await appraised(milan, [milanLeaf, certificate('tav_genoa', 'vcek.pem')]), 'certificate_leaf')
    assert.equal(await appraised(milan, [milanLeaf, milanLeaf]), 'attested', 'with the evidence and from the policy')
    assert.equal(await appraised(milan, [certificate('tav_milan', 'ask.pem')]), 'certificate_leaf')
    assert.equal(await appraised(milan, [milanLeaf], {}, in2026, { Milan: '00'.repeat(32) }), 'chain_root')
})

await check('the policy may ask for more than it has', async () => {
    const other = '00'.repeat(48)
    const cases = [
        [{ measurements: [other, measured(milan)] }, 'attested'], [{ measurements: [other] }, 'measurement'],
        [{ measurements: [] }, 'measurement'], [{ minimumVersion: 4 }, 'report_version'], [{ vmpl: 1 }, 'vmpl'],
        [{ allowSmt: false }, 'policy_smt'], [{ requireRevocationList: true }, 'crl_missing'],
        [{ data: new Uint8Array(64).fill(1) }, 'report_data'],
        [{ minimumTcb: { bootloader: 4, tee: 0, snp: 24, microcode: 219 } }, 'attested'],
        ...['bootloader', 'tee', 'snp', 'microcode', 'fmc'].map((part) => [{ minimumTcb: { [part]: 220 } }, 'minimum_tcb']),
        [{ minimumTcb: { nonsense: 1 } }, 'minimum_tcb'],
    ]
    for (const [changes, expected] of cases)
        assert.equal(await appraised(milan, [milanLeaf], changes), expected, JSON.stringify(changes))
})

for (const id of ['tav_milan', 'tav_genoa'])
    await check(`every byte of a report counts: ${id}`, async () => {
        const leaf = certificate(id, leaves[id])
        const checks = new Map()
        for (let at = 0; at < 1184; at += 1) {
            const raw = report(id)
            raw[at] ^= 1
            const failed = await appraised(raw, [leaf])
            assert.notEqual(failed, 'attested', `byte ${at}`)
            checks.set(failed, (checks.get(failed) ?? 0) + 1)
        }
        assert.ok(checks.get('must_be_zero') > 500 && checks.get('signature') > 500, JSON.stringify([...checks]))
        for (const size of [0, 1, 1183, 1185])
            assert.equal(await appraised(new Uint8Array(size), [leaf], { measurements: ['00'.repeat(48)] }), 'report_size')
    }, 300_000)

await check("every byte of a chip's certificate counts", async () => {
    const whole = Buffer.from(milanLeaf, 'base64')
    for (let at = 0; at < whole.length; at += 3) {
        const changed = Buffer.from(whole)
        changed[at] ^= 1
        assert.notEqual(await appraised(milan, [changed.toString('base64')]), 'attested', `byte ${at}`)
    }
    for (const size of [0, 1, 4, whole.length - 1])
        assert.equal(await appraised(milan, [whole.subarray(0, size).toString('base64')]), 'certificate_unreadable')
    assert.equal(await appraised(milan, [Buffer.concat([whole, Buffer.from([0])]).toString('base64')]),
        'certificate_unreadable')
}, 300_000)

// The same as C++

const made = await check('C++ has keys with evidence to ask about', () => {
    const done = spawnSync(program('sealing_evidence'), [], { encoding: 'utf8', timeout: 120_000, maxBuffer: 64 << 20 })
    assert.equal(done.status, 0, done.stderr)
    return JSON.parse(done.stdout)
}, 130_000)
if (!made) process.exit(verdict())

function policyOf({ allow_smt: allowSmt, allow_software: allowSoftware, least_snp: snp, crl }) {
    return { measurements: ['e0'.repeat(48)], minimumTcb: { bootloader: 4, tee: 1, snp }, allowSmt, allowSoftware,
        auditors: [made.auditor], ...(crl ? { revocationList: Buffer.from(crl, 'base64') } : {}) }
}
async function sealed(one, changes = {}) {
    try {
        const found = await appraiseSealingKey(
            one.key, { ...policyOf(one), ...changes }, Date.parse(one.now), { [one.product]: made.roots[one.product] })
        return found.attested ? 'attested' : 'software'
    } catch (error) {
        if (!(error instanceof EvidenceError)) throw error
        return error.code
    }
}
await check('both clients say the same of each key, and name the same check', async () => {
    const wrong = []
    for (const one of made.cases) {
        const said = await sealed(one)
        if (said !== one.verdict) wrong.push(`${one.name}: ${said}, not ${one.verdict}`)
    }
    assert.deepEqual(wrong, [])
    assert.ok(made.cases.filter(({ accepted }) => accepted).length >= 7)
    console.log(`   ${made.cases.length} keys, ${new Set(made.cases.map((one) => one.verdict)).size} verdicts`)
}, 60_000)

await check("no root but AMD's own is believed where none is injected", async () => {
    const one = made.cases.find(({ name }) => name === 'a good guest')
    await assert.rejects(appraiseSealingKey(one.key, policyOf(one), Date.parse(one.now)), { code: 'chain_root' })
})

await check('a policy that names nothing accepts nothing', async () => {
    for (const one of made.cases)
        await assert.rejects(appraiseSealingKey(one.key, {}, Date.parse(one.now), made.roots), undefined, one.name)
})

await check("an auditor's word that Node has signed is good, and every changed member of it is not", async () => {
    const one = structuredClone(made.cases.find(({ name }) => name === 'a pinned auditor'))
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const [statement] = one.key.evidence.statements
    statement.auditor = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex')
    statement.signature = sign(null, statementText(statement), privateKey).toString('hex')
    const pinned = { auditors: [statement.auditor] }
    assert.equal(await sealed(one, pinned), 'attested')
    assert.equal(await sealed(one, { ...pinned, environment: 'staging' }), 'statement_environment')
    assert.equal(await sealed(one, { auditors: [] }), 'auditor')
    for (const [name, value] of Object.entries(statement)) {
        const changed = structuredClone(one)
        const [inside] = changed.key.evidence.statements
        inside[name] = typeof value === 'string' && !name.endsWith('_at') && name !== 'format'
            ? (value[0] === 'a' ? 'b' : 'a') + value.slice(1) : name.endsWith('_at') ? '2027-01-01T00:00:00Z' : 'nilcc2'
        const code = await sealed(changed, pinned)
        assert.ok(['statement_signature', 'statement_unreadable', 'auditor'].includes(code), `${name}: ${code}`)
        delete inside[name]
        assert.ok(['statement_unreadable', 'auditor'].includes(await sealed(changed, pinned)), `without ${name}`)
    }
})

process.exit(verdict())
