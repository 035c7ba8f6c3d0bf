import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import type { CardView } from '../../shared/ipc-values.ts'
import type { PersonView } from '../../shared/views/people-views.ts'
import { useApp, useConfirm, useGo, useSnapshot } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { Check } from '../ui/fields.tsx'
import { Note } from '../ui/note.tsx'
import { Page, Section } from '../ui/page.tsx'
import { AddCards, Cards, type Picked, pickedMembers, pickedOf, useCards } from './cards.tsx'
import { groupsOf, PickRoles, rolesOf, wrongGroups } from './roles.tsx'

/** Drafts the next roster: who stays and as what, who leaves, who comes. */
export function ChangePeopleScreen() {
  const { client, desk } = useApp()
  const { people, organization } = useSnapshot()
  const go = useGo()
  const confirm = useConfirm()
  const action = useAction()
  const { cards, add, look } = useCards(action)
  const [kept, setKept] = useState<ReadonlyMap<string, Picked>>(new Map())
  const [picked, setPicked] = useState<ReadonlyMap<string, Picked>>(new Map())
  const fresh = cards.filter(({ mine }) => !mine)
  const saidOf = (person: PersonView): Picked =>
    kept.get(person.member) ?? { in: true, roles: person.roles, groups: person.groups.join(', ') }
  const staying = people.map((person) => ({ person, said: saidOf(person) })).filter(({ said }) => said.in)
  const coming = pickedMembers(fresh, outByDefault(fresh, picked))
  const odd = staying.some(({ said }) => said.roles.length === 0 || wrongGroups(said) !== undefined)
  const draft = () =>
    action.run(async () => {
      const keep = staying.map(({ person, said }) => ({
        member: person.member,
        roles: rolesOf(said),
        groups: groupsOf(said),
      }))
      const made = await client.people.change({ keep, add: coming ?? [] })
      const what = `a change of the people of ${organization?.name ?? ''}`
      if ((await desk.review(made, `Draft ${what}`, `draft ${what}`)) !== 'done') return
      confirm('The draft is made. Compare its words aloud and endorse it.')
      go({ screen: 'people' })
    })
  return (
    <Page headline="Change who is in the roster, and as what">
      <p>
        More than half of the admins of now, and more than half of those to come, endorse the draft. Until then nothing
        changes.
      </p>
      <Section title="Members now">
        <ul className="stack" aria-label="Members now">
          {people.map((person) => (
            <MemberNow
              key={person.member}
              name={person.name}
              said={saidOf(person)}
              onSaid={(said) => setKept(new Map(kept).set(person.member, said))}
            />
          ))}
        </ul>
      </Section>
      <Section title="People to add" aside={<AddCards action={action} add={add} look={look} />}>
        <Cards cards={fresh} picked={outByDefault(fresh, picked)} onPicked={setPicked} />
      </Section>
      {action.trouble}
      <div className="row">
        <Button kind="primary" big icon={KeyRound} busy={action.busy} off={odd || coming === null} onClick={draft}>
          Draft this change
        </Button>
        <Button big onClick={() => go({ screen: 'people' })}>
          Go back
        </Button>
      </div>
    </Page>
  )
}

interface MemberNowProps {
  readonly name: string
  readonly said: Picked
  readonly onSaid: (said: Picked) => void
}

/** Whether somebody stays, and as what. */
function MemberNow({ name, said, onSaid }: MemberNowProps) {
  return (
    <li className="card tight stack">
      <Check label={`${name} stays`} checked={said.in} onCheck={(on) => onSaid({ ...said, in: on })} />
      {said.in ? (
        <PickRoles of={name} form={said} onForm={(form) => onSaid({ ...said, ...form })} />
      ) : (
        <Note
          level="attention"
          what={`${name} leaves.`}
          means="Plans that name them stop working until they are changed, and every credential they hold a share of should be deposited anew."
        />
      )}
    </li>
  )
}

/** Cards lie around from the founding on, so nobody is added unless the admin says so. */
function outByDefault(cards: readonly CardView[], said: ReadonlyMap<string, Picked>): ReadonlyMap<string, Picked> {
  const out = cards
    .filter(({ digest }) => !said.has(digest))
    .map((card) => [card.digest, { ...pickedOf(card, said), in: false }] as const)
  return new Map([...out, ...said])
}
