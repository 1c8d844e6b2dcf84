// Whether a key may be sealed to: by a report of AMD's hardware that was made for it, by the statement of an auditor
// whom you have pinned, or because you have asked by name for no more than software. Nothing that whoever hands the key
// out says of it is believed. The checks, their order and their names are those of src/attest.
import { certificateFromBase64, buildChain, checkRevocation } from './certificates.ts'
import type { LeafFacts, Roots } from './certificates.ts'
import { areEqual, EvidenceError, fromBase64, fromHex, toHex } from './der.ts'
import type { Bytes } from './der.ts'
import { checkSignature, productOf, readReport, tcbOf } from './report.ts'
import type { Report, Tcb } from './report.ts'

export { EvidenceError } from './der.ts'

/** What an auditor says of a key (docs/sealing.md §1). */
export interface Statement {
    v: number
    auditor: string
    key_id: string
    public_key: string
    expires_at: string
    environment: string
    format: string
    measurement: string
    certificate_sha256: string
    report_sha256: string
    audited_at: string
    signature: string
}
export interface Evidence {
    format: string
    attested: boolean
    binding: string
    report?: string
    certificates?: string[]
    statements?: Statement[]
}
export interface ShownKey { key_id: string; public_key: string; expires_at: string; evidence: Evidence }

/** What you ask before anything is sealed. Without anything here nothing is sealed at all. */
export interface SealingPolicy {
    /** Launch measurements that are citadel, hex: of a native guest one must be named. */
    measurements?: string[]
    /** Least patch levels of its host. */
    minimumTcb?: Tcb
    /** Exactly; 0 unless given. */
    vmpl?: number
    /** Other threads may share the cores of its guest: true unless given. */
    allowSmt?: boolean
    /** 3 unless given: version 2 does not tell the product. */
    minimumVersion?: number
    /** AMD's list of the product, DER. Without a current one a report is refused, unless the next says otherwise. */
    revocationList?: Uint8Array
    requireRevocationList?: boolean
    /** The chip's certificate, DER in base64, where the evidence brings none. */
    certificates?: string[]
    /** Ed25519 public keys (hex) of those whose word is taken for a citadel on nilCC. */
    auditors?: string[]
    /** The deployment that an auditor must speak of: "production" unless given. */
    environment?: string
    /** Take a key that nothing but the connection to the gateway speaks for, where its evidence says so: for paper. */
    allowSoftware?: boolean
}
export interface Verdict { attested: boolean; summary: string }

const refuse = (code: string, message: string): never => { throw new EvidenceError(code, message) }
const utf8 = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text))
const base64url = (bytes: Uint8Array): string =>
    btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/** A label, and each part with its length before it (4 bytes, the highest first). */
export function labelled(label: string, parts: Uint8Array[]): Bytes {
    const label8 = utf8(label)
    const out = new Uint8Array(parts.reduce((size, part) => size + 4 + part.length, label8.length))
    out.set(label8)
    let at = label8.length
    for (const part of parts) {
        new DataView(out.buffer).setUint32(at, part.length)
        out.set(part, at + 4)
        at += 4 + part.length
    }
    return out
}

/** What a report says that was made for this key and its end. */
export async function reportDataOf(publicKey: Bytes, expiresAt: number): Promise<Bytes> {
    const end = new Uint8Array(8)
    new DataView(end.buffer).setBigUint64(0, BigInt(expiresAt))
    const message = labelled('obscura/citadel-sealing-key/v1', [publicKey, end])
    return new Uint8Array(await crypto.subtle.digest('SHA-512', message))
}

function checkForm(report: Report, policy: SealingPolicy): void {
    const least = policy.minimumVersion ?? 3
    if (report.version < least) refuse('report_version', `Version ${report.version} is below ${least}.`)
    if (report.key !== 'vcek') refuse('signing_key', "The report is not signed by a chip's own key.")
    if (report.isChipMasked) refuse('signing_key', "The chip's key is masked.")
}

/** The report and the certificate speak of one product, chip and level of patches. */
function checkAgreement(report: Report, facts: LeafFacts): void {
    if (!areEqual(report.reportedTcb, facts.tcb)) refuse('tcb', 'The certificate is for another level of patches.')
    const size = facts.chipId.length
    if (!areEqual(report.chipId.subarray(0, size), facts.chipId) || report.chipId.subarray(size).some((byte) => byte))
        refuse('chip_id', 'The report is of another chip than its certificate.')
}

function checkGuest(report: Report, policy: SealingPolicy): void {
    const has = (bit: number): boolean => ((report.policy >> BigInt(bit)) & 1n) === 1n
    if (has(19)) refuse('policy_debug', "The host may read this guest's memory (DEBUG).")
    if (has(18)) refuse('policy_migration', 'The guest may be handed to a migration agent.')
    if (!has(17)) refuse('policy_reserved', "Bit 17 of the guest's policy must be one.")
    if (report.policy >> 26n !== 0n) refuse('policy_reserved', "The guest's policy has bits that are not known here.")
    if (policy.allowSmt === false && (has(16) || report.isSmtOn))
        refuse('policy_smt', "Other threads may share the guest's cores (SMT).")
    if (report.vmpl !== (policy.vmpl ?? 0)) refuse('vmpl', `The report was asked for at VMPL ${report.vmpl}.`)
}

function checkLevels(report: Report, { product }: LeafFacts, policy: SealingPolicy): void {
    for (const [name, bytes] of Object.entries(
        { reported: report.reportedTcb, launch: report.launchTcb, committed: report.committedTcb })) {
        const have = tcbOf(bytes, product)
        for (const [part, least] of Object.entries(policy.minimumTcb ?? {}))
            if (!(have[part as keyof Tcb] >= least)) refuse('minimum_tcb', `The ${name} TCB is below the minimum.`)
    }
}

/** A report with what signed it, by a policy, for `reportData`. `roots` are for tests. */
export async function appraiseReport(raw: Bytes, certificates: string[], reportData: Bytes, policy: SealingPolicy,
    at: number, roots?: Roots): Promise<Verdict> {
    if (!policy.measurements?.length)
        refuse('measurement', "The policy names no measurement: some guest on AMD's hardware is not citadel.")
    const report = readReport(raw)
    checkForm(report, policy)
    const given = [...certificates, ...policy.certificates ?? []].map(certificateFromBase64)
    const chain = await buildChain(given, at, roots)
    if (policy.revocationList) await checkRevocation(chain, new Uint8Array(policy.revocationList), at)
    else if (policy.requireRevocationList !== false)
        refuse('crl_missing', "The policy wants AMD's revocation list, and there is none.")
    const told = productOf(report)
    // Version 2 tells no product; chip and signature bind it to its certificate all the same.
    if (told && told !== chain.facts.product) refuse('product', `A report of ${told} with another's certificate.`)
    await checkSignature(report, chain.leaf)
    checkAgreement(report, chain.facts)
    checkGuest(report, policy)
    checkLevels(report, chain.facts, policy)
    if (!policy.measurements!.includes(toHex(report.measurement)))
        refuse('measurement', "The guest's measurement is none of those allowed.")
    if (!areEqual(report.reportData, reportData)) refuse('report_data', 'The report was made for something else.')
    return { attested: true, summary: `attested by AMD SEV-SNP (${chain.facts.product}), as the policy asks` +
        (policy.revocationList ? '' : '; revocation was not asked') }
}

// Auditors

const statementForm: Record<Exclude<keyof Statement, 'v' | 'expires_at' | 'audited_at'>, RegExp> = {
    auditor: /^[0-9a-f]{64}$/, key_id: /^[A-Za-z0-9_-]{43}$/, public_key: /^[A-Za-z0-9_-]{43}$/,
    environment: /^[a-z0-9-]{1,32}$/, format: /^(nilcc|sev-snp)$/, measurement: /^[0-9a-f]{96}$/,
    certificate_sha256: /^[0-9a-f]{64}$/, report_sha256: /^[0-9a-f]{64}$/, signature: /^[0-9a-f]{128}$/,
}
const timesOf = (statement: Statement): [number, number] =>
    [Date.parse(statement.expires_at), Date.parse(statement.audited_at)]

function checkStatementForm(statement: Statement): void {
    const isGood = statement.v === 1 && timesOf(statement).every(Number.isFinite) &&
        Object.entries(statementForm).every(([name, form]) => {
            const text: unknown = statement[name as keyof Statement]
            return typeof text === 'string' && form.test(text)
        })
    if (!isGood) refuse('statement_unreadable', "The auditor's statement is not of the form that it should have.")
}

/** What an auditor signs. */
export function statementText(statement: Statement): Bytes {
    const [expiresAt, auditedAt] = timesOf(statement)
    return labelled('obscura/sealing-statement/v1', [statement.auditor, statement.key_id, statement.public_key,
        String(expiresAt), statement.environment, statement.format, statement.measurement, statement.certificate_sha256,
        statement.report_sha256, String(auditedAt)].map(utf8))
}

async function checkStatement(statement: Statement, key: ShownKey, policy: SealingPolicy, at: number): Promise<void> {
    checkStatementForm(statement)
    const auditor = await crypto.subtle.importKey('raw', fromHex(statement.auditor), 'Ed25519', false, ['verify'])
    if (!await crypto.subtle.verify('Ed25519', auditor, fromHex(statement.signature), statementText(statement)))
        refuse('statement_signature', 'The statement is not signed by its auditor.')
    if (statement.public_key !== key.public_key || statement.key_id !== key.key_id)
        refuse('statement_key', "The auditor's statement is of another key.")
    const [expiresAt, auditedAt] = timesOf(statement)
    // Whoever hands the key out could lengthen its life otherwise.
    if (expiresAt !== Date.parse(key.expires_at)) refuse('statement_key', "The statement is of a key with another end.")
    if (expiresAt <= at || auditedAt > at + 5 * 60_000) refuse('statement_expired', 'The statement is not of now.')
    const environment = policy.environment ?? 'production'
    if (statement.environment !== environment)
        refuse('statement_environment', `The auditor speaks of "${statement.environment}", not of "${environment}".`)
    if (statement.format !== key.evidence.format)
        refuse('statement_format', 'The auditor has seen evidence of another kind.')
    if (policy.measurements?.length && !policy.measurements.includes(statement.measurement))
        refuse('measurement', 'The measurement that the auditor saw is none of those allowed.')
}

/** The first statement of a pinned auditor that holds; else what is wrong with the last. */
async function appraiseStatements(key: ShownKey, policy: SealingPolicy, at: number): Promise<Verdict> {
    let wrong = new EvidenceError('auditor', "nilCC's evidence cannot speak of a key that was made later, and no " +
        'auditor that is pinned here speaks for this one.')
    for (const statement of key.evidence.statements ?? []) {
        if (!policy.auditors?.includes(statement.auditor)) continue
        try {
            await checkStatement(statement, key, policy, at)
            return { attested: true, summary: `vouched for by the auditor ${statement.auditor.slice(0, 16)}, who has ` +
                "appraised AMD SEV-SNP's report on nilCC" }
        } catch (error) {
            if (!(error instanceof EvidenceError)) throw error
            wrong = error
        }
    }
    throw wrong
}

/**
 * Whether a credential may be sealed to this key; throws an EvidenceError whose code names the check that failed.
 * Hardware is never taken for software: evidence that claims it meets the policy or is refused. `roots` are for tests.
 */
export async function appraiseSealingKey(
    key: ShownKey, policy: SealingPolicy, at: number = Date.now(), roots?: Roots): Promise<Verdict> {
    const publicKey = fromBase64(`${key.public_key.replaceAll('-', '+').replaceAll('_', '/')}=`)
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', publicKey))
    if (publicKey.length !== 32 || base64url(digest) !== key.key_id)
        refuse('sealing_key_invalid', "The key's id is not the digest of the key.")
    const expiresAt = Date.parse(key.expires_at)
    // Also refuses an end that is no date.
    if (!(expiresAt > at)) refuse('sealing_key_expired', 'The sealing key has expired: ask for a new one.')
    const { format, report, certificates } = key.evidence
    switch (format) {
        case 'sev-snp':
            return appraiseReport(fromBase64(report ?? ''), certificates ?? [],
                await reportDataOf(publicKey, expiresAt), policy, at, roots)
        case 'nilcc':
            return appraiseStatements(key, policy, at)
        case 'software':
            if (policy.allowSoftware) return { attested: false, summary: 'software evidence, not attested: nothing but ' +
                'the connection that the key came by says whose it is' }
            return refuse('software', "The key's evidence is software: nothing but the connection that it came by says " +
                'whose it is. Whoever wants that says allowSoftware: true.')
        default:
            return refuse('evidence_format', `Evidence of a kind that is not known here: ${format}.`)
    }
}
