import { at, Findings } from './findings.mjs'
import { isConsistent, isIncluded, parseCheckpoint, verifyCheckpoint } from './ledger.mjs'

// bundle.md §4.

/**
 * Checks that this is the ledger that the exporter signed and others cosigned.
 *
 * @param roots - the root over the first n entries, for each n.
 * @param keys - checkpoint keys by device.
 * @param kin - devices of the exporter's owner: their cosignatures count for nothing.
 * @returns `{findings, covered, cosigners: [{device, size, at}]}`; `at` in milliseconds, by the cosigner's clock.
 */
export function checkLedger({ header, entries, checkpoints, evidence, trailerFits }, roots, keys, kin = new Set()) {
  const findings = new Findings()
  if (!trailerFits) findings.refuted('damaged')
  const isPart = header.scope !== 'all'
  const places = new Set(entries.map((one) => one.at).filter((place) => place < header.size))
  if (
    header.entries !== entries.length ||
    (!isPart && (header.size !== entries.length || places.size !== entries.length))
  )
    findings.refuted('wrong-count')
  const beyond = isPart ? [] : entries.filter((one) => one.at >= header.size)
  for (const one of beyond) findings.refuted('place-twice', at(one.at))
  const take = (note) => takeNote(note, header.organization, keys, findings)
  const heads = checkpoints.flatMap(take)
  const own = heads.filter(({ device }) => device === header.device)
  for (const one of own) one.cosigners = one.cosigners.filter(({ device }) => !kin.has(device))
  if (isPart) checkPart({ header, entries, checkpoints }, own, findings)
  const fitting = isPart ? [] : compareRoots(own, { roots, places, size: header.size }, findings)
  const covered = fitting.at(-1)?.size ?? 0
  const cosigners = latestCosignatures(fitting)
  if (!isPart && fitting.length === own.length) {
    if (own.length === 0) findings.incomplete('no-checkpoint')
    else if (covered < header.size) findings.incomplete('uncovered', { from: covered, to: header.size })
    if (cosigners.length === 0) findings.incomplete('not-cosigned')
  }
  for (const one of evidence)
    heads.push(
      ...takeEvidence(one, { take, has: (place) => isPart || places.has(place), exporter: header.device, findings }),
    )
  compareHeads(heads, header.device, findings)
  return { findings, covered, cosigners }
}

function takeNote(note, organization, keys, findings) {
  const refuse = (code, device) => {
    findings.add(code === 'unknown-key' ? 'incomplete' : 'refuted', code, null, device)
    return []
  }
  const checkpoint = parseCheckpoint(note)
  if (checkpoint === null) return refuse('malformed-checkpoint')
  const { device } = checkpoint
  if (checkpoint.organization !== organization) return refuse('wrong-origin', device)
  const { code, signer, cosigners } = verifyCheckpoint(checkpoint, keys)
  return code === undefined ? [{ ...checkpoint, cosigners }] : refuse(code, signer ?? device)
}

/** @returns the exporter's checkpoints that fit, smallest first. */
function compareRoots(own, { roots, places, size: all }, findings) {
  const sorted = own.toSorted((one, other) => one.size - other.size)
  const fitting = sorted.filter(({ size, root }) => roots[size] === root)
  const odd = sorted.filter(({ size, root }) => roots[size] !== root)
  const covered = fitting.at(-1)?.size ?? 0
  for (const { size, device } of odd.filter((one) => one.size < covered)) {
    const from = fitting.findLast((one) => one.size <= size)?.size ?? 0
    findings.refuted('own-fork', { from, to: size }, device)
  }
  const beyond = odd.find(({ size }) => size > covered || fitting.length === 0)
  if (beyond === undefined) return fitting
  const { size } = beyond
  const gap = roots.length - 1
  let to = gap
  while (to < all && !places.has(to)) to++
  if (size > gap) findings.refuted('missing-entries', { from: gap, to: gap === all ? size : Math.min(to, size) })
  else findings.refuted('wrong-root', { from: covered, to: size })
  return fitting
}

/** bundle.md §4: a part's entries are proved in one head, the first own checkpoint of the header's size. */
function checkPart({ header, entries, checkpoints }, own, findings) {
  const heads = checkpoints.map(parseCheckpoint).filter((one) => one !== null)
  const isOwn = (one) => one.organization === header.organization && one.device === header.device
  const head = heads.find((one) => isOwn(one) && one.size === header.size)
  const believed = own.find(({ size, root }) => size === header.size && root === head?.root)
  if (believed === undefined) findings.incomplete('no-checkpoint')
  else if (believed.cosigners.length === 0) findings.incomplete('not-cosigned')
  if (head === undefined) return
  for (const one of entries) if (!isIncluded(one, head.size, head.root)) findings.refuted('bad-proof', at(one.at))
}

function latestCosignatures(checkpoints) {
  const latest = new Map()
  for (const { size, cosigners } of checkpoints)
    for (const { device, time } of cosigners) latest.set(device, { device, size, at: time * 1000 })
  return [...latest.values()]
}

const isFork = (one, other) => one.device === other.device && one.size === other.size && one.root !== other.root

/** One finding for each device and size. */
function compareHeads(heads, exporter, findings) {
  const forked = new Set()
  for (const [place, one] of heads.entries())
    for (const other of heads.slice(place + 1)) if (isFork(one, other)) forked.add(one.device)
  for (const device of forked)
    if (device === exporter) findings.refuted('own-fork', null, device)
    else findings.incomplete('fork', null, device)
}

/** @returns checkpoints in it that verified. */
function takeEvidence(one, { take, has, exporter, findings }) {
  if (one.about === 'waiting') findings.incomplete('waiting')
  if (one.about === 'equivocation') {
    const [first, second] = one.entries
    if (first !== second && has(first) && has(second)) findings.incomplete('equivocation')
    else findings.refuted('bad-evidence')
  }
  if (one.checkpoints === undefined) return []
  const heads = one.checkpoints.flatMap(take)
  if (heads.length === 2) judgePair(one, heads, exporter, findings)
  return heads
}

function judgePair(one, [first, second], exporter, findings) {
  const { device } = first
  const isOfOne = device === second.device
  if (one.about === 'fork') {
    if (!isFork(first, second)) findings.refuted('bad-evidence')
  } else if (one.about === 'refused') {
    const isSmaller = second.size < first.size
    if (!isOfOne || device === exporter || first.size === second.size || isSmaller !== (one.code === 'shrunk'))
      findings.refuted('bad-evidence')
    else findings.attention('refused-head', null, device)
  } else {
    const isForked = first.size < second.size && one.root !== first.root
    if (!isOfOne || !isForked || !isConsistent({ ...first, root: one.root }, second, one.proof))
      findings.refuted('bad-evidence')
    else if (device === exporter) findings.refuted('own-fork', null, device)
    else findings.incomplete('fork', null, device)
  }
}

/** verify.md §2 step 10: whether entries given as an equivocation are one. @param passed - statements that passed the door. */
export function checkEquivocations({ evidence }, passed) {
  const findings = new Findings()
  const byEntry = new Map(passed.map(({ entry, payload }) => [entry, payload]))
  for (const { about, entries } of evidence) {
    const [one, other] = about === 'equivocation' ? entries.map((entry) => byEntry.get(entry)) : []
    if (one === undefined || other === undefined) continue
    const contradict =
      one.device === other.device && (one.sequence === other.sequence || one.previous === other.previous)
    if (!contradict) findings.refuted('bad-evidence')
  }
  return findings
}

/** verify.md §2 step 7. @param roots - the root over the first n entries, for each n. */
export function checkOwnWords({ header }, passed, roots) {
  const findings = new Findings()
  let fitted = 0
  for (const { entry, payload } of passed) {
    if (payload.device !== header.device) continue
    const { size, root } = payload.ledger
    const isPart = header.scope !== 'all'
    if (size > entry || (!isPart && roots[size] !== root)) {
      const to = Math.max(fitted + 1, Math.min(size, entry + 1))
      findings.refuted('own-head', { from: fitted, to })
      break
    }
    fitted = Math.max(fitted, size)
  }
  return findings
}

/** verify.md §2 step 12. */
export function checkPruned({ header, entries }, passed) {
  const findings = new Findings()
  if (header.scope !== 'held') return findings
  const there = new Set(entries.map((one) => one.at))
  const removed = new Set()
  for (const { kind, entry, payload } of passed) {
    if (kind !== 'pruned' || payload.device !== header.device) continue
    for (const { from, to } of payload.ranges.filter((range) => range.to <= payload.ledger.size))
      for (let place = from; place < to; place++) if (!there.has(place)) removed.add(place)
    findings.incomplete('pruned', at(entry))
  }
  if (header.size - there.size > removed.size) findings.incomplete('not-accounted', null, header.device)
  return findings
}

/** verify.md §2 step 8. @param known - devices in force. */
export function checkChains({ header }, passed, known) {
  const findings = new Findings()
  const chains = new Map()
  for (const one of passed) chains.set(one.payload.device, [...(chains.get(one.payload.device) ?? []), one])
  for (const [device, chain] of chains) {
    const result = known.has(device) ? 'incomplete' : 'attention'
    const own = device === header.device
    const fork = ({ entry }) => findings.add(own ? 'refuted' : result, 'chain-fork', at(entry), device)
    let last = -1
    let before = []
    for (const here of byNumber(chain)) {
      const [{ payload, entry }, second] = here
      if (second !== undefined) fork(second)
      if (payload.sequence !== last + 1) {
        if (header.scope === 'all') findings.add(own ? 'incomplete' : result, 'chain-gap', at(entry), device)
      } else for (const one of here) if (!(last < 0 ? [null] : before).includes(one.payload.previous)) fork(one)
      last = payload.sequence
      before = here.map(({ id }) => id)
    }
  }
  return findings
}

/** A chain's statements by number, the smallest first; those of one number in the order of the ledger. */
function byNumber(chain) {
  const numbers = new Map()
  for (const one of chain) numbers.set(one.payload.sequence, [...(numbers.get(one.payload.sequence) ?? []), one])
  return [...numbers].sort(([one], [other]) => one - other).map(([, here]) => here)
}
