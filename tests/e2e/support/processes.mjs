// Starts the product's programs on free ports in a folder of their own, and ends them whatever
// happens to the test.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..')
let folderOfPrograms = process.env.OBSCURA_BIN ?? path.join(root, 'build/release/bin')
/// From here on the programs are those that obey OBSCURA_FAILPOINT.
export function useFailpoints() {
    folderOfPrograms = process.env.OBSCURA_TEST_BIN ?? path.join(root, 'build/release/test-bin')
}

export function program(name) {
    const file = path.resolve(folderOfPrograms, name)
    if (!existsSync(file)) throw new Error(`${file} is not there: build it, or set OBSCURA_BIN`)
    return file
}

const undo = []
/// Called at the end of the test, last added first, also when it is interrupted. Not asynchronous.
export function atEnd(action) {
    undo.push(action)
}
function cleanUp() {
    while (undo.length) {
        try {
            undo.pop()()
        } catch (error) {
            console.error('while cleaning up:', error)
        }
    }
}
process.on('exit', cleanUp)
for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]])
    process.on(signal, () => process.exit(128 + number))

export function temporaryFolder(name) {
    const folder = mkdtempSync(path.join(tmpdir(), `obscura-${name}-`))
    // OBSCURA_KEEP=1 leaves logs and data behind for a look.
    atEnd(() => {
        if (process.env.OBSCURA_KEEP) console.error(`kept: ${folder}`)
        else rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    })
    return folder
}

/// The variables a program gets: ours without any setting of the product.
function environment(settings) {
    const own = Object.entries(process.env).filter(
        ([name]) => !/^(OBSCURA|CITADEL|DATABASE|REDIS)_/.test(name))
    return { ...Object.fromEntries(own), ...settings }
}

/// A service that logs "*.listening" with its port. Answers {url, process, log(), ended}.
export async function startService(name, settings) {
    const child = spawn(program('obscura'), [name], {
        env: environment({ OBSCURA_LOG_FORMAT: 'json', OBSCURA_HTTP_PORT: '0', ...settings }),
        stdio: ['ignore', 'ignore', 'pipe'],
    })
    atEnd(() => child.kill('SIGKILL'))
    const lines = []
    const ended = new Promise((resolve) => child.once('close', (code, signal) =>
        resolve(signal ?? code)))
    const port = await new Promise((resolve, reject) => {
        createInterface({ input: child.stderr }).on('line', (line) => {
            lines.push(line)
            if (lines.length > 10_000) lines.shift()
            const match = /"event":"\w+\.listening","port":(\d+)/.exec(line)
            if (match) resolve(Number(match[1]))
        })
        ended.then((how) => reject(new Error(`${name} ended with ${how}: ${lines.join('\n')}`)))
    })
    return {
        url: `http://127.0.0.1:${port}`,
        port,
        process: child,
        log: () => lines.join('\n'),
        async stop() {
            child.kill('SIGTERM')
            return ended
        },
    }
}

/// Runs `obscura ARGS` to its end; throws with what it printed when it fails.
export function obscura(args, { timeoutMs = 60_000, statuses = [0] } = {}) {
    const result = spawnSync(program('obscura'), args, {
        env: environment({}), encoding: 'utf8', timeout: timeoutMs, maxBuffer: 64 << 20,
        stdio: ['ignore', 'pipe', 'pipe'],
    })
    if (!statuses.includes(result.status))
        throw new Error(`obscura ${args.join(' ')}: ${result.status ?? result.signal} ` +
            `${result.stdout}${result.stderr}`)
    return result.stdout
}

/// JSON in, JSON out; throws unless the status is one of `statuses`.
export async function call(method, url, body, statuses = [200, 201, 204], headers = {}) {
    const answer = await fetch(url, {
        method,
        headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
    })
    const text = await answer.text()
    if (!statuses.includes(answer.status)) throw new Error(`${method} ${url}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : undefined
}
