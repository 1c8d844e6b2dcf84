// Orders of leaders, as anybody's client sends them to the paper venue.
import { createHmac } from 'node:crypto'

import { assert } from './checks.mjs'
import { send } from './http.mjs'

export async function marketOrder(paper, account, side, quantity) {
    const params = `symbol=BTCUSDT&side=${side}&type=MARKET&quantity=${quantity}&timestamp=${Date.now()}`
    const signature = createHmac('sha256', account.secret).update(params).digest('hex')
    const answer = await send(paper, 'POST', '/api/v3/order',
        { 'x-mbx-apikey': account.api_key, 'content-type': 'application/x-www-form-urlencoded' },
        `${params}&signature=${signature}`)
    assert.equal(answer.status, 200, answer.text)
}
