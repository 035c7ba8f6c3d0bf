import { act } from 'react'
import { describe, expect, it, vi } from 'vitest'
import type { LogEntry } from '../../shared/ipc-values.ts'
import { ANY_CASE } from '../../shared/views/case-log.ts'
import { go } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import { entry } from '../testing/cases.ts'
import { field, fill, freshPages, press, show } from '../testing/page.tsx'
import { digestId, nameId, ref } from '../testing/people.ts'
import { memberSnapshot } from '../testing/snapshots.ts'

freshPages()

/** A log of so many entries, of which every one says its position, opened at Entries. */
async function logOf(count: number, about: LogEntry['about']) {
  const { app, main } = await appWith(memberSnapshot('eve'), {
    'log.find': (request) => {
      const { skip, most } = request as { skip: number; most: number }
      return Array.from({ length: count }, (_, at) => count - 1 - at).slice(skip, skip + most)
    },
  })
  const opened = (position: number): LogEntry => {
    const said = { ...entry('ana', 'read', 0, `said no. ${position}.`), id: digestId(`entry ${position}`) }
    return {
      position,
      table: 'statement',
      entry: said,
      case: about === null ? null : digestId('case of last year'),
      about,
    }
  }
  const rows = {
    refresh: async () => ({ rows: count, rebuilt: false, why: '' }),
    open: async (positions: readonly number[]) => ({ entries: positions.map(opened), refreshed: null }),
  }
  go(app.view, { screen: 'log' })
  await show({ ...app, rows })
  await press('Entries')
  await begins(`no. ${count - 1}`)
  return main
}

const listed = () =>
  [...document.querySelectorAll('.timeline > li')].map((one) => /no\. \d+/.exec(one.textContent ?? '')?.[0])

/** Waits until the page that begins with this entry is shown: a search waits for the next letter. */
const begins = (first: string) =>
  vi.waitFor(
    async () => {
      await act(async () => undefined)
      expect(listed()[0]).toBe(first)
    },
    { timeout: 20_000 },
  )

describe('the entries of the log', () => {
  it('are all there, page by page: also those behind the first hundreds', async () => {
    await logOf(230, null)
    const seen = new Set(listed())
    for (const first of [179, 129, 79, 29]) {
      await press('Older')
      await begins(`no. ${first}`)
      for (const one of listed()) seen.add(one)
    }
    expect(seen.size).toBe(230)
    expect(document.body.textContent).toContain('201 to 230, the newest first')
    await press('Newer')
    await begins('no. 79')
  })

  it('of a case that is not among the newest say which it is, and lead to its report', async () => {
    const main = await logOf(1, { credential: 'prod-root', requester: ref('raj'), outcome: 'denied', forNobody: false })
    expect(document.querySelector('.stack h3')?.textContent).toBe('prod-root for Raj Patel: Denied')
    await press('Open its report')
    expect(main.calls.at(-1)).toEqual({ channel: 'log.caseReport', request: { case: digestId('case of last year') } })
  })

  it('can be narrowed to somebody who has left, who is told from another of that name', async () => {
    await logOf(1, null)
    const [person] = [...document.querySelectorAll('select')].filter((one) => one.textContent?.includes('Everybody'))
    const rajs = [...(person?.options ?? [])].map(({ text }) => text).filter((text) => text.startsWith('Raj Patel'))
    expect(rajs).toEqual([
      `Raj Patel, ${nameId('raj').slice(0, 8)}…`,
      `Raj Patel, ${nameId('the other Raj').slice(0, 8)}… (left)`,
    ])
    const calls = (await logOf(1, null)).calls.map(({ channel }) => channel)
    expect(calls).toContain('log.choices')
  })

  it('can be narrowed to any case by its reference, which is looked for in main among cases of any age', async () => {
    const main = await logOf(3, null)
    const found = () => main.calls.filter(({ channel }) => channel === 'log.find').at(-1)?.request
    await fill('Entries of one case', 'inc-1721')
    await says('1 case fits. Choose it to see its entries.')
    expect(main.calls.filter(({ channel }) => channel === 'log.cases').at(-1)?.request).toEqual({
      ...ANY_CASE,
      text: 'inc-1721',
      skip: 0,
      most: 6,
      atHand: false,
    })
    const offered = document.querySelector<HTMLElement>('ul[aria-label="Cases that fit"] button')
    await act(async () => offered?.click())
    await vi.waitFor(() => expect(found()).toMatchObject({ case: digestId('case failed'), skip: 0 }))
    expect(document.body.textContent).toContain('Entries of one case: prod-root for Ana Costa, INC-1721')
    expect(document.activeElement?.textContent).toBe('Entries of all cases')
    await press('Entries of all cases')
    expect(document.activeElement).toBe(field('Entries of one case'))
    await vi.waitFor(() => expect(found()).toMatchObject({ case: null }))
  })

  it('says when no case has the words, and how to make fewer of many', async () => {
    await logOf(3, null)
    await fill('Entries of one case', 'inc-9999')
    await says('No case that this device keeps has all these words.')
    expect(document.querySelector('ul[aria-label="Cases that fit"]')).toBeNull()
    await fill('Entries of one case', 'a')
    await says('The newest 6 of 8 cases that fit. Another word makes them fewer.')
  })
})

const says = (text: string) =>
  vi.waitFor(
    async () => {
      await act(async () => undefined)
      expect(document.body.textContent).toContain(text)
    },
    { timeout: 20_000 },
  )
