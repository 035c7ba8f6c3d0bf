import type { Digest } from '../../shared/bytes.ts'
import { drillDue } from '../../shared/case/drills.ts'
import { openedLast } from '../../shared/case/openings.ts'
import { deletedKeys } from '../../shared/case/replacing.ts'
import { type Case, isOpen } from '../../shared/case/types.ts'
import type { Notice } from '../../shared/ceremony.ts'
import type { Organization } from '../../shared/org/org-from.ts'
import { deviceId } from '../../shared/statements/member.ts'
import { type CaseContext, caseView } from '../../shared/views/cases.ts'
import type { KeptViews } from '../../shared/views/kept-views.ts'
import { modelWords, organizationView, personView } from '../../shared/views/people.ts'
import { generationView, planView } from '../../shared/views/plans.ts'
import type { Stands } from '../../shared/views/proof.ts'
import { MOST_STATEMENTS, shownGenerations, shownPlans } from '../../shared/views/shown.ts'
import type { Snapshot } from '../../shared/views/views.ts'
import type { Outlets } from '../outlets/outlets.ts'
import type { Vault } from '../vault/types.ts'
import type { BesideVault } from './beside-vault.ts'
import { standsIn } from './coverage.ts'
import type { Device } from './device.ts'
import type { Display } from './display.ts'
import { evidenceViews } from './evidence.ts'
import { MOST_SHOWN } from './glimpse.ts'
import { cameHere, refusalsHere } from './how-it-came.ts'
import { actedOn } from './meeting.ts'
import { shareOf } from './missing-parts.ts'
import type { Notary } from './notary.ts'
import type { CarrierMailbox, CarrierPeer, CarrierState } from './ports.ts'
import type { Relaying } from './relaying.ts'
import { denyingWords } from './revokers.ts'
import { rosterDrafts } from './roster-drafts.ts'
import { CARRIER_OFF, exchangeOf, reachOf } from './snapshot-exchange.ts'
import { NO_LOG, type Reading, whileReading } from './snapshot-reading.ts'

/** What of a snapshot does not depend on the vault being open. */
export interface Outside {
  readonly number: number
  readonly now: number
  readonly shell: 'browser' | 'electron'
  readonly browserModeCommand: string | null
  readonly vault: Vault
  readonly display: Display
  readonly notices: readonly Notice[]
  readonly lockedBecause: Snapshot['vault']['lockedBecause']
  readonly notes: Snapshot['notes']
  readonly opened: Snapshot['opened']
  readonly mail: Snapshot['vault']['mail']
}

/** What an open device adds. */
export interface Inside {
  readonly device: Device
  readonly notary: Notary
  readonly outlets: Outlets
  readonly relaying: Relaying
  readonly beside: BesideVault
  readonly carrier: CarrierState
  readonly peers: readonly CarrierPeer[]
  readonly mailboxes: readonly CarrierMailbox[]
  /** The 12 words of a roster, or null while they are being computed. */
  readonly words: (roster: Digest) => readonly string[] | null
  /** What pictures take over from those before. */
  readonly kept: KeptViews
}

/**
 * Everything the window shows, at this moment; without `inside` what may stand on a locked screen, and the newest cases if
 * its owner has unlocked it and the rest is still being read.
 */
export function snapshotOf(outside: Outside, inside: Inside | null, reading: Reading | null = null): Snapshot {
  const status = outside.vault.status()
  const base: Snapshot = {
    number: outside.number,
    now: outside.now,
    shell: outside.shell,
    browserModeCommand: outside.browserModeCommand,
    vault: vaultOf(outside),
    me: null,
    stage: status === 'none' ? 'set-up' : 'locked',
    organization: null,
    drafts: [],
    people: [],
    plans: [],
    generations: [],
    cases: [],
    sessions: [],
    exchange: CARRIER_OFF,
    log: NO_LOG,
    outlets: [],
    relay: [],
    standing: null,
    notes: [],
    opened: null,
    reading: null,
  }
  if (inside === null) return reading === null ? base : { ...base, ...whileReading(reading, outside.now) }
  return { ...base, notes: [...outside.notes], opened: outside.opened, ...insideOf(inside) }
}

function vaultOf({ vault, display, notices, lockedBecause, notes, opened, mail }: Outside): Snapshot['vault'] {
  return {
    status: vault.status(),
    trouble: vault.trouble(),
    disk: vault.disk(),
    keys: (vault.summary()?.keys ?? []).map(({ label, model, words }) => ({
      name: label,
      model: words,
      attested: words === modelWords(model, true),
    })),
    deviceName: display.deviceName,
    personName: display.name,
    organizationName: display.organization,
    // How many, and nothing of them: a note may name people, cases and files.
    waiting: vault.status() === 'open' ? 0 : notes.length + (opened === null ? 0 : 1),
    notices: [...notices],
    idleMinutes: display.idleMinutes,
    retention: display.retention,
    mail,
    // Locked, it says only that and until when; of which case nothing.
    shareUntil: vault.status() === 'locked' ? vault.held.lastUntil : null,
    lockedBecause,
  }
}

/** What the views of cases need, as an open app has it now. */
export function caseContexts(inside: Inside, org: Organization, stands: Stands): (one: Case) => CaseContext {
  const { device } = inside
  const common = {
    org,
    names: device.names(),
    me: device.profile.member,
    device: device.id,
    now: device.clock().wall,
    reach: reachOf(inside),
    stands,
    came: cameHere(device),
    denying: (grant: Digest) => denyingWords(inside.beside.revokers.stateOf(grant)),
    cases: device.currentCases(),
  }
  return (one) => ({
    ...common,
    heldUntil: device.held.until(one.id),
    rotation: inside.beside.rotations.here(device, one),
  })
}

function insideOf(inside: Inside): Partial<Snapshot> {
  const { device, beside } = inside
  const { sessions, terminals } = beside
  const org = device.org()
  const me = device.me()
  const { name, member } = device.profile
  const reach = reachOf(inside)
  const names = device.names()
  const cases = shownCases(device)
  const openings = device.openings()
  const deleted = org === null ? undefined : deletedKeys(org, (id) => device.case(id))
  const now = device.clock().wall
  return {
    me: { member, name, roles: me?.roles ?? [], groups: me?.groups ?? [] },
    stage: org !== null ? 'member' : device.pin === null ? 'alone' : 'founding',
    organization: organizationOf(inside),
    drafts: rosterDrafts(device, inside.words),
    people: (actedOn(device)?.members ?? []).map((one) => personView(one, member, reach)),
    plans:
      org === null
        ? []
        : shownPlans(org, cases).map((version) =>
            planView(version, org, names, member, drillDue(org, version, openings, now), deleted),
          ),
    generations:
      org === null
        ? []
        : shownGenerations(org, cases).map((one) =>
            generationView(one, names, member, shareOf(device, one), openedLast(openings, one.id), deleted),
          ),
    cases: org === null ? [] : caseViews(inside, org, cases),
    sessions: sessions.views(device).map((view) => ({ ...view, terminal: terminals.view(view.case) })),
    standing: device.standing.view(),
    outlets: inside.outlets.views(),
    relay: inside.relaying.views(),
    exchange: exchangeOf(inside),
    log: logOf(inside),
  }
}

function caseViews(inside: Inside, org: Organization, cases: readonly Case[]): Snapshot['cases'] {
  const contextOf = caseContexts(inside, org, standsIn(inside.device, inside.notary))
  return cases.map((one) => caseView(one, { ...contextOf(one), most: MOST_STATEMENTS, kept: inside.kept }))
}

function organizationOf({ device, words }: Inside): Snapshot['organization'] {
  const org = device.org()
  return org && organizationView(org, copy(words(org.head.id)))
}

function copy(words: readonly string[] | null): string[] | null {
  return words === null ? null : [...words]
}

/**
 * The newest cases, and every one that is still open. A snapshot crosses whole after every change, so it carries what people
 * work with; all of it stands in the log.
 */
function shownCases(device: Device): readonly Case[] {
  const newest = device.newestCases(MOST_SHOWN)
  const shown = new Set(newest.map(({ id }) => id))
  return [...newest, ...device.currentCases().filter((one) => isOpen(one) && !shown.has(one.id))]
}

function logOf({ device, notary, peers }: Inside): Snapshot['log'] {
  const members = actedOn(device)?.members ?? []
  const cosigners = notary.cosigners()
  const people = cosigners.flatMap((cosigner) => members.filter((member) => deviceId(member) === cosigner.device))
  return {
    entries: device.store.ledger.size,
    removed: device.store.prunedCount,
    cosignedBy: people.map(({ member, name }) => ({ member, name })),
    // A cosigner's clock may be ahead, or lie beyond every calendar.
    lastCosigned:
      cosigners.length === 0 ? null : Math.min(device.clock().wall, Math.max(...cosigners.map(({ at }) => at))),
    refused: device.store.refusals().count,
    refusals: refusalsHere(device),
    losses: device.vault.journal.accepted.map(({ message }) => message),
    // What is missing while others are still handing it over is on its way.
    evidence: evidenceViews(
      device,
      notary.evidence,
      peers.every(({ connected, reconciled }) => !connected || reconciled),
    ),
  }
}
