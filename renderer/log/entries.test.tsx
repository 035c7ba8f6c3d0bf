import { act } from 'react'
import { describe, expect, it, vi } from 'vitest'
import type { LogEntry } from '../../shared/ipc-values.ts'
import { go } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import { entry } from '../testing/cases.ts'
import { freshPages, press, show } from '../testing/page.tsx'
import { digestId, nameId, ref } from '../testing/people.ts'
import { memberSnapshot } from '../testing/snapshots.ts'

freshPages()

/** A log of so many entries, of which every one says its position, opened at Entries. */
async function logOf(count: number, about: LogEntry['about'], people = [ref('ana')]) {
  const { app, main } = await appWith(memberSnapshot('eve'), {
    'log.find': (request) => {
      const { skip, most } = request as { skip: number; most: number }
      return Array.from({ length: count }, (_, at) => count - 1 - at).slice(skip, skip + most)
    },
    'log.cases': () => ({ rows: [], total: 0, older: 0, people, plans: [] }),
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

  it('can be narrowed to somebody who has left', async () => {
    const gone = { member: nameId('gone'), name: 'Zoe Gone' }
    await logOf(1, null, [ref('ana'), gone])
    const [person] = [...document.querySelectorAll('select')].filter((one) => one.textContent?.includes('Everybody'))
    expect(person?.textContent).toContain('Zoe Gone')
  })
})
