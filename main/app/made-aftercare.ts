import type { Digest } from '../../shared/bytes.ts'
import { type Case, type Grant, grantsIn } from '../../shared/case/types.ts'
import { JcsError, jcs, parseJcs } from '../../shared/jcs.ts'
import { aftercareFields, MOST_LACKS } from '../../shared/statements/aftercare.ts'
import * as z from '../../shared/zod.ts'
import type { Aftercared } from '../issuers/worker/client.ts'
import { lineFrom } from '../text.ts'
import { AppError } from './app-error.ts'
import type { Device } from './device.ts'

/** What was made for the time after a grant, by the id of the grant. */
const TABLE = 'aftercare'

const madeSchema = z.strictObject(aftercareFields)
/** As the statement will tell it. */
export type Made = z.output<typeof madeSchema>

/**
 * Keeps what was made, before anything of it is held or told: what may deny a session lives beside the vault, so that a lock in between would
 * leave this device with it while the record says that there is none.
 */
export async function keepMade(
  { shelf, vault }: Pick<Device, 'shelf' | 'vault'>,
  grant: Digest,
  { revoker, rotator, lacks }: Aftercared,
): Promise<Made> {
  const kept = async (boxes: NonNullable<Aftercared['rotator']>['boxes']) =>
    Promise.all(boxes.map(async ({ device, box }) => ({ device, sealed: await shelf.put(box) })))
  const made = {
    revoker: revoker && { userId: revoker.userId, expires: revoker.expires, boxes: await kept(revoker.boxes) },
    rotator: rotator && { expires: rotator.expires, boxes: await kept(rotator.boxes) },
    lacks,
  }
  await vault.journal.append(TABLE, grant, jcs(made))
  return made
}

/** What this device kept of what it made, by the ids of the grants. */
export interface MadeHere {
  readonly made: ReadonlyMap<Digest, Made>
  /** Those of which something was kept that cannot be read. */
  readonly unread: ReadonlySet<Digest>
}

/** What this device made. A record that cannot be read is told to its owner, and keeps nothing else back: issuing goes on. */
export async function madeHere({ vault, notes }: Pick<Device, 'vault' | 'notes'>): Promise<MadeHere> {
  const made = new Map<Digest, Made>()
  const unread = new Set<Digest>()
  for await (const { key, value } of vault.journal.records(TABLE)) {
    const one = madeFrom(value)
    if (one !== null) made.set(key, one)
    else unread.add(key)
  }
  if (unread.size > 0) notes.failure('Reading what was made beside a session', unreadable(unread), UNREAD_TODO)
  return { made, unread }
}

/** @returns null if it is no record of this table that this version knows. */
function madeFrom(value: Uint8Array): Made | null {
  try {
    return madeSchema.safeParse(parseJcs(value)).data ?? null
  } catch (error) {
    if (error instanceof JcsError) return null
    throw error
  }
}

function unreadable(grants: ReadonlySet<Digest>): AppError {
  return new AppError(
    'record-unreadable',
    `What this device kept for ending a session and replacing its key cannot be read, so nobody can be given it: of grant ${[...grants].join(', ')}.`,
  )
}

const UNREAD_TODO =
  'The session dies by itself. If it has to end before, deny it by hand in IAM. If its key has to be replaced and nobody has what may, ask for a rotation in the case.'

/**
 * Of what was kept, what is on the disk still: nobody can be given more. The shelf looks for it, as it does at an unlock for what
 * statements name, and no statement names this yet.
 */
export async function stillHere({ shelf }: Pick<Device, 'shelf'>, { revoker, rotator, lacks }: Made): Promise<Made> {
  const hereOf = async (boxes: readonly SealedTo[]) => {
    const found = await Promise.all(boxes.map(async ({ sealed }) => (await shelf.get(sealed)) !== null))
    return boxes.filter((_, at) => found[at])
  }
  const [denies, replaces] = await Promise.all([hereOf(revoker?.boxes ?? []), hereOf(rotator?.boxes ?? [])])
  const isGone = denies.length < (revoker?.boxes.length ?? 0) || replaces.length < (rotator?.boxes.length ?? 0)
  return {
    revoker: revoker && denies.length > 0 ? { ...revoker, boxes: denies } : null,
    rotator: rotator && replaces.length > 0 ? { ...rotator, boxes: replaces } : null,
    lacks: isGone ? lineFrom(`${lacks} ${GONE}`.trim(), MOST_LACKS) : lacks,
  }
}

type SealedTo = NonNullable<Made['rotator']>['boxes'][number]

const GONE =
  'Some of what was kept to end the session or to replace its key is gone from the disk of the issuing device: whom it was sealed to does not have it.'

/** Grants of this device's, of which it did not say yet what it made. */
export function untold({ id }: Pick<Device, 'id'>, one: Case): Grant[] {
  return grantsIn(one).filter(
    ({ statement, plan, aftercare }) =>
      statement.payload.device === id && plan.access.aftercare !== undefined && aftercare.length === 0,
  )
}
