// The private key behind a sealed one, for tests that look for it where it must not be: opened as citadel alone can, with
// the master key that the test knows.
import { createDecipheriv, hkdfSync } from 'node:crypto'

/// `sealed` is "nil:v1:..."; `masterKey` the hex of that version.
export function openHeldKey(sealed, masterKey, purpose, algorithm = 'ed25519') {
    const context = `obscura/held-key/v1|${purpose}|${algorithm}`
    const blob = Buffer.from(sealed.split(':')[2], 'base64')
    const key = hkdfSync('sha256', Buffer.from(masterKey, 'hex'), 'obscura/citadel/held-key/v1', context, 32)
    const opened = createDecipheriv('aes-256-gcm', Buffer.from(key), blob.subarray(0, 12))
    opened.setAAD(Buffer.from(context))
    opened.setAuthTag(blob.subarray(-16))
    return Buffer.concat([opened.update(blob.subarray(12, -16)), opened.final()])
}
