import { act } from 'react'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../shared/bytes.ts'
import { codesOf } from '../../shared/carriers/codes.ts'
import { LockboxError } from '../../shared/errors.ts'
import { type FileReceipt, NOTHING_TAKEN } from '../../shared/ipc-values.ts'
import { go, type Route } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import { askedCase } from '../testing/cases.ts'
import type { Answers, FakeMain } from '../testing/fake-main.ts'
import { button, fill, freshPages, part, press, show } from '../testing/page.tsx'
import { digestId } from '../testing/people.ts'
import { memberSnapshot } from '../testing/snapshots.ts'

freshPages()

const SHORT = Uint8Array.from({ length: 400 }, (_, at) => at % 251)
const LONG = Uint8Array.from({ length: 2000 }, (_, at) => (at * 7) % 251)
const GOT: FileReceipt = { ...NOTHING_TAKEN, added: 2, known: 1 }

async function shown(route: Route, answers: Answers, cases = [askedCase(Date.now())]): Promise<FakeMain> {
  const { app, main } = await appWith(memberSnapshot('ana', { cases }), answers)
  go(app.view, route)
  await show(app)
  return main
}
const settled = () => act(async () => new Promise((resolve) => setTimeout(resolve)))
const dialogText = () => document.querySelector('[role=dialog]')?.textContent ?? ''

describe('showing a case as a code', () => {
  const route: Route = { screen: 'case', id: digestId('case ana') }

  it('asks for what this device said, and shows it as one picture that stands still', async () => {
    const main = await shown(route, { 'exchange.writeCode': () => ({ pack: SHORT }) })
    await press('Show as a code')
    await settled()
    expect(main.calls.filter(({ channel }) => channel === 'exchange.writeCode').map(({ request }) => request)).toEqual([
      { request: digestId('case ana'), of: 'mine' },
    ])
    expect(document.querySelector('svg[role=img]')?.getAttribute('aria-label')).toBe('Code of what this device said')
    expect(button('Pause')).toBeUndefined()
  })

  it('plays what is longer, and can be paused and stepped by hand', async () => {
    await shown(route, { 'exchange.writeCode': () => ({ pack: LONG }) })
    await press('Show as a code')
    await settled()
    await press('Pause')
    const path = () => document.querySelector('.code-picture .dark')?.getAttribute('d')
    const before = path()
    await press('Next code')
    expect(path()).not.toBe(before)
    expect(dialogText()).toContain(`${codesOf(LONG).count} codes at least`)
  })

  it('says so where this device has said nothing, and still offers the whole case', async () => {
    const main = await shown(route, {
      'exchange.writeCode': (request) => {
        if ((request as { of: string }).of === 'case') return { pack: SHORT }
        throw new LockboxError('nothing-said', 'nothing')
      },
    })
    await press('Show as a code')
    await settled()
    expect(document.querySelector('svg[role=img]')).toBeNull()
    await press('The whole case')
    await settled()
    expect(document.querySelector('svg[role=img]')?.getAttribute('aria-label')).toBe('Code of the whole case')
    expect(main.calls.at(-1)?.request).toEqual({ request: digestId('case ana'), of: 'case' })
  })
})

describe('scanning without a camera', () => {
  const route: Route = { screen: 'log' }
  const answers = { 'exchange.readCode': () => GOT, 'exchange.readFile': () => GOT, 'exchange.scan': () => null }
  const asked = (main: FakeMain, channel: string) =>
    main.calls.filter((call) => call.channel === channel).map(({ request }) => request)

  it('says what is missing, and lets main close the camera again at the end', async () => {
    const main = await shown(route, answers)
    await press('Scan codes')
    await settled()
    expect(dialogText()).toContain('The camera did not start.')
    // Hidden, and there for the next camera that is chosen.
    expect(document.querySelector('video')?.hidden).toBe(true)
    await press('Done')
    expect(asked(main, 'exchange.scan')).toEqual([{ camera: true }, { camera: false }])
  })

  it('takes pasted codes, in any order, through the same door as scanned ones', async () => {
    const main = await shown(route, answers)
    await press('Scan codes')
    const { code, count } = codesOf(LONG)
    const texts = Array.from({ length: count }, (_, at) => code(count - at))
    await fill('Pasted text', `see below\n${texts.join('\n')}\n${codesOf(SHORT).code(1)}`)
    await press('Take in the text')
    await settled()
    expect(asked(main, 'exchange.readCode')).toEqual([
      { pack: LONG, pasted: true },
      { pack: SHORT, pasted: true },
    ])
    expect(dialogText()).toContain('Got 2: 4 new, 2 known, 0 refused, 0 waiting for others.')
  })

  it('does not let the open cases pass for what came', async () => {
    await shown(route, answers)
    await press('Scan codes')
    const { headline } = askedCase(Date.now())
    const open = part('All open cases')
    expect(open).toMatch(/^All open cases as they stand now, whether or not these codes are of them:/)
    expect(open).toContain(headline)
    expect(dialogText().split(headline)).toHaveLength(2)
    await press('Done')
    await shown(route, answers, [])
    await press('Scan codes')
    expect(dialogText()).not.toContain('open cases')
  })

  it('shows how much of a sequence is there', async () => {
    await shown(route, answers)
    await press('Scan codes')
    const { code, count } = codesOf(LONG)
    await fill('Pasted text', `${code(1)} ${code(2)}`)
    await press('Take in the text')
    await settled()
    expect(dialogText()).toContain(`2 of ${count}`)
  })

  it('names a code that is damaged, and keeps what it had', async () => {
    await shown(route, answers)
    await press('Scan codes')
    const { code } = codesOf(LONG)
    await fill('Pasted text', `${code(1)} ${code(2).slice(0, -2)}AE`)
    await press('Take in the text')
    await settled()
    expect(dialogText()).toContain('A code was damaged, or not read well.')
    expect(dialogText()).toContain('1 of 5')
  })

  it.each([
    ['again where this device failed', 'disk-full', 2],
    ['not again where it is no pack', 'malformed', 1],
  ])('reads what could not be taken in %s', async (_what, code, times) => {
    const failing = () => {
      throw new LockboxError(code, 'not taken in')
    }
    const main = await shown(route, { ...answers, 'exchange.readCode': failing })
    await press('Scan codes')
    for (let time = 0; time < 2; time++) {
      await fill('Pasted text', codesOf(SHORT).code(1))
      await press('Take in the text')
      await settled()
    }
    expect(asked(main, 'exchange.readCode')).toHaveLength(times)
  })

  it('takes a pasted file as a file', async () => {
    const main = await shown(route, answers)
    await press('Scan codes')
    await fill('Pasted text', '{"blobs":0}')
    await press('Take in the text')
    await settled()
    expect(asked(main, 'exchange.readFile')).toEqual([
      { name: 'pasted text', bytes: utf8('{"blobs":0}'), pasted: true },
    ])
  })
})
