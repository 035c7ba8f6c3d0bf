import type { Digest } from '../../shared/bytes.ts'
import type { RosterDraft } from '../../shared/org/org-from.ts'
import { adminConsent, founderConsent } from '../../shared/org/roster-rules.ts'
import { hasEndorsedBeside, isOvertaken } from '../../shared/org/siblings.ts'
import type { Roster } from '../../shared/statements/kinds.ts'
import { rosterDraftView } from '../../shared/views/people.ts'
import type { RosterDraftView } from '../../shared/views/people-views.ts'
import { plansUnder } from '../../shared/views/plans-under.ts'
import { shownDrafts } from '../../shared/views/shown.ts'
import type { Device } from './device.ts'
import { standsUnchanged } from './people.ts'

// Whoever is in no organization cannot know which list is in force.
const ALONE = { overtaken: false, endorsedBeside: false } as const

/** The 12 words of a roster, or null while they are being computed. */
type Words = (roster: Digest) => readonly string[] | null

/** The lists of people that wait for endorsements, or that somebody in no organization may join by. */
export function rosterDrafts(device: Device, words: Words): RosterDraftView[] {
  const org = device.org()
  if (org === null) return offeredDrafts(device, words)
  return shownDrafts(org).map((draft) =>
    rosterDraftView(
      {
        ...draft,
        genesis: false,
        endorsersKnown: true,
        overtaken: isOvertaken(org, draft),
        endorsedBeside: hasEndorsedBeside(org, draft, device.profile.member),
      },
      org.head.roster,
      ownIn(device, draft.roster),
      words(draft.id),
      plansUnder(org, draft.roster),
    ),
  )
}

function ownIn(device: Device, roster: RosterDraft['roster']) {
  return { member: device.profile.member, unchanged: standsUnchanged(device, roster) }
}

function offeredDrafts(device: Device, words: Words): RosterDraftView[] {
  const collection = device.store.collection()
  const { offers } = device
  const given = offers.drafts()
  const all = [...collection.of('roster'), ...[...given.keys()].flatMap((id) => offers.upTo(id))]
  const rosters = new Map(all.map(({ id, payload }) => [id, payload]))
  const shown = onOffer(rosters, given, (roster) => standsUnchanged(device, roster))
  return [...rosters]
    .filter(([id]) => shown.has(id))
    .map(([id, roster]) => {
      const endorsements = collection.endorsementsOf(id)
      const parent = roster.predecessor === null ? undefined : rosters.get(roster.predecessor)
      const after = parent === undefined ? founderConsent(roster, endorsements) : adminConsent(roster, endorsements)
      const before = parent === undefined ? after : adminConsent(parent, endorsements)
      // What is said of a roster is judged by that roster: before it stands in the store, it waits.
      const endorsersKnown = collection.get('roster', id) !== undefined
      const draft = { id, roster, before, after, genesis: parent === undefined, endorsersKnown, ...ALONE }
      return rosterDraftView(draft, null, ownIn(device, roster), words(id), [])
    })
}

/**
 * Which of these lists somebody in no organization may choose from: the last of each chain that was handed over, and the one
 * before it if they stand in that. Nobody may have endorsed the last, and then the one before it is in force.
 */
function onOffer(
  rosters: ReadonlyMap<Digest, Roster>,
  given: ReadonlyMap<Digest, unknown>,
  isMine: (roster: Roster) => boolean,
): ReadonlySet<Digest> {
  const followed = new Set([...rosters.values()].map(({ predecessor }) => predecessor))
  const last = [...rosters.keys()].filter((id) => !followed.has(id) || given.has(id))
  const before = last
    .flatMap((id) => rosters.get(id)?.predecessor ?? [])
    .filter((id) => {
      const roster = rosters.get(id)
      return roster !== undefined && isMine(roster)
    })
  return new Set([...last, ...before])
}
