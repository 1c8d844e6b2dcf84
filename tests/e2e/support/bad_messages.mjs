// Requests that are wrong below the level of JSON, written byte by byte.
import { assert } from './checks.mjs'
import { exchange, head, send } from './http.mjs'
import { assertProblem, checkAll } from './problems.mjs'

const mebibyte = 1024 * 1024

/// Writes `chunk` again and again as HTTP chunks until `total` bytes are out or the peer is gone.
async function writeChunks(socket, chunk, total) {
    const framed = Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')])
    for (let sent = 0; sent < total && socket.writable; sent += chunk.length)
        if (!socket.write(framed)) await new Promise((resolve) => {
            const go = () => {
                socket.off('drain', go).off('close', go)
                resolve()
            }
            socket.once('drain', go).once('close', go)
        })
    socket.write('0\r\n\r\n')
}

/// At every route: bodies that are too large, cut off or slow. `limit`: what a route takes, bytes.
export async function badFraming(base, routes, json, goodText, { limit = mebibyte, name = '' } = {}) {
    const start = (route, headers) =>
        head(route.method, route.target, { ...route.who, ...json, ...headers })
    await checkAll(`${name}413 for a declared body that is too large`, routes, async (route) => {
        const answer = await exchange(base, (socket) =>
            socket.write(start(route, { 'content-length': limit + 1 })))
        assertProblem(answer, 413)
        assert.ok(answer.ms < 5_000, `after ${answer.ms} ms`)
    })
    await checkAll(`${name}413 before the body, when asked with Expect`, routes, async (route) =>
        assertProblem(await exchange(base, (socket) => socket.write(
            start(route, { 'content-length': limit + 1, expect: '100-continue' }))), 413))
    await checkAll(`${name}413 for chunks that add up to too much`, routes, async (route) =>
        assertProblem(await exchange(base, (socket) => {
            socket.write(start(route, { 'transfer-encoding': 'chunked' }))
            return writeChunks(socket, Buffer.alloc(64 * 1024, ' '), limit * 2)
        }), 413))
    const withBody = routes.filter((route) => goodText(route) !== undefined)
    await checkAll(`${name}400 for a body that is cut off`, withBody, async (route) => {
        const text = goodText(route)
        assertProblem(await exchange(base, (socket) => socket.end(
            start(route, { 'content-length': text.length }) + text.slice(0, -1))), 400,
        { code: 'truncated_body' })
    })
    await checkAll(`${name}400 for chunks that are cut off`, withBody, async (route) => {
        const text = goodText(route)
        assertProblem(await exchange(base, (socket) => socket.end(
            start(route, { 'transfer-encoding': 'chunked' }) +
            `${text.length.toString(16)}\r\n${text}\r\n`)), 400)
    })
    await checkAll(`${name}408 for a body that is too slow`, withBody, async (route) => {
        const answer = await exchange(base, (socket) => socket.write(
            start(route, { 'content-length': goodText(route).length }) + '{'))
        assertProblem(answer, 408)
    }, { atOnce: 50 })
    await checkAll(`${name}408 for a body that trickles`, withBody.slice(0, 3), async (route) => {
        const answer = await exchange(base, (socket) => {
            socket.write(start(route, { 'content-length': 1_000 }))
            const trickle = setInterval(() => socket.write(' '), 50)
            socket.once('close', () => clearInterval(trickle))
        })
        assertProblem(answer, 408)
    })
}

/// Messages that are no HTTP, at one path.
export async function badMessages(base) {
    const host = 'Host: localhost\r\n'
    const cases = [
        ['no HTTP', 'hello\r\n\r\n', 400],
        ['another version', `GET /health HTTP/3.0\r\n${host}\r\n`, 400],
        ['no Host', 'GET /health HTTP/1.1\r\n\r\n', 400],
        ['two Hosts', `GET /health HTTP/1.1\r\n${host}${host}\r\n`, 400],
        ['a target that is no path', `GET health HTTP/1.1\r\n${host}\r\n`, 400],
        ['a fragment', `GET /health#x HTTP/1.1\r\n${host}\r\n`, 400],
        ['a broken escape', `GET /health%2 HTTP/1.1\r\n${host}\r\n`, 400],
        ['a target that is no UTF-8', `GET /%ff HTTP/1.1\r\n${host}\r\n`, 400],
        ['a query that is no UTF-8', `GET /v2/pools?kind=%ff HTTP/1.1\r\n${host}\r\n`, 400],
        ['a space before the colon', `GET /health HTTP/1.1\r\n${host}X : y\r\n\r\n`, 400],
        ['a NUL in a field', `GET /health HTTP/1.1\r\n${host}X: a\0b\r\n\r\n`, 400],
        ['a bare CR in a field', `GET /health HTTP/1.1\r\n${host}X: a\rb\r\n\r\n`, 400],
        ['a length that is no number', `POST /auth/login HTTP/1.1\r\n${host}Content-Length: x\r\n\r\n`, 400],
        ['a negative length', `POST /auth/login HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`, 400],
        ['a huge length', `POST /auth/login HTTP/1.1\r\n${host}Content-Length: ${'9'.repeat(30)}\r\n\r\n`, 400],
        ['two lengths',
            `POST /auth/login HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}`, 400],
        ['a length and chunks',
            `POST /auth/login HTTP/1.1\r\n${host}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`, 400],
        ['another transfer encoding',
            `POST /auth/login HTTP/1.1\r\n${host}Transfer-Encoding: gzip\r\n\r\n{}`, 400],
        ['a chunk size that is no number',
            `POST /auth/login HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n`, 400],
        ['a chunk size too large',
            `POST /auth/login HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n`, 400],
        ['a header too large', `GET /health HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
        ['too many fields', `GET /health HTTP/1.1\r\n${host}${'X: y\r\n'.repeat(4_000)}\r\n`, 431],
        ['a target too long', `GET /${'x'.repeat(9_000)} HTTP/1.1\r\n${host}\r\n`, 414],
        ['a first line without an end', `GET /${'x'.repeat(100_000)}`, 414],
        ['a header that never ends', `GET /health HTTP/1.1\r\n${host}X: y\r\n`, 408],
    ].map(([what, text, status]) => ({ what, text, status }))
    await checkAll('what is no HTTP request', cases, async ({ text, status }) => {
        const answer = await exchange(base, (socket) => socket.write(text, 'latin1'))
        assertProblem(answer, status)
    })
    await checkAll('two requests in one, of which the first is bad', ['smuggled'], async () => {
        const answer = await exchange(base, (socket) => socket.write(
            `POST /auth/login HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n` +
            `0\r\n\r\nGET /health HTTP/1.1\r\n${host}\r\n`), { untilClosed: true })
        assertProblem(answer, 400)
    })
    await checkAll('a request after a refused one on the same connection', ['kept'], async () => {
        assertProblem(await send(base, 'POST', '/auth/login', { 'content-type': 'text/plain' }, 'x'), 415)
        assert.equal((await send(base, 'GET', '/livez')).status, 200)
    })
}
