import { Check as CheckIcon, CircleSlash, Download, Hourglass, KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { RosterDraftView } from '../../shared/views/people-views.ts'
import { ShowAsCode, type Shown } from '../codes/show-code.tsx'
import { useApp, useConfirm, useSnapshot } from '../store/app.ts'
import { mayEndorse } from '../store/needs.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Exact } from '../ui/exact-text.tsx'
import { Check } from '../ui/fields.tsx'
import { Note } from '../ui/note.tsx'
import { useSave } from '../ui/save.ts'
import { State } from '../ui/state.tsx'
import { type Hearing, useHearing } from './hearing.ts'
import { PersonRow } from './person-row.tsx'
import { Hear, Words } from './words.tsx'

/** What a draft is called; aloud with what changes by it, since several may stand below one another. */
function useTitle({ genesis, name, changes }: RosterDraftView): { readonly title: string; readonly label: string } {
  const { joining } = useWhat({ genesis, name })
  const title = genesis ? `Founding of ${name}` : joining ? `Joining ${name}` : `Change of the people of ${name}`
  return { title, label: changes.length > 0 ? `${title}: ${changes.join('; ')}` : title }
}

/** A change that another one overtook: nothing of it is to be compared, endorsed or handed over. */
export function OvertakenDraft({ draft }: { readonly draft: RosterDraftView }) {
  const { title, label } = useTitle(draft)
  return (
    <section className="card stack" aria-label={label}>
      <div className="row-between">
        <h2>
          <Exact>{title}</Exact>
        </h2>
        <State tone="plain" icon={CircleSlash}>
          Overtaken
        </State>
      </div>
      <p>
        Drafted by <Exact>{draft.by.name}</Exact>. {endorsersOf(draft)}
      </p>
      <Sentences all={draft.changes} />
      <Note
        level="attention"
        what="Another change came into force, and this one can no longer be endorsed here."
        means="Both follow the same list. If this one got enough endorsements as well, the organization would split, and nobody could change people any more."
        todo="Endorse it nowhere. If the change is still wanted, draft it anew from the people of now."
      />
    </section>
  )
}

/** A roster that waits for endorsements: its words, its people, and the touch. */
export function RosterDraft({ draft }: { readonly draft: RosterDraftView }) {
  const hearing = useHearing(draft)
  const mine = draft.before.mine || draft.after.mine
  const what = useWhat(draft)
  const { title, label } = useTitle(draft)
  return (
    <section className="card amber stack" aria-label={label}>
      <div className="row-between">
        <h2>
          <Exact>{title}</Exact>
        </h2>
        {draft.endorsersKnown ? (
          <State tone={draft.after.met ? 'green' : 'amber'} icon={draft.after.met ? CheckIcon : Hourglass}>
            Endorsed by {draft.after.by.length} of {draft.after.need} needed
          </State>
        ) : (
          <State tone="amber" icon={Hourglass}>
            Not known here who endorsed it
          </State>
        )}
      </div>
      <p>
        Drafted by <Exact>{draft.by.name}</Exact>. {draft.endorsersKnown ? endorsersOf(draft) : NOT_KNOWN}
      </p>
      {!draft.mineUnchanged && (
        <Note
          level="danger"
          what="Your own keys do not stand in it as they are on this device."
          means="Somebody made this draft from another card, or changed yours."
          todo="Do not endorse it. Hand your card over again, and tell the others aloud."
        />
      )}
      <Beside draft={draft} />
      <Words words={draft.words} hidden={hearing.hidden} />
      <Hear hearing={hearing} />
      <Sentences all={draft.changes} />
      {draft.plans.length > 0 && (
        <Note
          level="attention"
          what={
            draft.plans.length === 1 ? 'A plan would stop working.' : `${draft.plans.length} plans would stop working.`
          }
          todo="Draft new versions of them right after it, or mend the list first."
        >
          <Sentences all={draft.plans} />
        </Note>
      )}
      <div className="stack-8">
        <h3>{draft.people.length} people in it</h3>
        <ul className="list">
          {draft.people.map((person) => (
            <PersonRow key={person.member} person={person} />
          ))}
        </ul>
      </div>
      <Asked draft={draft} what={what.words} hearing={hearing} />
      <HandOver roster={draft.id} mine={mine} what="draft" />
    </section>
  )
}

/** What another change that follows the same list means for this one. */
function Beside({ draft: { endorsedBeside, before, after } }: { readonly draft: RosterDraftView }) {
  if (!endorsedBeside || before.mine || after.mine) return null
  return (
    <Note
      level="attention"
      what="You endorsed another change of the same list."
      means="If both get enough endorsements, the organization splits, and nobody can change people any more."
      todo="Agree with the other admins, aloud, on one of them. Endorse this one only if nobody endorses the other any more."
    />
  )
}

const NOT_KNOWN =
  'This device belongs to no organization, so it cannot check who endorsed it. It does so once you have endorsed it; until then, ask them.'

function endorsersOf({ genesis, before, after }: RosterDraftView): string {
  const names = after.by.length > 0 ? `Endorsed by ${after.by.map(({ name }) => name).join(', ')}.` : ''
  if (genesis) return names
  return `${names} By the admins so far ${before.by.length} of ${before.need}, by those to come ${after.by.length} of ${after.need}.`
}

function Sentences({ all }: { readonly all: readonly string[] }) {
  if (all.length === 0) return null
  return (
    <ul className="stack-8">
      {all.map((says) => (
        <li key={says}>
          <Exact>{says}</Exact>
        </li>
      ))}
    </ul>
  )
}

/** What is endorsed, in words: whoever is in no organization yet joins one by it. */
function useWhat({ genesis, name }: Pick<RosterDraftView, 'genesis' | 'name'>): {
  readonly joining: boolean
  readonly words: string
} {
  const joining = useSnapshot().stage !== 'member' && !genesis
  if (genesis) return { joining, words: `the founding of ${name}` }
  return { joining, words: joining ? `the list of people of ${name}` : `this change of ${name}` }
}

/** What is wanted of whoever reads it. */
function Asked(props: EndorseProps) {
  const { before, after } = props.draft
  const counts = mayEndorse(useSnapshot(), props.draft)
  if (before.mine || after.mine)
    return (
      <p>
        You have endorsed it. It waits for the others; show them your endorsement, hand them the file, or meet them on
        the network.
      </p>
    )
  if (!counts) return <p>Its admins of now and those to come endorse it. Nothing is wanted of you.</p>
  return <Endorse {...props} />
}

interface EndorseProps {
  readonly draft: RosterDraftView
  readonly what: string
  readonly hearing: Hearing
}

function Endorse({ draft, what, hearing }: EndorseProps) {
  const { client, desk } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const [compared, setCompared] = useState(false)
  const endorse = () =>
    action.run(async () => {
      const made = await client.endorse.draft({ of: draft.id, compared })
      if ((await desk.review(made, `Endorse ${what}`, `endorse ${what}`)) === 'done') confirm(`You endorsed ${what}.`)
    })
  return (
    <div className="stack">
      <Check
        label="I compared these aloud with everyone"
        hint="All 12 words, with every person in it, by voice. The file or the network they came by proves nothing."
        checked={compared}
        onCheck={setCompared}
      />
      <div className="row">
        <Button
          kind="primary"
          big
          icon={KeyRound}
          busy={action.busy}
          off={!compared || !hearing.isHeard || !draft.mineUnchanged}
          onClick={endorse}
        >
          Endorse {what}
        </Button>
      </div>
      {action.trouble}
    </div>
  )
}

interface HandOverProps {
  readonly roster: string
  /** Whether this app's owner has endorsed it. */
  readonly mine: boolean
  readonly what: 'draft' | 'list'
}

/** Hands a roster to others, with those before it and all endorsements; by code also one's own endorsement alone. */
export function HandOver({ roster, mine, what }: HandOverProps) {
  const { client } = useApp()
  const { busy, trouble, save } = useSave()
  const code = (of: 'draft' | 'mine', name: string): Shown => ({
    name,
    label: `Code of ${name.toLowerCase()}`,
    make: () => client.people.draftCode({ roster, of }),
  })
  const whole = code('draft', `The ${what} and its endorsements`)
  return (
    <div className="row">
      <Button icon={Download} busy={busy} onClick={() => save(() => client.people.draftFile({ roster }))}>
        Save the {what} and its endorsements
      </Button>
      <ShowAsCode choices={mine ? [code('mine', 'My endorsement'), whole] : [whole]}>
        Whoever films the screen can read who is in it, and how to reach them.
      </ShowAsCode>
      {trouble}
    </div>
  )
}
