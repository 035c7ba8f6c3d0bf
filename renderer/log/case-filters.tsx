import { useState } from 'react'
import { OUTCOMES } from '../../shared/case/outcome.ts'
import { type CaseFilter, OUTCOME_WORDS } from '../../shared/views/case-log.ts'
import { PURPOSES } from '../cases/words.ts'
import { Line } from '../ui/fields.tsx'
import { Select } from '../ui/select.tsx'
import { personOptions, useChoices } from './choices.ts'
import { beginningOf, dayOf } from './filter.ts'

const PURPOSES_IN_ORDER = ['access', 'drill', 'rotation'] as const

interface CaseFiltersProps {
  readonly filter: CaseFilter
  readonly onChange: (change: Partial<CaseFilter>) => void
}

/** What the list of cases is narrowed to: whose, under which plan, how it went, and of which days. */
export function CaseFilters({ filter, onChange }: CaseFiltersProps) {
  const { person, plan, outcome, purpose, from, before, text } = filter
  const { people, plans } = useChoices()
  const orNull = (value: string) => (value === '' ? null : value)
  return (
    <fieldset className="filters" aria-label="Filter">
      <Line
        label="Reference or words"
        value={text}
        onValue={(typed) => onChange({ text: typed })}
        maxLength={128}
        type="search"
      />
      <Select
        label="Person"
        value={person ?? ''}
        onValue={(value) => onChange({ person: orNull(value) })}
        options={[['', 'Everybody'], ...personOptions(people)]}
      />
      <Select
        label="Plan"
        value={plan ?? ''}
        onValue={(value) => onChange({ plan: orNull(value) })}
        options={[['', 'All plans'], ...plans.map((one) => [one.plan, one.name] as const)]}
      />
      <Select
        label="Outcome"
        value={outcome ?? ''}
        onValue={(value) => onChange({ outcome: OUTCOMES.find((one) => one === value) ?? null })}
        options={[['', 'Any'], ...OUTCOMES.map((one) => [one, OUTCOME_WORDS[one]] as const)]}
      />
      <Select
        label="Purpose"
        value={purpose ?? ''}
        onValue={(value) => onChange({ purpose: PURPOSES_IN_ORDER.find((one) => one === value) ?? null })}
        options={[['', 'Any'], ...PURPOSES_IN_ORDER.map((one) => [one, PURPOSES[one]] as const)]}
      />
      <Day label="Asked from" after={0} value={from} onValue={(at) => onChange({ from: at })} />
      <Day label="Asked until" after={1} value={before} onValue={(at) => onChange({ before: at })} />
    </fieldset>
  )
}

interface DayProps {
  readonly label: string
  /** How many days after the beginning of the day that is shown: the end of a span is the beginning of the next day. */
  readonly after: 0 | 1
  readonly value: number | null
  readonly onValue: (at: number | null) => void
}

/** A day, of which the text is kept here while it is typed. As ISO 8601 has it, since every country has its own order. */
function Day({ label, after, value, onValue }: DayProps) {
  const [typed, setTyped] = useState('')
  const text = beginningOf(typed, after) === value ? typed : value === null ? '' : dayOf(value - after)
  const type = (day: string) => {
    setTyped(day)
    onValue(beginningOf(day, after))
  }
  const wrong = typed !== '' && text === typed && beginningOf(typed, after) === null
  return (
    <Line
      label={label}
      value={text}
      onValue={type}
      placeholder="YYYY-MM-DD"
      maxLength={10}
      wrong={wrong ? 'A day is written like 2026-11-23.' : undefined}
    />
  )
}
