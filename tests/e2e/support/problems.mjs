// What a refusal must look like: RFC 9457, with the fields named.
import { assert, fail, ok } from './checks.mjs'

/// Asserts that `answer` is a problem with this status, naming `pointer` when one is given, and
/// nothing outside of it. Answers the problem.
export function assertProblem(answer, status, { pointer, code } = {}) {
    assert.equal(answer.status, status, `${answer.status} instead of ${status}: ${answer.text.slice(0, 300)}`)
    assert.equal(answer.headers['content-type'], 'application/problem+json')
    const problem = JSON.parse(answer.text)
    for (const member of ['type', 'title', 'detail', 'instance', 'code'])
        assert.equal(typeof problem[member], 'string', `no ${member}: ${answer.text}`)
    assert.equal(problem.status, status)
    assert.equal(problem.instance, answer.headers['x-request-id'])
    assert.ok(answer.text.length < 64 * 1024, `an answer of ${answer.text.length} bytes`)
    if (status === 401) assert.ok(answer.headers['www-authenticate'], 'no WWW-Authenticate')
    if (code) assert.equal(problem.code, code)
    if (pointer !== undefined) assertNames(problem, pointer)
    return problem
}

function assertNames(problem, pointer) {
    const named = (problem.errors ?? []).map((error) => error.pointer)
    for (const error of problem.errors ?? [])
        assert.ok(error.code && error.detail, `an error without code or detail: ${JSON.stringify(error)}`)
    const within = (name) => name === pointer || name.startsWith(`${pointer}/`)
    assert.ok(named.some(within), `${JSON.stringify(named)} does not name ${pointer}: ${problem.detail}`)
    assert.ok(named.every(within), `${JSON.stringify(named)} complains of more than ${pointer}`)
}

/// One check of many cases, up to `atOnce` at a time: fails with the first few that fail.
export async function checkAll(name, cases, run, { atOnce = 8 } = {}) {
    const failures = []
    const waiting = [...cases]
    const worker = async () => {
        for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
            try {
                await run(item)
            } catch (error) {
                failures.push(`[${item.what ?? item}] ${error.message}`)
            }
        }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    if (process.env.E2E_TRACE) failures.forEach((line) => console.error(line.slice(0, 500)))
    if (cases.length === 0) fail(name, 'no cases')
    else if (failures.length === 0) ok(`${name} (${cases.length} cases)`)
    else fail(name, `${failures.length} of ${cases.length}: ${failures.slice(0, 3).join(' ')}`)
}
