import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { PAGE_FUNCTIONS } from './page-scripts.ts'

type Save = (what: { name: string; base64: string }) => Promise<boolean>

/** Saving in the window of a browser whose file fails at one step; what was asked of that file. */
function saving(fails: 'pick' | 'write' | 'close' | null, name = 'QuotaExceededError') {
  const asked: string[] = []
  const step = async (what: 'pick' | 'write' | 'close') => {
    asked.push(what)
    if (fails === what) throw new DOMException('no room', name)
  }
  const file = { write: () => step('write'), close: () => step('close'), abort: async () => void asked.push('abort') }
  const showSaveFilePicker = async () => {
    await step('pick')
    return { createWritable: async () => file }
  }
  const save = runInNewContext(`(${PAGE_FUNCTIONS.saveFile})`, { showSaveFilePicker, atob, Uint8Array }) as Save
  return { asked, saved: save({ name: 'case-3f9a.lbx', base64: 'AQI=' }) }
}

describe('saving in the window of a browser', () => {
  it('is done when the browser has put the file in its place', async () => {
    const { asked, saved } = saving(null)
    expect([await saved, asked]).toEqual([true, ['pick', 'write', 'close']])
  })

  it.each(['write', 'close'] as const)(
    'tells where the disk fills at “%s”, and leaves what was there',
    async (step) => {
      const { asked, saved } = saving(step)
      await expect(saved).rejects.toMatchObject({ name: 'QuotaExceededError' })
      // What was written aside is given up, and never takes the place of the file of that name.
      expect(asked.at(-1)).toBe('abort')
      expect(asked.filter((one) => one === 'close')).toHaveLength(step === 'close' ? 1 : 0)
    },
  )

  it('takes no for an answer, and nothing else', async () => {
    expect(await saving('pick', 'AbortError').saved).toBe(false)
    await expect(saving('pick', 'SecurityError').saved).rejects.toMatchObject({ name: 'SecurityError' })
  })
})
