import { act } from 'react'
import { describe, expect, it } from 'vitest'
import { ANY_CASE } from '../../shared/views/case-log.ts'
import { go, listCases } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import { fill, freshPages, open, press, show } from '../testing/page.tsx'
import { digestId, nameId } from '../testing/people.ts'
import { report as reportOnAna } from '../testing/reports.ts'
import { closedSnapshot, memberSnapshot } from '../testing/snapshots.ts'
import { beginningOf, dayOf } from './filter.ts'

freshPages()

const asked = (main: Awaited<ReturnType<typeof open>>) =>
  main.calls.filter(({ channel }) => channel === 'log.cases').at(-1)?.request
const rows = () =>
  [...document.querySelectorAll('ul[aria-label=Cases] > li')].map(({ textContent }) => textContent ?? '')

describe('the list of all cases', () => {
  it('asks main for what the filter says, and for the first page of it', async () => {
    const main = await open(memberSnapshot('eve'), { screen: 'log' })
    expect(asked(main)).toEqual({ ...ANY_CASE, skip: 0, most: 25, atHand: true })
    expect(rows()).toHaveLength(8)
    await fill('Person', nameId('ana'))
    await fill('Outcome', 'denied')
    await fill('Purpose', 'access')
    await fill('Asked from', '2026-11-01')
    await fill('Asked until', '2026-11-30')
    expect(asked(main)).toEqual({
      person: nameId('ana'),
      plan: null,
      outcome: 'denied',
      purpose: 'access',
      from: new Date(2026, 10, 1).getTime(),
      before: new Date(2026, 11, 1).getTime(),
      text: '',
      skip: 0,
      most: 25,
      // A first day was named.
      atHand: false,
    })
    expect(rows()).toHaveLength(1)
  })

  it('lists the newest three months at once, says how many are older, and lists them when asked', async () => {
    const main = await open(memberSnapshot('eve'), { screen: 'log' })
    expect(document.body.textContent).toContain('The newest three months are listed. 14 older cases are kept here too.')
    await press('List older cases too')
    expect(asked(main)).toMatchObject({ atHand: false, skip: 0 })
    expect(document.body.textContent).toContain('All cases that this device keeps are listed.')
    await press('List the newest three months')
    expect(asked(main)).toMatchObject({ atHand: true })
  })

  it('finds a case by its reference, however long ago it was asked', async () => {
    const main = await open(memberSnapshot('eve'), { screen: 'log' })
    await fill('Reference or words', 'inc-1721')
    expect(asked(main)).toMatchObject({ text: 'inc-1721', atHand: false, skip: 0 })
    expect(rows()).toHaveLength(1)
    expect(rows()[0]).toContain('INC-1721')
    await fill('Reference or words', 'inc-9999')
    expect(document.body.textContent).toContain('No case fits this filter.')
    await press('Show all cases')
    expect(asked(main)).toEqual({ ...ANY_CASE, skip: 0, most: 25, atHand: true })
  })

  it('says nothing of all cases while a filter keeps some out', async () => {
    const main = await open(memberSnapshot('eve'), { screen: 'log' })
    const says = () => document.body.textContent ?? ''
    await fill('Outcome', 'denied')
    expect(says()).toContain('Those of the newest three months that fit the filter are listed.')
    expect(says()).not.toMatch(/The newest three months are listed|No older case is kept here/)
    await press('List older cases too')
    expect(asked(main)).toMatchObject({ atHand: false, outcome: 'denied' })
    expect(says()).toContain('All cases that this device keeps and that fit the filter are listed.')
    expect(says()).not.toContain('All cases that this device keeps are listed.')
  })

  it('does not call a filter empty that older cases fit', async () => {
    const page = { rows: [], total: 0, older: 2 }
    const { app } = await appWith(memberSnapshot('eve'), { 'log.cases': () => page })
    go(app.view, { screen: 'log' })
    await show(app)
    await fill('Outcome', 'withdrawn')
    expect(document.body.textContent).toContain('No case of the newest three months fits this filter.')
    expect(document.body.textContent).toContain('2 older cases kept here fit it too.')
  })

  it('says that entries were removed, and not that no case was ever recorded', async () => {
    const page = { rows: [], total: 0, older: 0 }
    const { log, ...eve } = memberSnapshot('eve')
    const { app } = await appWith({ ...eve, log: { ...log, removed: 40 } }, { 'log.cases': () => page })
    go(app.view, { screen: 'log' })
    await show(app)
    expect(document.querySelector('h1')?.textContent).toBe('174 of 214 entries are in this device’s log')
    expect(document.body.textContent).toContain('40 old entries were removed from this device by its owner.')
    expect(document.body.textContent).toContain('No case is kept here.')
    expect(document.body.textContent).not.toContain('No case is recorded yet')
  })

  it('goes back to the first page if what was turned to is not there any more', async () => {
    const whole = await open(memberSnapshot('eve'), { screen: 'log' })
    expect(asked(whole)).toMatchObject({ skip: 0 })
    const empty = { rows: [], total: 20, older: 0 }
    const { app, main } = await appWith(memberSnapshot('eve'), { 'log.cases': () => empty })
    go(app.view, { screen: 'log' })
    listCases(app.view, { filter: ANY_CASE, skip: 25, older: true })
    await show(app)
    expect(asked(main)).toMatchObject({ skip: 0 })
    expect(document.body.textContent).not.toContain('No case is recorded yet')
  })

  it('leaves a day alone while it is typed, and lets it be taken away', async () => {
    const main = await open(memberSnapshot('eve'), { screen: 'log' })
    await fill('Asked from', '0202-11-01')
    expect(asked(main)).toMatchObject({ from: null })
    await fill('Asked from', '2026-11-01')
    expect(asked(main)).toMatchObject({ from: new Date(2026, 10, 1).getTime() })
    await fill('Asked from', '')
    expect(asked(main)).toMatchObject({ from: null })
  })

  it('exports the days that are listed, once both ends are known', async () => {
    const main = await open(memberSnapshot('eve'), { screen: 'log' })
    await fill('Asked from', '2026-11-01')
    expect(document.body.textContent).not.toContain('Export these days')
    await fill('Asked until', '2026-11-30')
    await press('Export these days')
    expect(main.calls.find(({ channel }) => channel === 'log.export')?.request).toEqual({
      scope: { from: new Date(2026, 10, 1).getTime(), to: new Date(2026, 11, 1).getTime() },
    })
  })

  it('says how long each step took, what is to be looked at in words, and that clocks do not agree', async () => {
    await open(memberSnapshot('eve'), { screen: 'log' })
    const [first, , drill, clocks] = rows()
    expect(first).toContain('→ approved after 4 min 36 s → access after 1 min 24 s')
    expect(first).toContain('1 finding · 2 things still owed · 1 statement does not count')
    const heard = document.querySelector('ul[aria-label=Cases] .measured')?.cloneNode(true) as HTMLElement
    for (const hidden of heard.querySelectorAll('[aria-hidden=true]')) hidden.remove()
    expect(heard.textContent).toMatch(/\d +approved after 4 min 36 s +access after 1 min 24 s$/)
    expect(drill).toContain('approved after 2 min 11 s → access after 41 s → end after 15 min')
    expect(clocks).toContain('approved 2 min earlier, since the clocks do not agree')
    expect(clocks).toContain('1 thing still owed, 1 overdue')
  })

  it('keeps the filter while a report is read, and forgets it when the vault is locked', async () => {
    const main = await open(memberSnapshot('eve'), { screen: 'log' })
    await fill('Outcome', 'denied')
    await act(async () => document.querySelector<HTMLElement>('ul[aria-label=Cases] button')?.click())
    expect(document.querySelector('h1')?.textContent).toBe('Case report: prod-root for Ana Costa')
    expect(main.calls.at(-1)?.channel).toBe('log.caseReport')
    await press('All cases in the log')
    expect(rows()).toHaveLength(1)
    const { number: _, ...locked } = closedSnapshot('locked')
    await act(async () => main.show(locked))
    const { number: __, ...unlocked } = memberSnapshot('eve')
    await act(async () => main.show(unlocked))
    await press('Log')
    expect(asked(main)).toEqual({ ...ANY_CASE, skip: 0, most: 25, atHand: true })
  })
})

it('lists what was refused at the door: by which way it came, from whom, and why', async () => {
  const snapshot = memberSnapshot('eve')
  const at = Date.UTC(2026, 10, 23, 14, 2, 7)
  const refusals = [{ at, how: 'by a code of Ana’s', why: 'this statement belongs to another organization' }]
  await open({ ...snapshot, log: { ...snapshot.log, refused: 1, refusals } }, { screen: 'log' })
  expect(document.body.textContent).toContain('1 refused at the door')
  expect(document.querySelector('details.refused-list')?.textContent).toMatch(
    /02:07: it came by a code of Ana’s, and was not let in: this statement belongs to another organization\./,
  )
})

describe('a report', () => {
  const report = { screen: 'report', id: digestId('case ana') } as const

  it('is not saved before its 12 words are known', async () => {
    const whole = reportOnAna()
    const answers = { 'log.caseReport': () => ({ ...whole, organization: { ...whole.organization, words: null } }) }
    const early = await appWith(memberSnapshot('eve'), answers)
    go(early.app.view, report)
    await show(early.app)
    await press('Save this report as a PDF')
    expect(early.main.calls.filter(({ channel }) => channel === 'log.savePdf')).toEqual([])
    const main = await open(memberSnapshot('eve'), report)
    await press('Save this report as a PDF')
    expect(main.calls.at(-1)).toEqual({ channel: 'log.savePdf', request: { case: digestId('case ana') } })
  })

  it('shows both statements of somebody who approved and denied, each with its own time and proof', async () => {
    await open(memberSnapshot('eve'), report)
    const table = [...document.querySelectorAll('section')].find((one) => one.textContent?.startsWith('Who decided'))
    const rows = [...(table?.querySelectorAll('tbody tr') ?? [])].map((row) =>
      [...row.querySelectorAll('td')].map(({ textContent }) => textContent ?? ''),
    )
    const [approved, denied] = rows.filter(
      (_, at) => rows[at + 1]?.[0]?.startsWith('denied') || rows[at]?.[0]?.startsWith('denied'),
    )
    expect(approved?.[0]).toBe('approved')
    expect(denied?.[0]).toBe('denied: “I could not reach Ana by phone.” (the grant was made without it)')
    expect(approved?.[1]).not.toBe(denied?.[1])
    expect([approved?.[2], denied?.[2]].map((proof) => /“[^”]+”/.exec(proof ?? '')?.[0])).toEqual([
      '“blue key”',
      '“safe”',
    ])
  })

  it('puts no text of anybody into the styles of its paper', async () => {
    await open(memberSnapshot('eve'), report)
    const foot = document.documentElement.style.getPropertyValue('--paper-foot')
    expect(foot).toMatch(/^"Case [\w-]{16} · made \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"$/)
    expect(document.title).toMatch(/^Lockbox case report [\w-]{8}$/)
  })

  it('looks a proof up when somebody asks for it, and not before', async () => {
    const main = await open(memberSnapshot('eve'), report)
    const asks = () => main.calls.filter(({ channel }) => channel === 'log.proof').length
    expect(asks()).toBe(0)
    const details = document.querySelector<HTMLDetailsElement>('details.proof')
    await act(async () => {
      if (details) details.open = true
      details?.dispatchEvent(new Event('toggle'))
    })
    expect(asks()).toBe(1)
    expect(details?.textContent).toContain('Counter of the key')
  })
})

describe('days', () => {
  it('begin by the calendar of this place, and none is one of a year that nobody means', () => {
    expect(dayOf(beginningOf('2026-03-29', 0) ?? 0)).toBe('2026-03-29')
    expect(dayOf((beginningOf('2026-03-29', 1) ?? 0) - 1)).toBe('2026-03-29')
    for (const none of ['', '0202-01-01', '2026-1-1', '2026-02-29', '2026-11-31', '2026-13-01'])
      expect(beginningOf(none, 0)).toBeNull()
    expect(dayOf(beginningOf('2028-02-29', 0) ?? 0)).toBe('2028-02-29')
  })
})
