import { edited } from '../../ledger/testing/bundles.ts'
import { person } from '../../testing/keys.ts'
import { membersOf } from '../../testing/world.ts'
import {
  type Exported,
  exportedBytes,
  exportOf,
  heldBytes,
  PEOPLE,
  type RecordedStory,
  wholeStory,
} from './exported.ts'
import type { Case } from './faults.ts'

/** The name under which the checkpoint key was made that a draft gives out as somebody's. */
const forged = (name: string): string => `${name}/forged`

/** Rosters after one another that carol drafts and nobody endorses, with checkpoint keys of hers under everybody's name. */
async function draft(story: RecordedStory, count: number): Promise<void> {
  const members = membersOf(PEOPLE).map((member) => {
    const { checkpoint } = person(forged(member.name)).entry.device.keys
    return { ...member, device: { ...member.device, keys: { ...member.device.keys, checkpoint } } }
  })
  for (let drafted = 0; drafted < count; drafted++) story.roster = await story.draftRoster('carol', PEOPLE, { members })
}

/**
 * What is given out as dave's bundle, with such a draft as its pin and cosigned with keys that only the draft has.
 *
 * @param signedBy - whether it is signed with dave's own key, or with that in the draft.
 * @param drafts - how many follow one another; the last is the pin.
 */
export async function withDraftedKeys(signedBy: 'dave' | 'draft', drafts = 1): Promise<Exported> {
  const { story } = await wholeStory({ beforeExport: (telling) => draft(telling, drafts) })
  const keysOf = (name: string) => (name === 'dave' && signedBy === 'dave' ? name : forged(name))
  return { ...exportOf(story), by: 'dave', cosigners: ['bob', 'carol', 'erin'], keysOf }
}

/** dave, who is no admin, makes a roster; admins endorse it, and one that follows it. */
async function byNoAdmin(): Promise<Exported> {
  const { story } = await wholeStory({
    beforeExport: async (telling) => {
      await telling.changeRoster('dave', PEOPLE, ['alice', 'bob'])
      await telling.changeRoster('alice', PEOPLE, ['alice', 'bob'])
    },
  })
  return exportOf(story)
}

/** The file with one entry a second time, among those that belong in no other section. */
const repeating = (bundle: Uint8Array, at: number): Uint8Array =>
  edited(bundle, (lines) => {
    const entry = lines.filter((line) => line.startsWith(`{"at":${at},`))
    return lines.flatMap((line) => (line === '{"section":"others"}' ? [line, ...entry] : [line]))
  })

/** Bundles that claim what nobody vouches for: keys of drafts, rosters that no admin made, places of others. */
export async function unvouched(): Promise<Record<string, Case>> {
  return {
    'a draft of a roster as pin, and cosignatures with keys of the draft': {
      bytes: await exportedBytes(await withDraftedKeys('dave')),
      verdict: 'incomplete',
      first: { code: 'pin-not-endorsed', entries: [29, 30] },
    },
    'a draft of a roster as pin, and checkpoints with keys of the draft': {
      bytes: await exportedBytes(await withDraftedKeys('draft')),
      verdict: 'refuted',
      first: { code: 'unsigned', entries: null },
    },
    'a pin that follows a roster by somebody who is no admin': {
      bytes: await exportedBytes(await byNoAdmin()),
      verdict: 'incomplete',
      first: { code: 'pin-not-endorsed', entries: [29, 30] },
    },
    'a place twice in a part': {
      bytes: repeating(await heldBytes([{ from: 18, to: 29 }], (at) => at < 18 || at > 28), 6),
      verdict: 'refuted',
      first: { code: 'place-twice', entries: [6, 7] },
    },
  }
}
