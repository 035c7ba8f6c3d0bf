import { concat, type Digest, utf8 } from '../../shared/bytes.ts'
import { requestOf } from '../../shared/statements/collection.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'
import { fileName } from './people.ts'

const NEWLINE = 0x0a
const MAX_FILE_BYTES = 16 * 1024 * 1024

/** What came of a file's statements. */
export interface FileReceipt {
  added: number
  known: number
  refused: number
  waiting: number
}

/** A genesis or a change of people with its endorsements so far, to hand to the others. */
export function draftFile(device: Device, roster: Digest): { name: string; bytes: Uint8Array } {
  const statement = device.store.get(roster) ?? device.offers.drafts().get(roster)
  if (statement?.kind !== 'roster') throw new AppError('not-found', 'This list of people is not here any more.')
  const endorsements = device.store.collection().endorsementsOf(roster)
  return {
    name: `${fileName(statement.payload.name)}.lockbox`,
    bytes: lines([statement, ...endorsements].map(({ envelope }) => envelope)),
  }
}

/** Reads a genesis draft: kept beside the log until its owner endorses it; in an organization, a file like any other. */
export async function readDraftFile(device: Device, bytes: Uint8Array): Promise<void> {
  const [first, ...rest] = envelopesIn(bytes)
  if (first === undefined) throw new AppError('file-malformed', 'This file is empty. Ask for it again.')
  if (device.org() !== null || device.pin !== null) return void (await readStatements(device, bytes))
  await device.offers.addDraft(first)
  // Endorsements of others wait in the store until this app's owner has endorsed too.
  for (const envelope of rest) await device.store.receive(envelope, 'a file')
  device.changed()
}

/** The statements of one case, or everything, with the lists of people they name. */
export function statementsFile(device: Device, request: Digest | null): { name: string; bytes: Uint8Array } {
  const chosen = device.store
    .ids()
    .map((id) => device.store.get(id))
    .filter((statement) => statement !== undefined)
    .filter(
      (statement) =>
        request === null ||
        requestOf(statement) === request ||
        statement.kind === 'roster' ||
        statement.kind === 'endorsement',
    )
  const name = request === null ? 'statements' : `case-${request.slice(0, 8)}`
  return { name: `${name}.lockbox`, bytes: lines(chosen.map(({ envelope }) => envelope)) }
}

/** Takes in a file of statements: each passes the door; what is refused loses nothing that was here. */
export async function readStatements(device: Device, bytes: Uint8Array): Promise<FileReceipt> {
  const receipt: FileReceipt = { added: 0, known: 0, refused: 0, waiting: 0 }
  for (const envelope of envelopesIn(bytes)) {
    const { verdict } = await device.store.receive(envelope, 'a file')
    receipt[verdict === 'new' ? 'added' : verdict]++
  }
  return receipt
}

// An envelope is canonical JSON, so it has no line break: a file is envelopes, a line each.
function lines(envelopes: readonly Uint8Array[]): Uint8Array {
  return concat(...envelopes.flatMap((envelope) => [envelope, utf8('\n')]))
}

function envelopesIn(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length > MAX_FILE_BYTES)
    throw new AppError('file-malformed', 'This file is larger than 16 MiB and was not read.')
  const found: Uint8Array[] = []
  let start = 0
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== NEWLINE) continue
    if (at > start) found.push(bytes.slice(start, at))
    start = at + 1
  }
  return found
}
