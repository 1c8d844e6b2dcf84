// DER (X.690) as certificates and revocation lists of AMD's need it: definite lengths in their shortest form, tags of
// one byte, nothing behind the end. What is not that is refused, never guessed at.

export type Bytes = Uint8Array<ArrayBuffer>

/** A check of evidence that failed; `code` names it, as `obscura verify attestation` does. */
export class EvidenceError extends Error {
    constructor(readonly code: string, message: string) {
        super(message)
        this.name = 'EvidenceError'
    }
}

export const tags = {
    boolean: 0x01, integer: 0x02, bitString: 0x03, octetString: 0x04, objectId: 0x06, ia5: 0x16, utcTime: 0x17,
    generalizedTime: 0x18, sequence: 0x30, set: 0x31, context0: 0xa0, context3: 0xa3,
} as const

export interface Node {
    tag: number
    content: Bytes
    /** With tag and length: what is signed, and what is compared. */
    whole: Bytes
}

function malformed(why: string): never {
    throw new EvidenceError('certificate_unreadable', `Not DER: ${why}.`)
}

function nodeAt(bytes: Bytes, at: number): Node {
    const tag = bytes[at]
    const first = bytes[at + 1]
    if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) malformed('no tag of one byte')
    let length = first
    let start = at + 2
    if (first >= 0x80) {
        const digits = first & 0x7f
        if (digits < 1 || digits > 3 || start + digits > bytes.length) malformed('no length')
        length = 0
        for (const byte of bytes.subarray(start, start + digits)) length = length * 256 + byte
        start += digits
        if (length < 0x80 || length < 256 ** (digits - 1)) malformed('a length that is not the shortest')
    }
    if (start + length > bytes.length) malformed('an end beyond the end')
    return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) }
}

/** All that stands in `bytes`, one behind the other. */
export function nodesIn(bytes: Bytes): Node[] {
    const out: Node[] = []
    for (let at = 0; at < bytes.length;) {
        const node = nodeAt(bytes, at)
        out.push(node)
        at += node.whole.length
    }
    return out
}

/** The one node that `bytes` are. */
export function nodeOf(bytes: Bytes, tag: number): Node {
    const all = nodesIn(bytes)
    if (all.length !== 1 || all[0]!.tag !== tag) malformed(`must be one element of tag ${tag}`)
    return all[0]!
}

/** Takes elements off a sequence in their order. */
export class Sequence {
    private readonly nodes: Node[]
    private at = 0

    constructor(node: Node) {
        if (node.tag !== tags.sequence) malformed('must be a sequence')
        this.nodes = nodesIn(node.content)
    }
    /** The next one, which must have this tag. */
    take(tag: number): Node {
        const node = this.nodes[this.at]
        if (node?.tag !== tag) malformed(`must have tag ${tag}`)
        this.at += 1
        return node
    }
    /** The next one if it has one of these tags. */
    takeIf(...wanted: number[]): Node | undefined {
        const node = this.nodes[this.at]
        if (!node || !wanted.includes(node.tag)) return undefined
        this.at += 1
        return node
    }
    rest(): Node[] {
        const out = this.nodes.slice(this.at)
        this.at = this.nodes.length
        return out
    }
    end(): void {
        if (this.at !== this.nodes.length) malformed('more than there should be')
    }
}

/** Of whole bytes. */
export function bitString(node: Node): Bytes {
    if (node.tag !== tags.bitString || node.content[0] !== 0) malformed('must be a bit string of whole bytes')
    return node.content.subarray(1)
}

/** UTCTime or GeneralizedTime in the one form that RFC 5280 allows, in milliseconds. */
export function timeOf(node: Node): number {
    const text = String.fromCharCode(...node.content)
    const digits = node.tag === tags.utcTime ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
        : node.tag === tags.generalizedTime ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : undefined
    const parts = digits?.exec(text)?.slice(1).map(Number)
    if (!parts) malformed('must be a time')
    const [given, month, day, hour, minute, second] = parts as [number, number, number, number, number, number]
    const year = node.tag === tags.utcTime ? given + (given < 50 ? 2000 : 1900) : given
    const at = Date.UTC(year, month - 1, day, hour, minute, second)
    const read = new Date(at)
    if (read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
        malformed('must be a time that there is')
    return at
}

/** "1.3.6.1" as its content octets, in hex: what identifiers are compared by. */
export function objectId(dotted: string): string {
    const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
    const bytes: number[] = []
    for (const number of [first * 40 + second, ...rest]) {
        const groups = [number & 0x7f]
        for (let left = number >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80)
        bytes.push(...groups)
    }
    return toHex(Uint8Array.from(bytes))
}

export const toHex = (bytes: Uint8Array): string =>
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

export function fromHex(text: string): Bytes {
    if (!/^([0-9a-f]{2})*$/.test(text)) throw new EvidenceError('not_hex', 'Must be hex digits in lower case.')
    return Uint8Array.from(text.match(/../g) ?? [], (digits) => parseInt(digits, 16))
}

export function fromBase64(text: string): Bytes {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0)
        throw new EvidenceError('not_base64', 'Must be base64.')
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

export const areEqual = (a: Uint8Array, b: Uint8Array): boolean =>
    a.length === b.length && a.every((byte, i) => byte === b[i])
