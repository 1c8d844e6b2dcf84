// A report of AMD SEV-SNP (AMD 56860, "ATTESTATION_REPORT", versions 2 to 5): 1,184 bytes to fields, and whether a
// chip's key has signed them.
import { EvidenceError, toHex } from './der.ts'
import type { Bytes } from './der.ts'
import type { Certificate, Product } from './certificates.ts'

export const reportSize = 1184
const signedSize = 0x2a0

export interface Report {
    raw: Bytes
    version: number
    policy: bigint
    vmpl: number
    isSmtOn: boolean
    key: 'vcek' | 'vlek' | 'none'
    isChipMasked: boolean
    reportData: Bytes
    measurement: Bytes
    reportedTcb: Bytes
    committedTcb: Bytes
    launchTcb: Bytes
    cpu?: { family: number; model: number }
    chipId: Bytes
}
/** Patch levels by name; `fmc` is Turin's alone. */
export interface Tcb { fmc?: number; bootloader?: number; tee?: number; snp?: number; microcode?: number }

const refuse = (code: string, message: string): never => { throw new EvidenceError(code, message) }

/** [from, size] of what must be zero: bytes that are not signed are among it. */
function zeros(version: number): [number, number][] {
    const out: [number, number][] = [[0x4c, 4], [0x18b, 21], [0x1eb, 1], [0x1ef, 1], [0x208, 152], [0x2d0, 24],
        [0x318, 24], [0x330, 368]]
    if (version < 3) out.push([0x188, 3])
    if (version < 5) out.push([0x1f8, 16])
    return out
}

export function readReport(raw: Bytes): Report {
    if (raw.length !== reportSize) refuse('report_size', `A report has ${reportSize} bytes, this has ${raw.length}.`)
    const view = new DataView(raw.buffer, raw.byteOffset, raw.length)
    const version = view.getUint32(0, true)
    if (version < 2 || version > 5) refuse('report_version', `Version ${version} is none of 2 to 5.`)
    if (view.getUint32(0x34, true) !== 1) refuse('signature_algorithm', 'Not ECDSA P-384 with SHA-384.')
    for (const [from, size] of zeros(version))
        if (raw.subarray(from, from + size).some((byte) => byte !== 0))
            refuse('must_be_zero', `Bytes from 0x${from.toString(16)} of the report must be zero.`)
    const keyInfo = view.getUint32(0x48, true)
    const key = (['vcek', 'vlek', , , , , , 'none'] as const)[(keyInfo >> 2) & 7]
    if (keyInfo >>> 5 !== 0 || !key) return refuse('key_info', 'key_info names a key that there is not.')
    const bytes = (from: number, size: number): Bytes => raw.subarray(from, from + size)
    return {
        raw, version, policy: view.getBigUint64(0x08, true), vmpl: view.getUint32(0x30, true),
        isSmtOn: (raw[0x40]! & 1) !== 0, key, isChipMasked: (keyInfo & 2) !== 0, reportData: bytes(0x50, 64),
        measurement: bytes(0x90, 48), reportedTcb: bytes(0x180, 8), committedTcb: bytes(0x1e0, 8),
        launchTcb: bytes(0x1f0, 8), ...(version >= 3 ? { cpu: { family: raw[0x188]!, model: raw[0x189]! } } : {}),
        chipId: bytes(0x1a0, 64),
    }
}

/** By the CPU's family and model; nothing in version 2, which does not tell. */
export function productOf({ cpu }: Report): Product | undefined {
    if (!cpu) return undefined
    const { family, model } = cpu
    if (family === 0x19 && model <= 0x0f) return 'Milan'
    if (family === 0x19 && (model <= 0x1f || (model >= 0xa0 && model <= 0xaf))) return 'Genoa'
    if (family === 0x1a && model <= 0x11) return 'Turin'
    return refuse('product', `CPU family ${family}, model ${model} is no product that is known here.`)
}

export function tcbOf(bytes: Bytes, product: Product): Required<Tcb> {
    const [a, b, c, d, , , g, h] = bytes as unknown as number[]
    return product === 'Turin' ? { fmc: a!, bootloader: b!, tee: c!, snp: d!, microcode: h! }
        : { fmc: 0, bootloader: a!, tee: b!, snp: g!, microcode: h! }
}

/** ECDSA P-384 with SHA-384 of the chip's key over the signed part. */
export async function checkSignature(report: Report, leaf: Certificate): Promise<void> {
    // Little-endian in 72 bytes each, whose upper 24 are zero; WebCrypto wants the highest first, in 48.
    const number = (from: number): Bytes => report.raw.slice(from, from + 48).reverse()
    const signature = new Uint8Array([...number(0x2a0), ...number(0x2e8)])
    const curve = { name: 'ECDSA', namedCurve: 'P-384' }
    const key = await crypto.subtle.importKey('spki', leaf.publicKey, curve, false, ['verify'])
        .catch(() => refuse('certificate_leaf', "The certificate's key is not on P-384."))
    const isGood = await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-384' }, key, signature,
        report.raw.slice(0, signedSize))
    if (!isGood) refuse('signature', 'The report is not signed by the key of its certificate.')
}

export const measurementOf = (report: Report): string => toHex(report.measurement)
