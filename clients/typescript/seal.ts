// Seals the credential of an exchange account to citadel, so that nobody between you and it can read it: neither
// the gateway nor whoever operates it. The format is docs/sealing.md. No dependency but the files beside it: HPKE (RFC
// 9180) on WebCrypto, for browsers and Node 20. README.md says why you should bring these files yourself.

import { appraiseSealingKey } from './attest.ts'
import type { SealingPolicy, ShownKey } from './attest.ts'

export { appraiseSealingKey, EvidenceError } from './attest.ts'
export type { SealingPolicy, Statement, Verdict } from './attest.ts'

/** What `GET /exchanges/sealing-key` answers. */
export interface SealingKey extends ShownKey {
    v: number
    suite: string
    created_at: string
}

export type Environment = 'live' | 'testnet' | 'paper'
export type Purpose = 'follow' | 'lead'

/** What may be done with the account at most: citadel signs nothing that opens more. */
export interface Limits {
    symbols?: string[]
    max_order_notional?: string
    max_daily_notional?: string
}

export interface Credential {
    /** Yours, as you noted them when you registered. Do not take them from the server anew: it could name somebody else. */
    owner: { tenant_id: string; user_id: string }
    venue: string
    environment: Environment
    purpose: Purpose
    credentials: Record<string, string>
    limits?: Limits
}

/** The `sealed` of `POST /exchanges/connections`. */
export interface SealedCredential {
    v: 1
    key_id: string
    tenant_id: string
    user_id: string
    venue: string
    environment: Environment
    purpose: Purpose
    one_time_id: string
    enc: string
    ciphertext: string
}

/** The key will not do; `code` says why. */
export class SealingError extends Error {
    constructor(readonly code: string, message: string) {
        super(message)
        this.name = 'SealingError'
    }
}

export const suite = 'DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM'
const label = 'obscura/sealed-credential/v1'
const maxPlaintext = 24 * 1024

type Bytes = Uint8Array<ArrayBuffer>
const utf8 = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text))

function concat(...parts: Uint8Array[]): Bytes {
    const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
    let at = 0
    for (const part of parts) {
        out.set(part, at)
        at += part.length
    }
    return out
}

export function toBase64url(bytes: Uint8Array): string {
    let text = ''
    for (const byte of bytes) text += String.fromCharCode(byte)
    return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

export function fromBase64url(text: string): Bytes {
    if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new SealingError('not_base64url', 'Must be base64url, unpadded.')
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** HPKE's info: the label, and each part with its length before it. */
export function sealInfo(binding: Omit<SealedCredential, 'v' | 'enc' | 'ciphertext'>): Bytes {
    const parts = [binding.key_id, binding.tenant_id, binding.user_id, binding.venue, binding.environment,
        binding.purpose, binding.one_time_id]
    return concat(utf8(label), ...parts.flatMap((part) => {
        const bytes = utf8(part)
        const size = new Uint8Array(4)
        new DataView(size.buffer).setUint32(0, bytes.length)
        return [size, bytes]
    }))
}

async function checkedKey(key: SealingKey, policy: SealingPolicy, now: Date): Promise<Bytes> {
    if (key.v !== 1 || key.suite !== suite)
        throw new SealingError('sealing_key_unknown_form', 'The key is for another version of sealing than this client.')
    await appraiseSealingKey(key, policy, now.getTime())
    return fromBase64url(key.public_key)
}

/** A UUID in the one form that is bound: lower case, with dashes. */
function uuid(name: string, text: string): string {
    const lower = text.toLowerCase()
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(lower))
        throw new SealingError('invalid_owner', `${name} must be a UUID.`)
    return lower
}

/** Seals `credential` to `key`, for one connection, if the key meets the policy: else throws, and nothing is sealed. */
export async function sealCredential(key: SealingKey, credential: Credential, policy: SealingPolicy = {},
    now: Date = new Date()): Promise<SealedCredential> {
    const receiver = await checkedKey(key, policy, now)
    const { venue, environment, purpose, credentials, limits } = credential
    const owner = {
        tenant_id: uuid('tenant_id', credential.owner.tenant_id),
        user_id: uuid('user_id', credential.owner.user_id),
    }
    const one_time_id = crypto.randomUUID()
    const binding = { key_id: key.key_id, ...owner, venue, environment, purpose, one_time_id }
    const plaintext = utf8(JSON.stringify({
        credentials, owner, venue, environment, purpose, one_time_id, ...(limits ? { limits } : {}) }))
    if (plaintext.length > maxPlaintext)
        throw new SealingError('too_long', `What is sealed must have at most ${maxPlaintext} bytes.`)
    const { enc, ciphertext } = await hpkeSeal(receiver, sealInfo(binding), plaintext)
    plaintext.fill(0)
    return { v: 1, ...binding, enc: toBase64url(enc), ciphertext: toBase64url(ciphertext) }
}

// HPKE, RFC 9180: base mode, one message, no associated data.

const kemSuite = concat(utf8('KEM'), new Uint8Array([0x00, 0x20]))
const hpkeSuite = concat(utf8('HPKE'), new Uint8Array([0x00, 0x20, 0x00, 0x01, 0x00, 0x02]))

async function hmac(key: Bytes, data: Bytes): Promise<Bytes> {
    const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
    return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data))
}

/** §4: LabeledExtract. No salt is as good as 32 zeros to HMAC, which WebCrypto can import. */
const extract = (suiteId: Bytes, salt: Bytes, name: string, secret: Bytes): Promise<Bytes> =>
    hmac(salt.length ? salt : new Uint8Array(32), concat(utf8('HPKE-v1'), suiteId, utf8(name), secret))

/** §4: LabeledExpand, of at most one block of HKDF. */
async function expand(suiteId: Bytes, secret: Bytes, name: string, info: Bytes, length: number): Promise<Bytes> {
    const size = new Uint8Array([length >> 8, length & 0xff])
    const labeled = concat(size, utf8('HPKE-v1'), suiteId, utf8(name), info, new Uint8Array([1]))
    return (await hmac(secret, labeled)).slice(0, length)
}

/** §4.1: a secret for the owner of the key, and what tells him. */
async function encapsulate(receiver: Bytes): Promise<{ enc: Bytes; shared: Bytes }> {
    const imported = await crypto.subtle.importKey('raw', receiver, { name: 'X25519' }, false, [])
    const own = await crypto.subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']) as CryptoKeyPair
    const enc = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey))
    // Fails for a point of small order, whose secret everybody would know: WebCrypto asks that of X25519.
    const dh = new Uint8Array(
        await crypto.subtle.deriveBits({ name: 'X25519', public: imported }, own.privateKey, 256))
    const secret = await extract(kemSuite, new Uint8Array(), 'eae_prk', dh)
    return { enc, shared: await expand(kemSuite, secret, 'shared_secret', concat(enc, receiver), 32) }
}

async function hpkeSeal(receiver: Bytes, info: Bytes, plaintext: Bytes): Promise<{ enc: Bytes; ciphertext: Bytes }> {
    const { enc, shared } = await encapsulate(receiver)
    const nothing = new Uint8Array()
    const context = concat(new Uint8Array([0]), await extract(hpkeSuite, nothing, 'psk_id_hash', nothing),
        await extract(hpkeSuite, nothing, 'info_hash', info))
    const secret = await extract(hpkeSuite, shared, 'secret', nothing)
    const key = await crypto.subtle.importKey(
        'raw', await expand(hpkeSuite, secret, 'key', context, 32), 'AES-GCM', false, ['encrypt'])
    const iv = await expand(hpkeSuite, secret, 'base_nonce', context, 12)
    return { enc, ciphertext: new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plaintext)) }
}
