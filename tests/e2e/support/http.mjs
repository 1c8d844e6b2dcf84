// Requests as clients send them, and byte by byte as clients should not.
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 })
const tlsAgents = new Map()

/// What `send` and `exchange` take besides an address: internal routes at `url`, with the
/// certificate of one who may call, {ca, cert, key} in PEM.
export const internal = (url, certificate) => ({ url, certificate })

function place(base) {
    const { protocol, hostname, port } = new URL(base.url ?? base)
    const isTls = protocol === 'https:'
    if (isTls && !tlsAgents.has(base.certificate))
        tlsAgents.set(base.certificate, new https.Agent({ keepAlive: true, maxSockets: 16, ...base.certificate }))
    return { isTls, hostname, port, agent: isTls ? tlsAgents.get(base.certificate) : agent }
}

/// One well-formed request: {status, headers, text}. `body` is bytes or text, sent as they are.
export function send(base, method, target, headers = {}, body = undefined) {
    const { isTls, hostname, port, agent } = place(base)
    return new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
        const request = (isTls ? https : http).request(
            { hostname, port, method, path: target, agent, headers: { ...length, ...headers } },
            (response) => {
                const chunks = []
                response.on('data', (chunk) => chunks.push(chunk))
                response.on('end', () => resolve({
                    status: response.statusCode, headers: response.headers,
                    text: Buffer.concat(chunks).toString('utf8'),
                }))
                response.on('error', reject)
            })
        request.setTimeout(20_000, () => request.destroy(new Error('no answer within 20 s')))
        request.on('error', reject)
        request.end(body)
    })
}

/// Ends the kept connections.
export const hangUp = () => [agent, ...tlsAgents.values()].forEach((each) => each.destroy())

/// Lines of a request's head, with Host.
export function head(method, target, headers = {}) {
    const lines = Object.entries({ host: 'localhost', ...headers }).map(([k, v]) => `${k}: ${v}\r\n`)
    return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/// Opens a connection and lets `talk(socket)` write what it wants; answers the first final response,
/// {status, headers, text}, with `ms` since the start and whether the server `closed` then.
export function exchange(base, talk, { timeoutMs = 15_000, untilClosed = false } = {}) {
    const { isTls, hostname, port } = place(base)
    const started = Date.now()
    return new Promise((resolve, reject) => {
        const where = { host: hostname, port: Number(port), allowHalfOpen: true }
        const socket = isTls ? tls.connect({ ...where, ...base.certificate }) : net.connect(where)
        let bytes = Buffer.alloc(0)
        const finish = (answer, closed) => {
            clearTimeout(timer)
            socket.destroy()
            resolve({ ...answer, closed, ms: Date.now() - started })
        }
        const timer = setTimeout(() => {
            socket.destroy()
            reject(new Error(`no whole answer within ${timeoutMs} ms: "${bytes.toString('latin1')}"`))
        }, timeoutMs)
        socket.on(isTls ? 'secureConnect' : 'connect', () => Promise.resolve(talk(socket)).catch(reject))
        socket.on('data', (chunk) => {
            bytes = Buffer.concat([bytes, chunk])
            const answer = untilClosed ? undefined : finalResponse(bytes)
            if (answer) finish(answer, false)
        })
        const ended = (why) => {
            const answer = finalResponse(bytes)
            if (answer) return finish(answer, true)
            clearTimeout(timer)
            socket.destroy()
            reject(new Error(`${why}, after "${bytes.toString('latin1')}"`))
        }
        socket.on('end', () => ended('closed without an answer'))
        // Sending on after the answer may end in a reset: the answer counts.
        socket.on('error', (error) => ended(error.message))
    })
}

/// The first response that is not 100 Continue, once it is complete.
function finalResponse(bytes) {
    for (;;) {
        const end = bytes.indexOf('\r\n\r\n')
        if (end < 0) return undefined
        const [first, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
        const status = Number(first.split(' ')[1])
        const rest = bytes.subarray(end + 4)
        if (status < 200) {
            bytes = rest
            continue
        }
        const headers = Object.fromEntries(lines.map((line) => {
            const colon = line.indexOf(':')
            return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
        }))
        const length = Number(headers['content-length'] ?? 0)
        if (rest.length < length) return undefined
        return { status, headers, text: rest.subarray(0, length).toString('utf8') }
    }
}
