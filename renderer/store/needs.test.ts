import { describe, expect, it } from 'vitest'
import { askedCase } from '../testing/cases.ts'
import { digestId, ref } from '../testing/people.ts'
import { plan } from '../testing/snapshots.ts'
import { drillsDue } from './needs.ts'

const me = { ...ref('ana'), roles: [], groups: [] }

describe('a drill that is due', () => {
  const due = (id: string, at: number, state: 'well' | 'due' | 'overdue' = 'overdue') =>
    plan('ana', { id: digestId(id), drill: { last: null, due: at, why: [], state } })
  const plans = [due('second', 2), due('first', 1, 'due'), due('later', 9, 'well'), plan('ana', { state: 'draft' })]
  const as = (...roles: ('admin' | 'approver' | 'auditor' | 'commander')[]) => ({ ...me, roles })
  const ids = (...given: Parameters<typeof drillsDue>) => drillsDue(...given).map(({ id }) => id)

  it('is for commanders and admins, the longest overdue first', () => {
    const both = [digestId('first'), digestId('second')]
    expect(ids({ me: as('commander'), plans, cases: [] })).toEqual(both)
    expect(ids({ me: as('admin', 'approver'), plans, cases: [] })).toEqual(both)
    expect(ids({ me: as('approver', 'auditor'), plans, cases: [] })).toEqual([])
  })

  it('is not asked for again while one is under way', () => {
    const drill = askedCase(Date.now(), { purpose: 'drill', plan: { id: digestId('first'), name: '' } })
    const left = (one: typeof drill) => ids({ me: as('commander'), plans, cases: [one] })
    expect(left(drill)).toEqual([digestId('second')])
    expect(left({ ...drill, purpose: 'access' })).toHaveLength(2)
    expect(left({ ...drill, state: 'expired' })).toHaveLength(2)
  })
})
