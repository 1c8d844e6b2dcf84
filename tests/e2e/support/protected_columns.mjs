// docs/protected-columns.md against a database: which columns there are, and what is in every row of them.
import { readFileSync } from 'node:fs'
import path from 'node:path'

import { root } from './processes.mjs'

const looksSecret = /secret|token|password|passphrase|seed|(^|_)keys?(_|$)|credential|private|mnemonic|(^|_)mac(_|$)|hash|seal|signature|totp|pepper|cipher/i
/// Members of JSON: names that only secrets have. Ids of keys are told freely.
const secretMember = /secret|password|passphrase|(^|_)seed|private_?key|mnemonic|(access|refresh)_?token|^api_?key$/i

const base64 = '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'
const nil = new RegExp(`^nil:v[1-9]:(${base64})$`)
const isNil = (text) => typeof text === 'string' && nil.test(text) && Buffer.from(nil.exec(text)[1], 'base64').length >= 28
const isBytes = (count) => (text) => new RegExp(`^\\\\x[0-9a-f]{${2 * count}}$`).test(text)

const kinds = {
    nil: isNil,
    'nil fields': (value) => value !== null && typeof value === 'object' && Object.values(value).every(isNil),
    argon2id: (text) => text === '' || /^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{22,}\$[A-Za-z0-9+/]{43,}$/.test(text),
    sha256: isBytes(32),
    'hmac-sha256': isBytes(32),
    signature: isBytes(64),
    public: () => true,
}

/// What a text is that nobody may find in a column that is not for it.
function secretForm(text) {
    if (/nil:(v\d:)?[A-Za-z0-9+/=]{16}/.test(text)) return 'a sealed text'
    if (/\$argon2/.test(text)) return 'a password hash'
    if (/-----BEGIN [A-Z ]*PRIVATE KEY/.test(text)) return 'a private key'
    if (/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/.test(text)) return 'a token'
    if (/\bobsc_(live|test)_\w{20,}/.test(text)) return 'an API key'
    const words = text.match(/(?<![A-Za-z0-9])[A-Za-z0-9]{48,}(?![A-Za-z0-9])/g) ?? []
    if (words.some((word) => /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word))) return 'a venue secret'
    return ''
}

/// What is wrong with a value of a column that holds no secret; JSON is looked through.
function findSecret(value, name = '') {
    if (typeof value === 'string') {
        if (name && secretMember.test(name) && value !== '') return `a member ${name}`
        return secretForm(value)
    }
    if (value === null || typeof value !== 'object') return ''
    for (const [key, inner] of Object.entries(value)) {
        const found = findSecret(inner, Array.isArray(value) ? name : key)
        if (found) return found
    }
    return ''
}

/// {'table.column': kind} of the page.
export function pageOfColumns() {
    const text = readFileSync(path.join(root, 'docs/protected-columns.md'), 'utf8')
    const rows = [...text.matchAll(/^\| `(\w+\.\w+)` \|.*\| `([^`]+)` \|$/gm)]
    return Object.fromEntries(rows.map(([, column, kind]) => [column, kind]))
}

function columnsOf(stack) {
    return stack.sql(`
        SELECT c.relname || '.' || a.attname, format_type(a.atttypid, NULL)
          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1`)
}

/// Every row as an object.
function rowsOf(stack, table) {
    return stack.sql(`SELECT to_jsonb(t)::text FROM "${table}" t`).map((cells) => JSON.parse(cells.join('|')))
}

/// What breaks the page, ["table.column: why"], each once; and how many rows were read.
export function findViolations(stack, page = pageOfColumns()) {
    const found = new Set()
    const columns = columnsOf(stack)
    const names = new Set(columns.map(([column]) => column))
    for (const column of Object.keys(page)) if (!names.has(column)) found.add(`${column}: is not there`)
    for (const [column, type] of columns) {
        if (page[column]) continue
        if (looksSecret.test(column.split('.')[1])) found.add(`${column}: a name that is not in the page`)
        if (type === 'bytea') found.add(`${column}: bytes that are not in the page`)
    }
    let rows = 0
    for (const table of new Set(columns.map(([column]) => column.split('.')[0]))) {
        for (const row of rowsOf(stack, table)) {
            rows += 1
            for (const [name, value] of Object.entries(row)) {
                const column = `${table}.${name}`
                const kind = page[column]
                if (value === null) continue
                if (kind && !kinds[kind]) found.add(`${column}: the page has no kind ${kind}`)
                else if (kind && !kinds[kind](value)) found.add(`${column}: is not ${kind}`)
                else if (!kind || kind === 'public') {
                    const secret = findSecret(value)
                    if (secret) found.add(`${column}: ${secret}`)
                }
            }
        }
    }
    return { found: [...found].sort(), rows }
}
