import type { Digest } from '../../shared/bytes.ts'
import { MOST_EVIDENCE_PARTS, MOST_RECORDINGS } from '../../shared/case/blobs.ts'
import { partsOfLines } from '../../shared/evidence/event.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import { isRecording, MOST_PARTS } from '../../shared/statements/evidence.ts'
import { digestField } from '../../shared/statements/fields.ts'
import { castText, readCast } from '../../shared/terminal/asciicast.ts'
import * as z from '../../shared/zod.ts'
import { TerminalError } from '../terminal/pty.ts'
import type { FoundRecording } from '../vault/recordings.ts'
import { AppError } from './app-error.ts'
import { partsAttached } from './attaching.ts'
import type { Device } from './device.ts'

const aboutField = z.strictObject({ grant: digestField, request: digestField })

/** The grant whose session a recorded shell has, and its case. */
type About = z.infer<typeof aboutField>

/** What a recording is of, as its first chunk says it (docs/formats/terminal.md §4). */
export function aboutRecording({ grant, request }: About): Uint8Array {
  return jcs({ grant, request })
}

function parseAbout(chunk: Uint8Array): About {
  return aboutField.parse(parseJcs(chunk))
}

/** Before one more is recorded of a case. @throws {TerminalError} `too-many-recordings` if it would not be kept by everybody. */
export async function refuseTooManyRecordings(device: Device, id: Digest): Promise<void> {
  // Those that are in no case yet.
  const waiting = await device.vault.recordings.names()
  let ofCase = device.case(id)?.recordings.length ?? 0
  for (const name of waiting) if ((await caseOf(device, name)) === id) ofCase++
  const parts =
    partsAttached(device.store.collection(), device.profile.member, true) + (waiting.length + 1) * MOST_PARTS
  if (ofCase >= MOST_RECORDINGS || parts > MOST_EVIDENCE_PARTS)
    throw new TerminalError('too-many-recordings', 'as many terminals are recorded as everybody keeps')
}

/** The case that a recording is of; null if that cannot be read, which keeps nobody from a shell. */
async function caseOf({ vault: { recordings } }: Device, name: string): Promise<Digest | null> {
  try {
    const found = await recordings.read(name)
    return found && parseAbout(found.about).request
  } catch {
    return null
  }
}

/**
 * Attaches a recording to its case, and takes it away from where it waited. Of one that is damaged what can be read is attached,
 * its file is set aside and its owner told. One whose case is not here goes on waiting.
 */
export async function attachRecording(device: Device, name: string): Promise<void> {
  const { recordings } = device.vault
  const found = await recordings.read(name)
  if (found === null) return setAside(device, name, UNREAD)
  const lines = linesOf(found.bytes)
  // It died before anything was shown.
  if (lines.length > 0 && !(await attach(device, found, lines))) return undefined
  return found.isDamaged ? setAside(device, name, lines.length > 0 ? DAMAGED : EMPTIED) : recordings.remove(name)
}

type Told = Readonly<Record<'what' | 'means' | 'todo', string>>

/** Nobody can say which case it is of, so nobody can attach it; but it is somebody's word on what was done. */
const UNREAD: Told = {
  what: 'The recording of a terminal cannot be read, and is in no case',
  means: 'Its file was damaged or changed, from its beginning on. Lockbox cannot say which case it is of.',
  todo: 'Say so in the review of the case in which you used a terminal. The file stays in the vault’s folder under that name; check the disk.',
}
const DAMAGED: Told = {
  what: 'Of the recording of a terminal only the beginning could be read and is in its case',
  means: 'Its file was damaged or changed. To everybody it looks as if Lockbox had died there.',
  todo: 'Say so in the review of that case. The file stays in the vault’s folder under that name; check the disk.',
}
const EMPTIED: Told = {
  ...DAMAGED,
  what: 'Nothing of the recording of a terminal could be read, and it is in no case',
  means: 'Its file was damaged or changed, from its first words on.',
}

async function setAside(
  { vault: { recordings }, notes }: Device,
  name: string,
  { what, means, todo }: Told,
): Promise<void> {
  const where = await recordings.setAside(name)
  // It died before it was begun.
  if (where === null) return recordings.remove(name)
  notes.add('danger', `${what}: ${where}`, means, todo)
}

/** @returns false while its case is not here. */
async function attach(device: Device, { about }: FoundRecording, lines: readonly Uint8Array[]): Promise<boolean> {
  const { request, grant } = parseAbout(about)
  const one = device.case(request)
  if (one === undefined) return false
  const parts: Digest[] = []
  for (const part of partsOfLines(lines)) parts.push(await device.shelf.put(part))
  // It died after it was attached, before it was taken away here.
  const isThere = one.timeline.some(
    (said) =>
      said.kind === 'evidence' && said.payload.device === device.id && said.payload.parts.join() === parts.join(),
  )
  if (isThere) return true
  const events = lines.length - 1
  const grants = [{ grant, issued: 'not-covered' as const, calls: 0, refused: 0 }]
  const ofAws = { spans: [], grants, differs: [], more: 0 }
  await device.author.write('evidence', device.pen(), { request, source: 'terminal', events, parts, ...ofAws })
  return true
}

const NEWLINE = 0x0a

/** Whole lines, each with its newline. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let from = 0; ; ) {
    const end = bytes.indexOf(NEWLINE, from)
    if (end < 0) return lines
    lines.push(bytes.subarray(from, end + 1))
    from = end + 1
  }
}

/**
 * A recorded terminal, to be played.
 *
 * @throws {AppError} `not-found` if it, or a part of it, is not here; {EvidenceError} if it is not what its statement names.
 */
export async function recordingOf(device: Device, id: Digest): Promise<{ text: string }> {
  const statement = device.store.get(id)
  if (statement?.kind !== 'evidence' || !isRecording(statement.payload))
    throw new AppError('not-found', 'This recording is not here any more.')
  const { parts } = statement.payload
  const here = (await Promise.all(parts.map((part) => device.shelf.get(part)))).filter((part) => part !== null)
  if (here.length < parts.length)
    throw new AppError(
      'not-found',
      'The recording is not on this device. Let it meet a device that has it, or take in a file of the case.',
    )
  const text = castText(here, parts)
  readCast(text)
  return { text }
}
