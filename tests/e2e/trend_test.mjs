// The soak run's judge of growth: it sees a leak through noise, and none where there is none.
import { assert, check, verdict } from './support/checks.mjs'
import { growthOf } from './support/trend.mjs'

/// 300 readings with spikes; a generator of its own, so that each run sees the same.
function readings(slope) {
    let state = 12345
    const noise = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
    return Array.from({ length: 300 }, (_, i) =>
        [i * 5, 50_000 + slope * i * 5 + noise() * 500 + (i % 10 === 0 ? 30_000 : 0)])
}

await check('a leak of 10 KiB a second is seen', async () => {
    const { growth } = growthOf(readings(10))
    assert.ok(Math.abs(growth - 14_950) < 500, `${growth}`)
})
await check('spikes are no leak', async () => {
    const { growth, median } = growthOf(readings(0))
    assert.ok(Math.abs(growth) < 500, `${growth}`)
    assert.ok(Math.abs(median - 50_250) < 300, `${median}`)
})
await check('one step of memory is no slope without an end', async () => {
    const points = readings(0).map(([x, y]) => [x, x > 1_200 ? y + 20_000 : y])
    assert.ok(growthOf(points).growth < 8_000)
})
await check('nothing grows out of nothing', async () => {
    assert.deepEqual(growthOf([]), { median: 0, growth: 0 })
    assert.deepEqual(growthOf([[1, 7]]), { median: 7, growth: 0 })
})
process.exit(verdict())
