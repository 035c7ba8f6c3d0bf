import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Digest } from '../../shared/bytes.ts'
import { MOST_EVIDENCE, MOST_EVIDENCE_PARTS } from '../../shared/case/blobs.ts'
import type { Case } from '../../shared/case/types.ts'
import { EvidenceError, eventsIn, partsOf, type TrailEvent } from '../../shared/evidence/event.ts'
import { eventsOfFile, type FiledEvent, MOST_BYTES, MOST_RECORDS } from '../../shared/evidence/file.ts'
import { type Kept, keptOf } from '../../shared/evidence/kept.ts'
import { foundIn, reconcile, type Span, spansOf } from '../../shared/evidence/reconcile.ts'
import { merged } from '../../shared/evidence/record.ts'
import { type Subject, subjectOf } from '../../shared/evidence/subject.ts'
import { unaskedAccounts, unreached, usesIn } from '../../shared/evidence/unreached.ts'
import type { Organization } from '../../shared/org/org-from.ts'
import type { Collection } from '../../shared/statements/collection.ts'
import { type EvidenceSource, isRecording, MOST_PARTS } from '../../shared/statements/evidence.ts'
import { trailCalls } from '../../shared/views/trail.ts'
import type { TrailCalls } from '../../shared/views/trail-views.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import { unhurried } from './unhurried.ts'

const MEBIBYTE = 2 ** 20
/** A file decompressed, bytes. */
const MOST_FILE = 64 * MEBIBYTE
const unzip = promisify(gunzip)

interface TrailFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * Compares files of a trail with a case and attaches what of them concerns it: first the events, durably, then the statement.
 * Nothing is attached if a file cannot be read.
 *
 * @throws {EvidenceError} of a file that is none of a trail's, or too large. {AppError} `not-found`, `not-allowed`.
 */
export async function attachTrail(device: Device, request: Digest, files: readonly TrailFile[]): Promise<Attached> {
  const { org, one } = attachable(device, request)
  const lists = await readTrail(files)
  const events = await unhurried(merged(lists.map((list) => list.map(({ event }) => event))))
  const own = lists.flatMap((list) => list.filter(isOf(accountIn(one))).map(({ event }) => event))
  if (events.length > 0 && own.length === 0 && reconcile(subjectOf(org, one), events, []).events.length === 0)
    throw new EvidenceError(
      'other-account',
      `these files are not of the account ${accountIn(one)}, in which the access was; choose those under AWSLogs/${accountIn(one)}/CloudTrail/`,
    )
  return attachEvents(device, request, { source: 'trail-files', events, spans: spansOf(own) })
}

/** The account in which a case's sessions are, and all of their calls are recorded; null if its plan is not here. */
function accountIn({ plan }: Case): string | null {
  return plan?.access.roleArn.split(':')[4] ?? null
}

// What is recorded in another account says nothing of how far the record of this one reaches.
function isOf(wanted: string | null): (one: FiledEvent) => boolean {
  return ({ account }) => account === null || wanted === null || account === wanted
}

/** What came of it. */
export interface Attached {
  /** How many records were read, and how many of them concern the case. */
  readonly read: number
  readonly kept: number
  /** How many more concern it, for which an evidence has no room. */
  readonly leftOut: number
  /** In how many calls they differ from it. */
  readonly differs: number
  /** How many grants the case has, and of how many they show the session being issued. */
  readonly grants: number
  readonly seen: number
  /** Regions in which it does not reach over the case. */
  readonly unreached: number
  /** Accounts on the way to the session that were not asked. */
  readonly unasked: string[]
}

/** What was read of AWS's record, each event once. */
export interface ReadRecord {
  readonly source: Exclude<EvidenceSource, 'terminal'>
  readonly events: readonly TrailEvent[]
  readonly spans: readonly Span[]
}

/**
 * Compares what was read with a case and attaches what of it concerns the case: first the events, durably, then the statement.
 * An answer of CloudTrail's in which nothing is kept and nothing differs is not attached: in the first minutes it knows nothing yet, and a member may
 * attach to a case a few times only.
 *
 * @throws {EvidenceError} `record-too-large` of files that hold more than an evidence; {AppError} `not-found`, `not-allowed`.
 */
export async function attachEvents(device: Device, request: Digest, read: ReadRecord): Promise<Attached> {
  const { org, one } = attachable(device, request)
  const { source } = read
  const { reconciled, spans, parts: lines, leftOut } = keptFrom(read, subjectOf(org, one))
  const { differs, grants } = reconciled
  const kept = reconciled.events.length
  const seen = grants.filter(({ issued }) => issued === 'seen').length
  const counted = {
    read: read.events.length,
    kept,
    leftOut,
    differs: differs.length,
    grants: grants.length,
    seen,
    unreached: unreached({ source, spans: [...spans] }, one, usesIn(one)).length,
    unasked: unaskedAccounts(read, one.plan),
  }
  if (source === 'lookup-events' && kept === 0 && differs.length === 0) return counted
  refuseTooMany(org, device.profile.member, lines.length)
  const parts: Digest[] = []
  for (const part of lines) parts.push(await device.shelf.put(part))
  const found = foundIn(reconciled)
  const said = { request, source, spans: [...spans], events: kept, parts, ...found }
  await device.author.write('evidence', device.pen(), said)
  return counted
}

/** Fewer files can be attached, several times; of an answer nobody can have less. */
function keptFrom({ source, events, spans }: ReadRecord, subject: Subject): Kept {
  if (source === 'lookup-events') return keptOf(subject, { events, spans }, MOST_PARTS)
  const reconciled = reconcile(subject, events, spans)
  const kept = reconciled.events.map(({ event }) => event)
  return { reconciled, spans, parts: partsOf(kept, MOST_PARTS), leftOut: 0 }
}

async function readTrail(files: readonly TrailFile[]): Promise<FiledEvent[][]> {
  const lists: FiledEvent[][] = []
  let [bytes, count] = [0, 0]
  for (const file of files) {
    const text = await decompressed(file)
    bytes += text.length
    if (bytes > MOST_BYTES)
      throw new EvidenceError(
        'record-too-large',
        `these files hold more than ${MOST_BYTES / MEBIBYTE} MiB; attach fewer at once`,
      )
    const events = await unhurried(eventsOfFile(text, file.name, MOST_RECORDS - count))
    count += events.length
    lists.push(events)
  }
  return lists
}

async function decompressed({ name, bytes }: TrailFile): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return await unzip(bytes, { maxOutputLength: MOST_FILE })
  } catch (cause) {
    const isLarge = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE'
    throw isLarge
      ? new EvidenceError(
          'record-too-large',
          `${name} holds more than ${MOST_FILE / MEBIBYTE} MiB, the most that is read of a file`,
        )
      : new EvidenceError('no-trail-file', `${name} is damaged, or is no gzip file`, { cause })
  }
}

/** Parts of all evidence of AWS's record that a member attached, or of all their recorded terminals. */
export function partsAttached(collection: Collection, member: string, recordings: boolean): number {
  const mine = collection.of('evidence').filter(({ payload }) => payload.member === member)
  const these = mine.filter(({ payload }) => isRecording(payload) === recordings)
  return these.reduce((sum, { payload }) => sum + payload.parts.length, 0)
}

/** @throws {AppError} if a member attached so much to cases that more would not be kept. */
function refuseTooMany({ collection }: Organization, member: Digest, more: number): void {
  if (partsAttached(collection, member, false) + more > MOST_EVIDENCE_PARTS)
    throw new AppError(
      'not-allowed',
      'You attached so much to cases that more of yours would not be kept. Let somebody else attach it.',
    )
}

/** The organization and the case. @throws {AppError} if nothing may be attached to the case by this device. */
export function attachable(device: Device, request: Digest): { readonly org: Organization; readonly one: Case } {
  const [org, one] = [device.org(), device.case(request)]
  if (org === null || one === undefined) throw new AppError('not-found', 'This case is not here any more.')
  if (device.me() === null)
    throw new AppError('not-allowed', 'This device is not the one that the organization knows as yours.')
  const isAsked = one.grant !== null || one.timeline.some(({ kind }) => kind === 'issuing')
  if (!isAsked)
    throw new AppError('not-allowed', 'AWS was asked for nothing in this case, so there is nothing to compare.')
  const mine = one.evidence.filter(({ payload }) => payload.member === device.profile.member)
  if (mine.length >= MOST_EVIDENCE)
    throw new AppError(
      'not-allowed',
      `You attached evidence ${MOST_EVIDENCE} times to this case; more of yours would not be kept. Let somebody else attach it.`,
    )
  return { org, one }
}

/**
 * The calls of an evidence, compared with what is known here by now.
 *
 * @throws {AppError} `not-found` if it, or some of its events, are not here.
 */
export async function callsOf(device: Device, id: Digest): Promise<TrailCalls> {
  const statement = device.store.get(id)
  const org = device.org()
  const one = statement?.kind === 'evidence' ? device.case(statement.payload.request) : undefined
  if (statement?.kind !== 'evidence' || org === null || one === undefined)
    throw new AppError('not-found', 'This evidence is not here any more.')
  const parts = await Promise.all(statement.payload.parts.map((part) => device.shelf.get(part)))
  const here = parts.filter((part) => part !== null)
  if (here.length < parts.length)
    throw new AppError(
      'not-found',
      'Its events are not on this device. Let it meet a device that has them, or take in a file of the case.',
    )
  const events = eventsIn(here, statement.payload.parts)
  const reconciled = reconcile(subjectOf(org, one), events, statement.payload.spans)
  return trailCalls(org, statement, reconciled)
}
