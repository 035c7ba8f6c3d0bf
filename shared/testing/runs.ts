/**
 * How often a property is tried: `runs`, or that many times `LOCKBOX_RUNS` for a long night. The seed is fixed, so that
 * everyone's run is the same run, unless `LOCKBOX_SEED` says otherwise; fast-check prints it with any failure.
 */
export function times(runs: number): { numRuns: number; seed: number } {
  const factor = Number(process.env['LOCKBOX_RUNS'] ?? 1)
  return { numRuns: Math.ceil(runs * factor), seed: Number(process.env['LOCKBOX_SEED'] ?? 20_261_102) }
}
