/** The list with one value in it or not; others keep their order. */
export function toggled<Value>(all: readonly Value[], one: Value, on: boolean): Value[] {
  return on ? [...all.filter((each) => each !== one), one] : all.filter((each) => each !== one)
}

/** The list with the item at `at` moved up (−1) or down (1). */
export function moved<Value>(all: readonly Value[], at: number, by: -1 | 1): Value[] {
  const next = [...all]
  const [item] = next.splice(at, 1)
  if (item !== undefined) next.splice(at + by, 0, item)
  return next
}
