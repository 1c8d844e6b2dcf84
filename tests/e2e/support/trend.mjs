// Whether a series grows, whatever single readings say.

export function median(values) {
    const sorted = [...values].sort((a, b) => a - b)
    return sorted.length ? sorted[Math.floor(sorted.length / 2)] : 0
}

/// [[x, y], ...] -> the median of y, and how much y grows from the first x to the last by the median
/// of all slopes between two points (Theil and Sen): a third of the readings may be anything.
export function growthOf(points) {
    const slopes = []
    const step = Math.max(1, Math.floor(points.length / 400)) // 80,000 pairs are plenty
    const some = points.filter((_, index) => index % step === 0)
    for (let i = 0; i < some.length; ++i)
        for (let j = i + 1; j < some.length; ++j)
            slopes.push((some[j][1] - some[i][1]) / (some[j][0] - some[i][0]))
    const length = points.length ? points.at(-1)[0] - points[0][0] : 0
    return { median: median(points.map(([, y]) => y)), growth: median(slopes) * length }
}
