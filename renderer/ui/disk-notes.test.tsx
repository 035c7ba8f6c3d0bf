import { act } from 'react'
import { describe, expect, it } from 'vitest'
import type { Snapshot } from '../../shared/views/views.ts'
import { appWith } from '../testing/app.ts'
import { freshPages, press, show } from '../testing/page.tsx'
import { closedSnapshot, memberSnapshot } from '../testing/snapshots.ts'
import { errorWords } from './error-words.ts'

freshPages()

const member = () => memberSnapshot('raj')
const withDisk = (disk: Partial<Snapshot['vault']['disk']>): Snapshot['vault'] => {
  const { vault } = member()
  return { ...vault, disk: { ...vault.disk, ...disk } }
}
const alerts = () => [...document.querySelectorAll('[role="alert"]')].map(({ textContent }) => textContent ?? '')

describe('what the window says of the disk', () => {
  it.each(['disk-full', 'read-only', 'disk-failed', 'not-alone'] as const)(
    'names %s on every screen: what happened, what it means, what to do',
    async (condition) => {
      const { app, main } = await appWith(member())
      await show(app)
      expect(alerts()).toEqual([])
      await act(async () => main.show({ vault: withDisk({ condition, detail: 'the detail (ECODE)' }) }))
      const { what, means, todo } = errorWords(condition)
      for (const part of [what, means, todo, 'the detail (ECODE)']) expect(alerts().join('\n')).toContain(part)
      await act(async () => main.show({ vault: withDisk({}) }))
      expect(alerts()).toEqual([])
    },
  )

  it.each(['read-only', 'disk-failed', 'not-alone'] as const)(
    'offers to read the disk again after %s',
    async (code) => {
      const { app, main } = await appWith(memberSnapshot('raj', { vault: withDisk({ condition: code }) }))
      await show(app)
      await press('Lock, to read the disk again')
      expect(main.calls.at(-1)?.channel).toBe('vault.lock')
    },
  )

  it('counts how long a slow disk has been busy, and says that nothing is lost', async () => {
    const { app, main } = await appWith(member())
    await show(app)
    await act(async () => main.show({ now: 1_000_000, vault: withDisk({ slowSince: 993_000 }) }))
    expect(document.body.textContent).toContain('The disk is slow: it has been busy with one step for 7 s.')
    expect(document.body.textContent).toContain('Nothing is lost meanwhile')
    await act(async () => main.show({ vault: withDisk({}) }))
    expect(document.body.textContent).not.toContain('The disk is slow')
  })
})

describe('a vault that cannot be used', () => {
  it.each(['unreadable', 'newer-version', 'older-version', 'vault-gone', 'read-only', 'disk-failed', 'profile-in-use'])(
    'says why (%s), and offers neither set-up nor unlocking',
    async (code) => {
      const { app } = await appWith(closedSnapshot('damaged', { trouble: { code, detail: 'the detail' } }))
      await show(app)
      const { what, means, todo } = errorWords(code)
      for (const part of [what, means, todo, 'the detail']) expect(document.body.textContent).toContain(part)
      expect(document.querySelectorAll('button')).toHaveLength(0)
    },
  )
})

describe('a touch whose statement could not be recorded', () => {
  it.each(['disk-full', 'read-only', 'disk-failed', 'not-alone'] as const)(
    'is not said to be the key’s fault (%s)',
    async (code) => {
      const { app } = await appWith(member())
      await show(app)
      const refused = { kind: 'refused', ceremony: 'A'.repeat(22), code, because: null, mayRetry: false } as const
      const message = 'Nothing was kept. Free some space.'
      await act(async () => {
        void app.desk.run(Promise.resolve({ ...refused, message }), { doing: 'approve', draft: null })
      })
      const dialog = document.querySelector('[role="dialog"]')
      expect(dialog?.textContent).toContain('Lockbox could not do this')
      expect(dialog?.textContent).toContain(errorWords(code).means)
    },
  )
})
