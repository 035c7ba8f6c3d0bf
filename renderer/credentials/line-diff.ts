/** A line of something that is compared; lines with one key are the same line. */
export interface Line {
  readonly key: string
  readonly text: string
}

export interface Change extends Line {
  readonly is: 'same' | 'removed' | 'added'
}

// Beyond it the middle is shown as removed and added whole, which is true as well.
const MOST_CELLS = 250_000

/**
 * What became of each line: the fewest removals and additions that lead from one list to the other, in order, a removal
 * before the additions in its place.
 */
export function compared(before: readonly Line[], after: readonly Line[]): Change[] {
  const start = commonLength(before, after)
  const end = commonLength(before.slice(start).reverse(), after.slice(start).reverse())
  const middle = (lines: readonly Line[]) => lines.slice(start, lines.length - end)
  return [
    ...after.slice(0, start).map(as('same')),
    ...walked(middle(before), middle(after)),
    ...after.slice(after.length - end).map(as('same')),
  ]
}

const as =
  (is: Change['is']) =>
  ({ key, text }: Line): Change => ({ is, key, text })

function commonLength(one: readonly Line[], other: readonly Line[]): number {
  const at = one.findIndex(({ key }, index) => key !== other[index]?.key)
  return at < 0 ? Math.min(one.length, other.length) : at
}

function walked(before: readonly Line[], after: readonly Line[]): Change[] {
  if (before.length * after.length > MOST_CELLS) return [...before.map(as('removed')), ...after.map(as('added'))]
  const longest = longestCommon(before, after)
  const changes: Change[] = []
  let [at, to] = [0, 0]
  for (;;) {
    const [old, now] = [before[at], after[to]]
    if (old === undefined && now === undefined) return changes
    if (old !== undefined && now !== undefined && old.key === now.key) {
      changes.push(as('same')(now))
      at++
      to++
    } else if (old !== undefined && (now === undefined || longest(at + 1, to) >= longest(at, to + 1))) {
      changes.push(as('removed')(old))
      at++
    } else if (now !== undefined) {
      changes.push(as('added')(now))
      to++
    }
  }
}

/** How many lines two lists still have in common from these places on. */
function longestCommon(before: readonly Line[], after: readonly Line[]): (at: number, to: number) => number {
  const width = after.length + 1
  const table = new Uint16Array((before.length + 1) * width)
  const cell = (at: number, to: number) => table[at * width + to] ?? 0
  for (let at = before.length - 1; at >= 0; at--)
    for (let to = after.length - 1; to >= 0; to--)
      table[at * width + to] =
        before[at]?.key === after[to]?.key ? cell(at + 1, to + 1) + 1 : Math.max(cell(at + 1, to), cell(at, to + 1))
  return cell
}
