// Real identities with things of their own, made through the public API, and for every route of the
// gateway: who may call it, with which path and which good body.
import { call } from './processes.mjs'

const password = 'correct horse battery'

const bearer = (token) => ({ authorization: `Bearer ${token}` })

export async function makeWorld(stack) {
    const world = new World(stack)
    await world.fill()
    return world
}

class World {
    constructor(stack) {
        this.gateway = stack.url('gateway')
        this.paper = stack.url('paper')
        this.adminPassword = stack.secret('admin-password')
    }

    /// A call that must succeed.
    api(method, target, who, body) {
        return call(method, this.gateway + target, body, [200, 201, 202, 204], who)
    }

    async logIn(email, secret, tenant) {
        const answer = await this.api('POST', '/auth/login', {}, { email, password: secret, tenant })
        return bearer(answer.access_token)
    }

    async register(email, tenant, who = {}) {
        await this.api('POST', '/auth/register', who, { email, password, tenant })
        return this.logIn(email, password, tenant)
    }

    async connect(who, label, purpose) {
        const account = await call('POST', `${this.paper}/admin/accounts`, { label })
        const { api_key, secret } = account
        const { id } = await this.api('POST', '/exchanges/connections', who, {
            exchange: 'binance', environment: 'paper', purpose, label,
            credentials: { api_key, secret } })
        this.secrets.push(secret)
        this.accounts[id] = account
        return id
    }

    async makeTenant(slug) {
        const { id } = await this.api('POST', '/v2/admin/tenants', this.admin, {
            slug, name: slug, rate_limits: { general_per_min: 1_000_000, execution_per_min: 1_000_000 } })
        const keys = `/v2/admin/tenants/${id}/api-keys`
        const scopes = ['signal:write', 'pool:manage', 'stream:access']
        const made = await this.api('POST', keys, this.admin, { mode: 'test', name: 'all', scopes })
        const weak = await this.api('POST', keys, this.admin, { mode: 'test', name: 'none' })
        this.secrets.push(made.key, weak.key)
        return { id, keyId: weak.id, key: { 'x-api-key': made.key }, weak: { 'x-api-key': weak.key } }
    }

    async fill() {
        this.secrets = [password, this.adminPassword]
        this.accounts = {} // at the venue, by connection
        this.admin = await this.logIn('admin@obscura.local', this.adminPassword, 'obscura')
        this.acme = await this.makeTenant('acme')
        this.umbrella = await this.makeTenant('umbrella')
        this.user = await this.register('user@example.com', 'obscura')
        this.stranger = await this.register('stranger@example.com', 'umbrella', this.umbrella.key)
        await this.fillUser()
        const { id } = await this.api('POST', '/v2/pools', this.acme.key, { kind: 'partner', name: 'P' })
        await this.api('POST', `/v2/pools/${id}/activate`, this.acme.key)
        this.partnerPool = id
        const signal = await this.api('POST', `/v2/pools/${id}/signals`, this.acme.key, {
            symbol: 'BTCUSDT', side: 'buy', quantity: '0.01', external_trade_id: 'known' })
        this.signal = signal.signal_id
    }

    async fillUser() {
        this.follow = await this.connect(this.user, 'follow', 'follow')
        this.lead = await this.connect(this.user, 'lead', 'lead')
        const trader = await this.api('POST', '/v2/traders', this.user, {
            connection_id: this.lead, display_name: 'Ada' })
        this.trader = trader.id
        const pool = { name: 'mine', traders: [{ trader_id: trader.id, weight: '1' }] }
        this.customPool = (await this.api('POST', '/v2/pools', this.user, pool)).id
        const curated = await this.api('POST', '/v2/pools', this.admin, { ...pool, kind: 'curated' })
        this.curatedPool = curated.id
        await this.api('POST', `/v2/pools/${curated.id}/activate`, this.admin)
        const subscription = await this.api('POST', `/v2/pools/${curated.id}/subscribe`, this.user, {
            connection_id: this.follow, total_investment_usd: '1000' })
        this.subscription = subscription.id
    }

    /// Those who may call an operation, each with the name of the kind.
    callers(operation, pattern) {
        const kinds = operation.security.map((entry) => Object.keys(entry)[0])
        if (kinds.length === 0) return [['anyone', {}]]
        if (pattern.startsWith('/v2/admin/')) return [['admin', this.admin]]
        return kinds.map((kind) =>
            kind === 'api_key' ? ['key', this.acme.key] : ['user', this.user])
    }

    /// Somebody of another tenant, of the same kind.
    foreigner(kind) {
        return { user: this.stranger, key: this.umbrella.key }[kind]
    }

    /// The route's path with ids of that caller's own things.
    target(pattern, kind) {
        const own = () => {
            if (pattern.startsWith('/exchanges/connections/')) return this.follow
            if (pattern.endsWith('/subscribe')) return this.curatedPool
            if (pattern.startsWith('/v2/pools/')) return kind === 'key' ? this.partnerPool : this.customPool
            if (pattern.startsWith('/v2/subscriptions/')) return this.subscription
            if (pattern.startsWith('/v2/admin/tenants/')) return this.acme.id
            return this.unknown
        }
        return pattern.replace('{signal_id}', this.signal).replace('{key_id}', this.acme.keyId)
            .replace('{id}', () => own())
    }

    unknown = '01234567-89ab-7def-8123-456789abcdef'

    /// A body that the operation would take, with every field in it. Undefined: not known here.
    goodBody(operationId) {
        const { follow, lead, trader } = this
        return {
            post_auth_register: { email: 'new@example.com', password, tenant: 'obscura' },
            post_auth_login: { email: 'user@example.com', password, tenant: 'obscura' },
            post_auth_refresh: { refresh_token: 'x'.repeat(40) },
            post_auth_logout: { refresh_token: 'x'.repeat(40) },
            post_exchanges_connections: {
                exchange: 'binance', environment: 'paper', purpose: 'follow', label: 'new',
                credentials: { api_key: 'k'.repeat(64), secret: 's'.repeat(64) } },
            post_v2_traders: { connection_id: lead, display_name: 'Grace' },
            post_v2_pools: {
                name: 'new', description: 'none', performance_fee_bps: 1500,
                traders: [{ trader_id: trader, weight: '0.5' }] },
            patch_v2_pools_id: {
                name: 'renamed', description: 'other', performance_fee_bps: 2000,
                traders: [{ trader_id: trader, weight: '0.5' }] },
            post_v2_pools_id_subscribe: {
                connection_id: follow, mode: 'fixed_amount', total_investment_usd: '1000',
                max_loss_usd: '100', profit_target_usd: '100', daily_loss_limit_usd: '50' },
            patch_v2_subscriptions_id: {
                total_investment_usd: '2000', max_loss_usd: '100', profit_target_usd: '100',
                daily_loss_limit_usd: '50' },
            post_v2_pools_id_signals: {
                symbol: 'BTCUSDT', side: 'sell', quantity: '0.01', order_type: 'limit', price: '50000',
                exchange: 'binance', platform: 'spot', reduce_only: true, priority: 'high',
                execute_immediately: false, max_age_ms: 60_000, external_trade_id: 'new',
                external_trader_ref: 'ref', metadata: { note: 'x' } },
            post_v2_admin_tenants: {
                slug: 'new-tenant', name: 'New',
                rate_limits: { general_per_min: 100, execution_per_min: 10 } },
            post_v2_admin_tenants_id_api_keys: {
                mode: 'test', name: 'new', scopes: ['signal:write'], ip_allow: ['10.0.0.0/8'],
                expires_at: '2099-01-01T00:00:00.000Z' },
            post_v2_admin_tenants_id_api_keys_key_id_rotate: { overlap_seconds: 60 },
        }[operationId]
    }

    /// Bodies that say it in another way: every field of theirs is read as strictly. A seal like this opens nowhere.
    otherGoodBodies(operationId) {
        const sealed = {
            v: 1, key_id: 'k'.repeat(43), tenant_id: this.unknown, user_id: this.unknown, venue: 'binance',
            environment: 'paper', purpose: 'follow', one_time_id: this.unknown, enc: 'e'.repeat(43),
            ciphertext: 'c'.repeat(100) }
        return {
            post_exchanges_connections: [
                { exchange: 'binance', environment: 'paper', purpose: 'follow', label: 'new', sealed }],
        }[operationId] ?? []
    }
}
