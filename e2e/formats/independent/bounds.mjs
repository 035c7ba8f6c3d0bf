// verify.md §6.

const KINDS = { roster: 1000, plan: 256, deposit: 2000, custody: 20_000 }
const HOUR_MS = 3_600_000

/** Whether there is more than organization and cases are recomputed for. */
export function isTooMuch(passed) {
  const largest = (keyOf) => {
    const counts = new Map()
    for (const one of passed) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1)
    counts.delete(undefined)
    return counts
  }
  const kinds = largest(({ kind }) => kind)
  const endorsed = largest(({ payload }) => payload.of)
  return (
    Object.entries(KINDS).some(([kind, most]) => (kinds.get(kind) ?? 0) > most) ||
    [...endorsed.values()].some((count) => count > 300) ||
    pairsOf(passed.filter(({ kind }) => kind === 'request')) > 20_000
  )
}

function pairsOf(requests) {
  let pairs = 0
  const sorted = requests.toSorted((one, other) => one.payload.time - other.payload.time)
  for (const [place, { payload }] of sorted.entries())
    for (let next = place + 1; sorted[next]?.payload.time - payload.time < HOUR_MS; next++)
      if (sorted[next].payload.plan === payload.plan) pairs++
  return pairs
}

/** Whether the rosters have more devices, or more checkpoint keys of one, than checkpoints are checked for. */
export const tooManyKeys = (keys) =>
  [...keys.values()].some((those) => those.length > 16) ||
  [...keys.values()].reduce((sum, those) => sum + those.length, 0) > 10_000
