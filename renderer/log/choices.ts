import { useEffect, useState } from 'react'
import type { LogChoices } from '../../shared/views/case-log.ts'
import { useApp, useSnapshot } from '../store/app.ts'

/** Whom and what the log can be narrowed to; until main says, those who are in the organization now. */
export function useChoices(): LogChoices {
  const { client } = useApp()
  const { people, plans } = useSnapshot()
  const [found, setFound] = useState<{ readonly asOf: string; readonly choices: LogChoices } | null>(null)
  // Who joins, and a plan that is drafted, is there from then on.
  const asOf = `${people.length} ${plans.length}`
  useEffect(() => {
    let stale = false
    client.log.choices().then(
      (choices) => stale || setFound({ asOf, choices }),
      // Those who are in it can still be chosen, and what is wrong with the log its entries say.
      () => undefined,
    )
    return () => {
      stale = true
    }
  }, [client, asOf])
  return found?.choices ?? { people: people.map(({ member, name }) => ({ member, name, left: false })), plans: [] }
}

/** People as a list to choose from: who left is said to have, and of two with one name each has a piece of its id. */
export function personOptions(people: LogChoices['people']): (readonly [member: string, words: string])[] {
  const seen = new Map<string, number>()
  for (const { name } of people) seen.set(name, (seen.get(name) ?? 0) + 1)
  return people.map(({ member, name, left }) => {
    const which = (seen.get(name) ?? 0) > 1 ? `, ${member.slice(0, 8)}…` : ''
    return [member, `${name}${which}${left ? ' (left)' : ''}`]
  })
}
