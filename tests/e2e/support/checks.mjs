// What every end-to-end test prints: "ok NAME" or "FAIL NAME: why", one line each.
import assert from 'node:assert/strict'

let passed = 0
let failed = 0

const oneLine = (text) => String(text).replace(/\s+/g, ' ').slice(0, 600)

export function ok(name) {
    passed += 1
    console.log(`ok ${name}`)
}

export function fail(name, why) {
    failed += 1
    console.log(`FAIL ${name}: ${oneLine(why)}`)
}

/// Runs one check; it fails when `body` throws or takes longer than `limitMs`.
/// Answers what `body` answered, undefined when it failed.
export async function check(name, body, limitMs = 20_000) {
    try {
        const result = await within(limitMs, body())
        ok(name)
        return result
    } catch (error) {
        fail(name, error?.message ?? error)
        if (process.env.E2E_TRACE) console.error(error)
        return undefined
    }
}

export async function within(limitMs, promise, what = 'it') {
    let timer
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what} took longer than ${limitMs} ms`)), limitMs)
    })
    try {
        return await Promise.race([promise, late])
    } finally {
        clearTimeout(timer)
    }
}

/// Waits until `probe` answers something true, and answers that.
export async function eventually(probe, what, limitMs = 10_000) {
    const until = Date.now() + limitMs
    for (;;) {
        const found = await probe()
        if (found) return found
        if (Date.now() > until) throw new Error(`${what}: not within ${limitMs} ms`)
        await new Promise((resolve) => setTimeout(resolve, 20))
    }
}

/// The exit status of the test. Zero checks are a failure too.
export function verdict() {
    console.log(`${passed} ok, ${failed} failed`)
    return failed === 0 && passed > 0 ? 0 : 1
}

export { assert }
