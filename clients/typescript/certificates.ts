// AMD's certificates: from a chip's (VCEK) over the authority of its product (ASK) to the root that is pinned (ARK), what
// the chip's says of its patch levels, and AMD's revocation list. X.509 as far as AMD uses it; what it does not use is
// refused. A cloud's certificate (VLEK) is none that this client takes.
import { amdCertificates, amdRoots } from './amd.ts'
import { areEqual, bitString, EvidenceError, fromBase64, nodeOf, nodesIn, objectId, Sequence, tags, timeOf, toHex }
    from './der.ts'
import type { Bytes, Node } from './der.ts'

export type Product = 'Milan' | 'Genoa' | 'Turin'

interface Extension { value: Bytes; isCritical: boolean }
export interface Certificate {
    der: Bytes
    signed: Bytes
    algorithm: Bytes
    signature: Bytes
    serial: Bytes
    issuer: Bytes
    subject: Bytes
    commonName: string
    from: number
    to: number
    publicKey: Bytes
    /** By identifier, in hex. */
    extensions: Map<string, Extension[]>
}
/** What a chip's certificate says of it. */
export interface LeafFacts {
    product: Product
    /** As a report has it: 8 bytes. */
    tcb: Bytes
    chipId: Bytes
}
export interface Chain { leaf: Certificate; facts: LeafFacts; authority: Certificate; root: Certificate }
/** SHA-256 of a product's root, in hex; others than AMD's are for tests. */
export type Roots = Partial<Record<Product, string>>

const refuse = (code: string, message: string): never => { throw new EvidenceError(code, message) }

// RSASSA-PSS with SHA-384, MGF1 of the same, a salt of 48 bytes; AMD writes the trailer that is the default, too.
const pss = ['304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d0609608648' +
    '0165030402020500a203020130', '304606092a864886f70d01010a3039a00f300d06096086480165030402020500a11c301a06092a8648' +
    '86f70d010108300d06096086480165030402020500a203020130a303020101']
const commonName = objectId('2.5.4.3')
const basicConstraints = objectId('2.5.29.19')
const understood = [basicConstraints, objectId('2.5.29.15')]
const amd = (number: string): string => objectId(`1.3.6.1.4.1.3704.1.${number}`)

function nameIn(subject: Node): string {
    for (const part of nodesIn(subject.content))
        for (const pair of nodesIn(part.content)) {
            const fields = new Sequence(pair)
            if (toHex(fields.take(tags.objectId).content) === commonName)
                return String.fromCharCode(...(fields.rest()[0]?.content ?? []))
        }
    return ''
}

function extensionsIn(holder: Node | undefined): Map<string, Extension[]> {
    const out = new Map<string, Extension[]>()
    if (!holder) return out
    for (const node of nodesIn(nodeOf(holder.content, tags.sequence).content)) {
        const fields = new Sequence(node)
        const id = toHex(fields.take(tags.objectId).content)
        const critical = fields.takeIf(tags.boolean)
        const value = fields.take(tags.octetString).content
        fields.end()
        out.set(id, [...(out.get(id) ?? []), { value, isCritical: critical?.content[0] === 0xff }])
    }
    return out
}

export function readCertificate(der: Bytes): Certificate {
    const outer = new Sequence(nodeOf(der, tags.sequence))
    const signed = outer.take(tags.sequence)
    const algorithm = outer.take(tags.sequence).whole
    const signature = bitString(outer.take(tags.bitString))
    outer.end()
    const inner = new Sequence(signed)
    const version = nodeOf(inner.take(tags.context0).content, tags.integer)
    if (!areEqual(version.content, Uint8Array.of(2))) refuse('certificate_unreadable', 'Not X.509 version 3.')
    const serial = inner.take(tags.integer).content
    if (!areEqual(inner.take(tags.sequence).whole, algorithm))
        refuse('certificate_unreadable', 'The certificate names two algorithms.')
    const issuer = inner.take(tags.sequence).whole
    const validity = new Sequence(inner.take(tags.sequence))
    const [from, to] = validity.rest()
    if (!from || !to) return refuse('certificate_unreadable', 'The certificate has no validity.')
    const subject = inner.take(tags.sequence)
    const publicKey = inner.take(tags.sequence).whole
    const extensions = extensionsIn(inner.takeIf(tags.context3))
    inner.end()
    return { der, signed: signed.whole, algorithm, signature, serial, issuer, subject: subject.whole,
        commonName: nameIn(subject), from: timeOf(from), to: timeOf(to), publicKey, extensions }
}

export function certificateFromBase64(text: string): Certificate {
    return readCertificate(fromBase64(text))
}

/** Whether `issuer`, of an RSA key of 4096 bits or more, has signed these bytes. */
async function isSigned(signed: Bytes, algorithm: Bytes, signature: Bytes, issuer: Certificate): Promise<boolean> {
    if (!pss.includes(toHex(algorithm))) return false
    try {
        const key = await crypto.subtle.importKey(
            'spki', issuer.publicKey, { name: 'RSA-PSS', hash: 'SHA-384' }, false, ['verify'])
        if ((key.algorithm as RsaHashedKeyAlgorithm).modulusLength < 4096) return false
        return await crypto.subtle.verify({ name: 'RSA-PSS', saltLength: 48 }, key, signature, signed)
    } catch {
        return false // no RSA key
    }
}
const isIssuedBy = (certificate: Certificate, issuer: Certificate): Promise<boolean> =>
    isSigned(certificate.signed, certificate.algorithm, certificate.signature, issuer)

function isAuthority(certificate: Certificate): boolean {
    const found = certificate.extensions.get(basicConstraints) ?? []
    if (found.length !== 1) return false
    const [flag] = nodesIn(nodeOf(found[0]!.value, tags.sequence).content)
    return flag?.tag === tags.boolean && flag.content[0] === 0xff
}

/** An extension that is there once; a missing one is refused, never skipped. */
function extension(leaf: Certificate, number: string): Bytes {
    const found = leaf.extensions.get(amd(number)) ?? []
    if (found.length !== 1) refuse('certificate_extension', `Extension ${number} of AMD's is not there once.`)
    return found[0]!.value
}

function level(leaf: Certificate, number: string): number {
    const nodes = nodesIn(extension(leaf, number))
    const { tag, content } = nodes[0] ?? {}
    const value = content?.length === 1 ? content[0]! : content?.length === 2 && content[0] === 0 ? content[1]! : 256
    const isShortest = content?.length === 1 ? value < 0x80 : value >= 0x80
    if (nodes.length !== 1 || tag !== tags.integer || value > 255 || !isShortest)
        refuse('certificate_extension', `Extension ${number} is no number of 0 to 255.`)
    return value
}

// Where each level stands in a report's TCB.
const levels = ['3.1', '3.2', '3.4', '3.5', '3.6', '3.7', '3.3', '3.8']
const turinLevels = ['3.9', '3.1', '3.2', '3.3', '3.5', '3.6', '3.7', '3.8']

function chipId(leaf: Certificate, size: number): Bytes {
    let bytes = extension(leaf, '4')
    // Raw, or in an octet string: the length tells which, never the first byte, which is the chip's own.
    if (bytes.length === size + 2) bytes = nodeOf(bytes, tags.octetString).content
    if (bytes.length !== size) refuse('certificate_extension', "Extension 4 is no chip's id of this product.")
    return bytes
}

export function leafFacts(leaf: Certificate): LeafFacts {
    void level(leaf, '1')
    const named = String.fromCharCode(...nodeOf(extension(leaf, '2'), tags.ia5).content)
    const product = (['Milan', 'Genoa', 'Turin'] as const).find((known) => named === known || named.startsWith(`${known}-`))
        ?? refuse('certificate_extension', 'The certificate is of a product that is not known here.')
    const places = product === 'Turin' ? turinLevels : levels
    return { product, tcb: Uint8Array.from(places, (number) => level(leaf, number)),
        chipId: chipId(leaf, product === 'Turin' ? 8 : 64) }
}

async function issuerOf(certificate: Certificate, name: string, given: Certificate[]): Promise<Certificate> {
    let seen = false
    for (const candidate of [...given, ...amdCertificates().map(certificateFromBase64)]) {
        if (candidate.commonName !== name || !areEqual(candidate.subject, certificate.issuer)) continue
        seen = true
        if (await isIssuedBy(certificate, candidate)) return candidate
    }
    return refuse('chain', seen ? `The signature of ${certificate.commonName} is not ${name}'s.`
        : `${certificate.commonName} was not issued by ${name}.`)
}

function checkCertificate(certificate: Certificate, at: number): void {
    for (const [id, found] of certificate.extensions)
        if (found.some(({ isCritical }) => isCritical) && !understood.includes(id))
            refuse('chain', `${certificate.commonName} has an extension that is not understood.`)
    if (at < certificate.from || at > certificate.to)
        refuse('certificate_time', `${certificate.commonName} is not valid at ${new Date(at).toISOString()}.`)
}

/** Finds the chain of the one chip in `given`; AMD's own certificates are at hand where it brings none. */
export async function buildChain(given: Certificate[], at: number, roots: Roots = amdRoots): Promise<Chain> {
    const leaves = given.filter(({ commonName: name }) => name === 'SEV-VCEK' || name === 'SEV-VLEK')
    const [leaf] = leaves
    // The same may come twice: with the evidence, and from the policy.
    if (!leaf || leaves.some(({ der }) => !areEqual(der, leaf.der)))
        return refuse('certificate_leaf', "Not one certificate of a chip's (VCEK).")
    if (leaf.commonName !== 'SEV-VCEK') refuse('certificate_leaf', "A cloud's certificate (VLEK) is not taken.")
    if (isAuthority(leaf)) refuse('certificate_leaf', 'The certificate calls itself an authority.')
    const facts = leafFacts(leaf)
    const authority = await issuerOf(leaf, `SEV-${facts.product}`, given)
    const root = await issuerOf(authority, `ARK-${facts.product}`, given)
    if (!await isIssuedBy(root, root)) refuse('chain', 'The root does not sign itself.')
    const digest = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', root.der)))
    if (roots[facts.product] !== digest) refuse('chain_root', `ARK-${facts.product} is not the root that is pinned.`)
    for (const certificate of [root, authority])
        if (!isAuthority(certificate)) refuse('chain', `${certificate.commonName} is no authority.`)
    for (const certificate of [root, authority, leaf]) checkCertificate(certificate, at)
    return { leaf, facts, authority, root }
}

/** That nothing of the chain is revoked, by a list (DER) that its root signed and that is current. */
export async function checkRevocation(chain: Chain, list: Bytes, at: number): Promise<void> {
    const outer = new Sequence(nodeOf(list, tags.sequence))
    const signed = outer.take(tags.sequence)
    const algorithm = outer.take(tags.sequence).whole
    const signature = bitString(outer.take(tags.bitString))
    outer.end()
    const inner = new Sequence(signed)
    inner.takeIf(tags.integer)
    if (!areEqual(inner.take(tags.sequence).whole, algorithm)) refuse('crl', 'The list names two algorithms.')
    const issuer = inner.take(tags.sequence).whole
    if (!areEqual(issuer, chain.root.subject) || !await isSigned(signed.whole, algorithm, signature, chain.root))
        refuse('crl', `The revocation list is not signed by ${chain.root.commonName}.`)
    const from = inner.takeIf(tags.utcTime, tags.generalizedTime)
    const to = inner.takeIf(tags.utcTime, tags.generalizedTime)
    if (!from || !to || at < timeOf(from) || at > timeOf(to)) refuse('crl', 'The revocation list is not current.')
    for (const entry of nodesIn(inner.takeIf(tags.sequence)?.content ?? new Uint8Array())) {
        const serial = new Sequence(entry).take(tags.integer).content
        for (const certificate of [chain.root, chain.authority])
            if (areEqual(serial, certificate.serial))
                refuse('certificate_revoked', `${certificate.commonName} has been revoked.`)
    }
}
