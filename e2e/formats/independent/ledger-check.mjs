import { parseCheckpoint, verifyCheckpoint } from './ledger.mjs'

// bundle.md §4.

/** A finding: result, code, the entries it is about (`to` exclusive) or null, and the device or null. */
export const found = (result, code, entries = null, device = null) => ({ result, code, entries, device })
export const at = (entry) => ({ from: entry, to: entry + 1 })

/**
 * Checks that this is the ledger that the exporter signed and others cosigned.
 *
 * @param roots - the root over the first n entries, for each n.
 * @param keys - checkpoint keys by device.
 * @returns `{findings, covered, cosigners: [{device, size, at}]}`; `at` in milliseconds, by the cosigner's clock.
 */
export function checkLedger({ header, entries, checkpoints, evidence, trailerFits }, roots, keys) {
  const findings = []
  if (!trailerFits) findings.push(found('refuted', 'damaged'))
  if (header.entries !== entries.length) findings.push(found('refuted', 'wrong-count'))
  if (!keys.has(header.device)) findings.push(found('incomplete', 'unknown-key', null, header.device))
  const verified = checkpoints.flatMap((note) => takeNote(note, header.organization, keys, findings))
  const own = verified.filter(({ device }) => device === header.device)
  const fitting = compareRoots(own, roots, findings)
  const covered = fitting.at(-1)?.size ?? 0
  if (own.length === 0) findings.push(found('incomplete', 'no-checkpoint'))
  else if (fitting.length === own.length && covered < entries.length)
    findings.push(found('incomplete', 'uncovered', { from: covered, to: entries.length }))
  const cosigners = latestCosignatures(fitting)
  if (cosigners.length === 0 && fitting.length === own.length) findings.push(found('incomplete', 'not-cosigned'))
  if (cosigners.length > 0)
    findings.push(found('holds', 'cosigned', { from: 0, to: Math.max(...cosigners.map(({ size }) => size)) }))
  compareHeads(verified, header.device, findings)
  for (const one of evidence) takeEvidence(one, { header, entries, keys, findings })
  return { findings, covered, cosigners, own: fitting }
}

function takeNote(note, organization, keys, findings) {
  const checkpoint = parseCheckpoint(note)
  const refuse = (code) => {
    findings.push(found('refuted', code))
    return []
  }
  if (checkpoint === null) return refuse('malformed-checkpoint')
  if (checkpoint.organization !== organization) return refuse('wrong-origin')
  if (!keys.has(checkpoint.device)) return []
  const { code, cosigners } = verifyCheckpoint(checkpoint, keys)
  return code === undefined ? [{ ...checkpoint, cosigners }] : refuse(code)
}

/** @returns the exporter's checkpoints up to the first whose root is another, smallest first. */
function compareRoots(own, roots, findings) {
  const ascending = own.toSorted((one, other) => one.size - other.size)
  const fitting = []
  for (const checkpoint of ascending) {
    const { size, root } = checkpoint
    const last = fitting.at(-1)?.size ?? 0
    if (size >= roots.length) findings.push(found('refuted', 'missing-entries', { from: roots.length - 1, to: size }))
    else if (roots[size] !== root) findings.push(found('refuted', 'wrong-root', { from: last, to: size }))
    else {
      fitting.push(checkpoint)
      findings.push(found('holds', 'checkpoint-matches', { from: 0, to: size }))
      continue
    }
    break
  }
  return fitting
}

function latestCosignatures(checkpoints) {
  const latest = new Map()
  for (const { size, cosigners } of checkpoints)
    for (const { device, time } of cosigners) {
      const before = latest.get(device)
      if (before === undefined || size > before.size || (size === before.size && time * 1000 > before.at))
        latest.set(device, { device, size, at: time * 1000 })
    }
  return [...latest.values()]
}

const isFork = (one, other) => one.device === other.device && one.size === other.size && one.root !== other.root

function compareHeads(verified, exporter, findings) {
  for (const [place, one] of verified.entries())
    for (const other of verified.slice(place + 1)) if (isFork(one, other)) findings.push(forkOf(one, exporter))
}

const forkOf = ({ device }, exporter) =>
  device === exporter ? found('refuted', 'own-fork', null, device) : found('incomplete', 'fork', null, device)

function takeEvidence(one, { header, entries, keys, findings }) {
  if (one.about === 'waiting') findings.push(found('incomplete', 'waiting'))
  if (one.about === 'fork') {
    const [first, second] = one.checkpoints.map(parseCheckpoint)
    const proves =
      first !== null &&
      second !== null &&
      [first, second].every((head) => verifyCheckpoint(head, keys).code === undefined) &&
      isFork(first, second)
    findings.push(proves ? forkOf(first, header.device) : found('refuted', 'bad-evidence'))
  }
  if (one.about === 'equivocation') {
    const [first, second] = one.entries
    const here = first !== second && Math.max(first, second) < entries.length
    findings.push(here ? found('incomplete', 'equivocation') : found('refuted', 'bad-evidence'))
  }
}
