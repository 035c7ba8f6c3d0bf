import type { Digest } from '../../shared/bytes.ts'
import type { Case } from '../../shared/case/types.ts'
import type { Organization } from '../../shared/org/org-from.ts'
import { directoryOf, type RosterNames, rosterNames } from '../../shared/outlets/directory.ts'
import { eventOf, type OutletEvent } from '../../shared/outlets/event.ts'
import { requestOf } from '../../shared/statements/collection.ts'
import { naming, type VerifiedStatement } from '../../shared/statements/door.ts'
import type { Device } from '../app/device.ts'
import type { StatementStore } from '../app/store.ts'
import { DeliveryFailure } from './failure.ts'

/** What goes out next. */
export interface Batch {
  readonly events: readonly OutletEvent[]
  /** The entry after the last one that this batch is about. */
  readonly to: number
  /** How many of those that it is about were pruned, so that nothing of them can go out any more. */
  readonly gone: number
}

/** The ledger, as outlets read it. */
export interface Source {
  /** Whether there is an organization whose log it is. */
  isReady(): boolean
  /** How many entries there are. */
  size(): number
  /** The id of an entry. */
  idAt(position: number): Digest | undefined
  placeOf(id: Digest): number
  /**
   * The events of at most `most` entries from one on, and of none from the first on that this version does not accept; null
   * while there is no organization whose log it is.
   *
   * @throws {DeliveryFailure} if that is the very next: a later version may accept it, and then it has to go out in its turn.
   */
  read(from: number, most: number): Batch | null
}

/** What of a device is read. */
export type Read = Pick<Device, 'org' | 'case'> & {
  readonly store: Pick<StatementStore, 'ids' | 'get' | 'heard' | 'unread'>
}

/** The ledger of an open device. */
export function sourceOf(device: Read): Source {
  let names: { readonly head: Digest; readonly of: RosterNames } | null = null
  const namesOf = (org: Organization): RosterNames => {
    if (names?.head !== org.head.id) names = { head: org.head.id, of: rosterNames(org) }
    return names.of
  }
  return {
    isReady: () => device.org() !== null,
    size: () => device.store.ids().length,
    idAt: (position) => device.store.ids()[position],
    placeOf: (id) => device.store.ids().indexOf(id),
    read: (from, most) => {
      const org = device.org()
      if (org === null) return null
      const ids = acceptedOf(device.store, device.store.ids().slice(from, from + most))
      const directory = directoryOf(org, namesOf(org))
      const ruleOf = rulesOf(org, (request) => device.case(request))
      const events = ids.flatMap((id, at) => {
        const statement = device.store.get(id)
        // What was pruned is gone. Drafts of another founding that came before this one are in the ledger, and nobody's business.
        if (statement === undefined || naming(statement).organization !== org.id) return []
        const heard = device.store.heard(id) ?? null
        const place = { position: from + at, heard, inForce: directory.speaks(statement), rule: ruleOf(statement) }
        return [eventOf(statement, place, directory)]
      })
      // None of them is unread, so what is not here is not here any more.
      const gone = ids.filter((id) => device.store.get(id) === undefined).length
      return { events, to: from + ids.length, gone }
    },
  }
}

function acceptedOf(store: Read['store'], ids: readonly Digest[]): readonly Digest[] {
  const unread = store.unread()
  const first = unread.size === 0 ? -1 : ids.findIndex((id) => unread.has(id))
  if (first === 0) throw new DeliveryFailure('the next entry is not accepted by this version of Lockbox')
  return first < 0 ? ids : ids.slice(0, first)
}

/** The rule that a statement breaks, as far as is known now. */
function rulesOf(
  org: Organization,
  caseOf: (request: Digest) => Case | undefined,
): (statement: VerifiedStatement) => string | null {
  const outside = new Map<Digest, string>(org.refused.map(({ id, code }) => [id, code]))
  return (statement) => {
    const request = requestOf(statement)
    const refused = request === null ? undefined : caseOf(request)?.refused.find(({ id }) => id === statement.id)
    return refused?.code ?? outside.get(statement.id) ?? null
  }
}
