import { act } from 'react'
import { describe, expect, it } from 'vitest'
import { type RefusalCode, refusalCodeSchema, type Step } from '../../shared/ceremony.ts'
import { appWith } from '../testing/app.ts'
import { freshPages, show } from '../testing/page.tsx'
import { nameId } from '../testing/people.ts'
import { memberSnapshot } from '../testing/snapshots.ts'
import { errorWords } from '../ui/error-words.ts'

freshPages()

/** What the panel shows after a refusal. */
async function panelOf(code: RefusalCode, because: string | null, message: string) {
  const { app } = await appWith(memberSnapshot('raj'))
  await show(app)
  const step: Step = { kind: 'refused', ceremony: nameId('ceremony'), code, because, message, mayRetry: false }
  await act(async () => void app.desk.run(Promise.resolve(step), { doing: 'approve', draft: null }))
  const dialog = document.querySelector('[role="dialog"]')
  return { title: dialog?.querySelector('h1')?.textContent, text: dialog?.textContent ?? '' }
}

const KEYS_FAULT: readonly RefusalCode[] = [
  'no-prf',
  'no-algorithm',
  'no-secret',
  'secret-changed',
  'no-verification',
  'synced',
  'same-key',
  'another-key',
  'unknown-key',
  'wrong-site',
  'not-verified',
  'unexpected-answer',
]
const others = refusalCodeSchema.options.filter((code) => !KEYS_FAULT.includes(code) && code !== 'cancelled')

describe('the panel of a refusal', () => {
  it.each(KEYS_FAULT)('says that the key was not accepted, where it was the key (%s)', async (code) => {
    expect((await panelOf(code, null, 'It was this. Do that.')).title).toBe('The key was not accepted')
  })

  it.each(others)('does not put it on the key, where it was something else (%s)', async (code) => {
    const { title, text } = await panelOf(code, null, 'It was this. Do that.')
    expect(title).not.toContain('not accepted')
    for (const part of ['It was this.', 'Do that.', errorWords(code).means]) expect(text).toContain(part)
  })

  it.each(['locked', 'damaged', 'blob-missing', 'denied', 'clock-differs'])(
    'has the words of the error that is behind it (%s)',
    async (because) => {
      const { what, means, todo } = errorWords(because)
      const { title, text } = await panelOf('failed', because, 'some detail in lower case')
      expect(title).toBe('Lockbox could not do this')
      for (const part of [what, means, todo, 'some detail in lower case']) expect(text).toContain(part)
    },
  )
})
