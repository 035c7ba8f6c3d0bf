import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, it, vi } from 'vitest'
import type { CaseReport } from '../../shared/verify/report.ts'
import { exportedBytes, wholeStory } from '../../shared/verify/testing/exported.ts'
import { reportOn } from '../../shared/verify/testing/reading.ts'
import { button, fill, freshPages, press } from '../testing/page.tsx'
import { Cases } from './cases.tsx'

freshPages()

const { cases } = await reportOn(await exportedBytes((await wholeStory()).exported))
const [first] = cases
if (first === undefined) throw new TypeError('expected a case')
const second: CaseReport = { ...first, id: `${first.id.slice(0, -1)}A`, reference: 'INC-8', what: 'Nothing works.' }
const older = 'A'.repeat(43)

async function show(asked: readonly string[] = []) {
  const onCase = vi.fn<(id: string) => void>()
  const root = createRoot(document.body.appendChild(document.createElement('div')))
  await act(async () =>
    root.render(<Cases cases={[first as CaseReport, second]} older={3} asked={asked} onCase={onCase} />),
  )
  return onCase
}

const shown = () => [...document.querySelectorAll('details')].map(({ open }) => open)

it('shows the one case that is chosen with its timeline, and all of them closed before', async () => {
  await show()
  expect(shown()).toEqual([false, false])
  await fill('Choose a case', ' inc-8 ')
  expect(shown()).toEqual([true])
  expect(document.body.textContent).toContain('Nothing works.')
  expect(document.body.textContent).toContain('measured times, each the claim of one device’s clock:')
  await fill('Choose a case', 'alice')
  expect(shown()).toEqual([false, false])
})

it('finds a case by an entry of its timeline, as findings name it', async () => {
  await show()
  await fill('Choose a case', `[${first.timeline.at(-1)?.entry}]`)
  expect(document.querySelectorAll('details')).toHaveLength(2)
  await fill('Choose a case', '[9999]')
  expect(document.querySelectorAll('details')).toHaveLength(0)
})

it('keeps its sentences in their own direction, whatever a text in them has', async () => {
  await show()
  await fill('Choose a case', 'inc-8')
  const lines = [...document.querySelectorAll('details bdi')]
  expect(lines.length).toBeGreaterThan(10)
  expect(lines.every((line) => line.getAttribute('dir') === 'ltr')).toBe(true)
})

it('offers to verify again for an id that is not listed, and for nothing else', async () => {
  const onCase = await show()
  await fill('Choose a case', 'INC-9')
  expect(document.body.textContent).toContain('No case that is listed fits.')
  expect(button('Verify again for this case')).toBeUndefined()
  await fill('Choose a case', older)
  await press('Verify again for this case')
  expect(onCase).toHaveBeenCalledWith(older)
})

it('says that a case which was asked for is not in the files, and does not ask again', async () => {
  await show([older])
  expect(document.body.textContent).toContain('No case of this id is in the files.')
  expect(button('Verify again for this case')).toBeUndefined()
})
