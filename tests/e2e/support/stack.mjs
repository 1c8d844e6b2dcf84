// A whole private stack without demo data, and a look into its record.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { internal } from './http.mjs'
import { atEnd, obscura, temporaryFolder } from './processes.mjs'

/// `settings` of a service become its config/<service>.env, e.g. {gateway: {OBSCURA_HTTP_PORT: 1}}; `prepare` is given the
/// state folder before the start.
export function startStack(name, settings = {}, prepare = () => {}) {
    const folder = temporaryFolder(name)
    chmodSync(folder, 0o711) // PostgreSQL may run under another account
    const state = path.join(folder, 'state')
    mkdirSync(path.join(state, 'config'), { recursive: true })
    for (const [service, variables] of Object.entries(settings)) {
        const lines = Object.entries(variables).map(([key, value]) => `${key}=${value}\n`)
        writeFileSync(path.join(state, 'config', `${service}.env`), lines.join(''))
    }
    prepare(state)
    atEnd(() => {
        obscura(['down', '--state', state, '--if-running'])
        const location = path.join(state, 'postgres.location')
        if (existsSync(location))
            rmSync(readFileSync(location, 'utf8').trim(), { recursive: true, force: true })
    })
    obscura(['up', '--state', state, '--bare', '--free-ports', '--until-pid', String(process.pid)],
        { timeoutMs: 90_000 })
    return new Stack(state)
}

class Stack {
    constructor(state) {
        this.state = state
        this.urls = Object.fromEntries(this.status().processes.map(({ name, url }) => [name, url]))
    }

    status() {
        return JSON.parse(obscura(['status', '--state', this.state, '--json'], { statuses: [0, 1, 3] }))
    }

    url(service) {
        return this.urls[service]
    }

    /// The internal routes of a service, for `send`, as `caller` sees them: a service or "operator".
    internal(service, caller) {
        const read = (name) => readFileSync(path.join(this.state, 'tls', name), 'utf8')
        this.certificates ??= {}
        this.certificates[caller] ??= { ca: read('ca.pem'), cert: read(`${caller}.pem`), key: read(`${caller}.key`) }
        return internal(this.urls[service].replace('http:', 'https:'), this.certificates[caller])
    }

    secret(name) {
        return readFileSync(path.join(this.state, 'secrets', name), 'utf8').trim()
    }

    /// What all services have logged, together.
    logs() {
        const folder = path.join(this.state, 'logs')
        return readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'utf8')).join('\n')
    }

    /// The rows of a statement as the cluster's owner: past row security.
    sql(statement) {
        const { port, pathname } = new URL(this.urls.postgres)
        const result = spawnSync('psql', ['-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1',
            '-p', port, '-U', 'obscura_owner', '-d', pathname.slice(1)], {
            input: statement, encoding: 'utf8', timeout: 30_000, maxBuffer: 64 << 20,
            env: { PATH: process.env.PATH, PGPASSWORD: this.secret('postgres-owner') },
        })
        if (result.status !== 0) throw new Error(`psql: ${result.stderr || result.error}`)
        return result.stdout.split('\n').filter(Boolean).map((line) => line.split('|'))
    }

    /// {table: "rows digest"} of everything stored, but for what the services renew by themselves
    /// and the time of a key's last use.
    record({ except = [] } = {}) {
        const skipped = ['leases', 'feed_cursors', ...except].map((table) => `'${table}'`).join(',')
        const rows = this.sql(`
            SELECT format('SELECT %L, count(*), md5(coalesce(string_agg(row, chr(10) ORDER BY row), ''''))
                           FROM (SELECT (to_jsonb(t) - ''last_used_at'')::text AS row FROM %I t) rows',
                          relname, relname)
            FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
            WHERE n.nspname = 'public' AND relkind IN ('r', 'p') AND NOT relispartition
              AND relname NOT IN (${skipped})
            ORDER BY relname \\gexec`)
        return Object.fromEntries(rows.map(([table, count, digest]) => [table, `${count} ${digest}`]))
    }
}
