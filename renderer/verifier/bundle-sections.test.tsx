import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { describe, expect, it } from 'vitest'
import type { BundleReport } from '../../shared/verify/report.ts'
import { exportedBytes, heldBytes, wholeStory } from '../../shared/verify/testing/exported.ts'
import { reportOn } from '../../shared/verify/testing/reading.ts'
import { freshPages } from '../testing/page.tsx'
import { BundleSections } from './bundle-sections.tsx'
import { First } from './findings.tsx'

freshPages()

const whole = await reportOn(await exportedBytes((await wholeStory()).exported))
const held = await reportOn(await heldBytes([{ from: 18, to: 29 }], (at) => at < 18 || at > 28))

async function show(report: BundleReport): Promise<string> {
  const root = createRoot(document.body.appendChild(document.createElement('div')))
  await act(async () =>
    root.render(
      <>
        <First report={report} />
        <BundleSections report={report} asked={[]} onCase={() => undefined} />
      </>,
    ),
  )
  return document.body.textContent ?? ''
}

const part = (title: string) => document.querySelector(`section[aria-label="${title}"]`)?.textContent ?? ''

describe('the page’s report', () => {
  it('says first of a file that holds how much people should look at all the same', async () => {
    expect(await show(whole)).toMatch(/^People should look at one thing it records\./)
  })

  it('says that there is no case, and has the removal apart from people and plans', async () => {
    await show(held)
    expect(part('Cases')).toContain('None is in what was verified.')
    expect(part('Who read, exported and removed what')).toContain('erin removed 11 entries from the log')
    expect(part('Founding, people, plans and custody')).not.toContain('removed 11 entries')
    expect(document.querySelector('section[aria-label^="About requests"]')).toBeNull()
  })

  it('names each person by their id, and says how often the list of people was replaced', async () => {
    await show(whole)
    const alice = whole.people.find(({ name }) => name === 'alice')
    expect(part('People and their hardware keys')).toContain(alice?.member)
    expect(part('What this file is')).toContain('its roster is still that of the founding')
  })
})
