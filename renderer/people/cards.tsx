import { Plus } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import type { CardView } from '../../shared/ipc-values.ts'
import { ScanCodes } from '../codes/scan-codes.tsx'
import { useApp } from '../store/app.ts'
import type { Action } from '../ui/action.tsx'
import { Check } from '../ui/fields.tsx'
import { type NamedBytes, PickFile } from '../ui/files.tsx'
import { groupsOf, PickRoles, type RolesForm, rolesOf, wrongGroups } from './roles.tsx'

/** What the drafter says of one card. */
export interface Picked extends RolesForm {
  readonly in: boolean
}

interface CardsHere {
  readonly cards: readonly CardView[]
  readonly add: (file: NamedBytes) => void
  /** Looks whether there are more: they may have come by code. */
  readonly look: () => void
}

/** The cards handed over so far, and how to add one. */
export function useCards(action: Action): CardsHere {
  const { client } = useApp()
  const [cards, setCards] = useState<readonly CardView[]>([])
  const { fail } = action
  const look = useCallback(() => void client.people.cards().then(setCards, fail), [client, fail])
  useEffect(look, [look])
  const add = (file: NamedBytes) =>
    action.run(async () => {
      await client.people.readCard(file)
      setCards(await client.people.cards())
    })
  return { cards, add, look }
}

interface AddCardsProps extends Pick<CardsHere, 'add' | 'look'> {
  readonly action: Action
}

/** The ways in which a card comes: as a file, or as a code. */
export function AddCards({ action, add, look }: AddCardsProps) {
  return (
    <div className="row">
      <PickFile label="Add a card" icon={Plus} busy={action.busy} onFile={add} onWrong={action.fail} />
      <ScanCodes label="Scan cards" onTaken={look} />
    </div>
  )
}

/** What is said of a card, or what the card itself wishes. */
export function pickedOf(card: CardView, picked: ReadonlyMap<string, Picked>): Picked {
  return picked.get(card.digest) ?? { in: true, roles: card.roles, groups: card.groups.join(', ') }
}

/** The members that are in, as they go to main; null while one of them has no role or an odd group. */
export function pickedMembers(cards: readonly CardView[], picked: ReadonlyMap<string, Picked>) {
  const chosen = cards.map((card) => ({ card, said: pickedOf(card, picked) })).filter(({ said }) => said.in)
  if (chosen.some(({ said }) => said.roles.length === 0 || wrongGroups(said) !== undefined)) return null
  return chosen.map(({ card, said }) => ({ card: card.digest, roles: rolesOf(said), groups: groupsOf(said) }))
}

interface CardsProps {
  readonly cards: readonly CardView[]
  readonly picked: ReadonlyMap<string, Picked>
  readonly onPicked: (picked: ReadonlyMap<string, Picked>) => void
}

/** One card after another: who it says it is, whether they are in, and what they will be. */
export function Cards({ cards, picked, onPicked }: CardsProps) {
  if (cards.length === 0) return <p className="muted">No card is here yet. Add those that people hand you.</p>
  return (
    <ul className="stack" aria-label="Cards">
      {cards.map((card) => {
        const said = pickedOf(card, picked)
        const say = (next: Picked) => onPicked(new Map(picked).set(card.digest, next))
        return (
          <li key={card.digest} className="card tight stack">
            <div>
              <Check
                label={card.mine ? `${card.name} (you)` : card.name}
                hint={`${card.deviceName} · keys: ${card.keys.join(', ')}${card.contact === '' ? '' : ` · ${card.contact}`}`}
                checked={said.in}
                onCheck={(on) => say({ ...said, in: on })}
              />
            </div>
            {said.in && <PickRoles of={card.name} form={said} onForm={(form) => say({ ...said, ...form })} />}
          </li>
        )
      })}
    </ul>
  )
}
