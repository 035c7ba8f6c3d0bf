import type { PersonView } from '../../shared/views/people-views.ts'
import { useSnapshot } from '../store/app.ts'
import { Exact } from '../ui/exact-text.tsx'
import { Check, Choice, Group, Text } from '../ui/fields.tsx'
import { moved, toggled } from '../ui/lists.ts'
import { Select } from '../ui/select.tsx'
import { withCustodian } from './credential-key.ts'
import { MoveButtons } from './move-buttons.tsx'
import type { PartProps } from './plan-access.tsx'

/** Who may ask, who holds shares and decides, whose devices may issue. */
export function PeoplePart({ edit, template, set }: PartProps) {
  const { people, generations } = useSnapshot()
  const commanders = people.filter(({ roles }) => roles.includes('commander'))
  const approvers = people.filter(({ roles }) => roles.includes('approver'))
  return (
    <section className="card stack-32" aria-label="People">
      <h2>People</h2>
      <Pick
        legend="Who may ask"
        hint={`Commanders. ${template?.requesters.says ?? ''}`.trim()}
        people={commanders}
        picked={edit.requesters}
        onPick={(member, on) => set({ requesters: toggled(edit.requesters, member, on) })}
      />
      <Pick
        legend="Custodians: who holds a share and decides"
        hint="Approvers. 2 to 15."
        people={approvers}
        picked={edit.custodians}
        onPick={(member, on) => set({ custodians: withCustodian(edit, member, on, people, generations) })}
      />
      <div className="stack">
        <Pick
          legend="Whose devices may issue"
          hint="The device that puts the credential together for a moment and calls AWS."
          people={people}
          picked={edit.issuers}
          onPick={(member, on) => set({ issuers: toggled(edit.issuers, member, on) })}
        />
        <Order people={people} edit={edit} set={set} />
        <Check
          label="The device of whoever asks may issue too"
          hint="Otherwise two people’s devices take part in every access."
          checked={edit.requesterMayIssue}
          onCheck={(requesterMayIssue) => set({ requesterMayIssue })}
        />
        <Check
          label="Another device must have the record before the credential is touched"
          hint="Turn this off only where devices never meet on a network."
          checked={edit.witness === 'required'}
          onCheck={(on) => set({ witness: on ? 'required' : 'waived' })}
        />
      </div>
    </section>
  )
}

interface PickProps {
  readonly legend: string
  readonly hint: string
  readonly people: readonly PersonView[]
  readonly picked: readonly string[]
  readonly onPick: (member: string, on: boolean) => void
}

function Pick({ legend, hint, people, picked, onPick }: PickProps) {
  return (
    <Group
      legend={legend}
      hint={people.length === 0 ? 'Nobody has the role for it yet; change the roster first.' : hint}
      across
    >
      {people.map(({ member, name, groups }) => (
        <Choice
          key={member}
          type="checkbox"
          name={legend}
          label={name}
          hint={groups.join(', ')}
          checked={picked.includes(member)}
          onChoose={(on) => onPick(member, on)}
        />
      ))}
    </Group>
  )
}

function Order({ people, edit, set }: Omit<PartProps, 'template'> & { readonly people: readonly PersonView[] }) {
  const name = (member: string) => people.find((person) => person.member === member)?.name ?? member
  if (edit.issuers.length < 2) return null
  return (
    <div className="stack-8">
      <p className="muted">Tried in this order:</p>
      <ol className="list">
        {edit.issuers.map((member, at) => (
          <li key={member} className="row-between">
            <span>
              {at + 1}. <Exact>{name(member)}</Exact>
            </span>
            <MoveButtons
              name={name(member)}
              at={at}
              of={edit.issuers.length}
              onMove={(by) => set({ issuers: moved(edit.issuers, at, by) })}
            />
          </li>
        ))}
      </ol>
    </div>
  )
}

/** How many must approve, from which groups, and whose denial stops it. */
export function QuorumPart({ edit, set }: PartProps) {
  const { people } = useSnapshot()
  const custodians = people.filter(({ member }) => edit.custodians.includes(member))
  const groups = [
    ...new Set([
      ...custodians.flatMap((person) => person.groups),
      ...edit.groups.map(({ group }) => group),
      ...edit.veto,
    ]),
  ].sort()
  const counts = Array.from({ length: Math.max(1, edit.custodians.length - 1) }, (_, at) => String(at + 2))
  return (
    <section className="card stack-32" aria-label="Who must approve">
      <h2>Who must approve</h2>
      <Select
        label="Approvals needed"
        value={String(edit.need)}
        onValue={(need) => set({ need: Number(need) })}
        options={counts.map((count) => [count, `${count} of ${edit.custodians.length} custodians`] as const)}
      />
      {groups.map((group) => (
        <div key={group} className="stack-8">
          <Select
            label={`Approvals needed from ${group}`}
            value={String(edit.groups.find((rule) => rule.group === group)?.count ?? 0)}
            onValue={(count) => set({ groups: withGroup(edit.groups, group, Number(count)) })}
            options={[
              ['0', 'None in particular'],
              ...upTo(members(custodians, group)).map((n) => [n, `At least ${n}`] as const),
            ]}
          />
          <Check
            label={`One denial from ${group} stops a request`}
            checked={edit.veto.includes(group)}
            onCheck={(on) => set({ veto: toggled(edit.veto, group, on) })}
          />
        </div>
      ))}
      <Text
        label="Why it is this tight"
        hint="Needed only if one absent custodian can block it."
        value={edit.whyTight}
        onValue={(whyTight) => set({ whyTight })}
        maxLength={500}
      />
    </section>
  )
}

const members = (custodians: readonly PersonView[], group: string) =>
  custodians.filter((person) => person.groups.includes(group)).length

const upTo = (most: number) => Array.from({ length: Math.max(1, most) }, (_, at) => String(at + 1))

function withGroup(groups: PartProps['edit']['groups'], group: string, count: number): PartProps['edit']['groups'] {
  const others = groups.filter((rule) => rule.group !== group)
  return count === 0 ? others : [...others, { group, count }]
}
