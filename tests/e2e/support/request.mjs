// request.mjs METHOD URL [BODY [TLS_FOLDER NAME]]: one request, with the certificate of NAME where a folder of them is
// given, and INTERNAL_KEY of the environment as X-Internal-API-Key; prints the answer's body and ends with 0 when the
// status is 2xx. A pristine Debian has no curl.
import { readFileSync } from 'node:fs'
import path from 'node:path'

import { hangUp, internal, send } from './http.mjs'

const [method, url, body, folder, name] = process.argv.slice(2)
const { origin, pathname, search } = new URL(url)
const read = (file) => readFileSync(path.join(folder, file), 'utf8')
const base = folder === undefined ? origin
    : internal(origin, { ca: read('ca.pem'), cert: read(`${name}.pem`), key: read(`${name}.key`) })
const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(process.env.INTERNAL_KEY ? { 'x-internal-api-key': process.env.INTERNAL_KEY } : {}) }
const answer = await send(base, method, pathname + search, headers, body)
process.stdout.write(answer.text)
hangUp()
process.exitCode = answer.status < 300 ? 0 : 1
