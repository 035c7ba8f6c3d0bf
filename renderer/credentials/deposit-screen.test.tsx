import { act } from 'react'
import { describe, expect, it } from 'vitest'
import { fromUtf8 } from '../../shared/bytes.ts'
import type { KeyToDeposit } from '../../shared/ipc-values.ts'
import type { SetUpLine } from '../../shared/views/set-up-lines.ts'
import { go } from '../store/view-store.ts'
import { appWith } from '../testing/app.ts'
import { button, field, fill, freshPages, part, press, show, tick } from '../testing/page.tsx'
import { digestId } from '../testing/people.ts'
import { setUpLines } from '../testing/set-up.ts'
import { memberSnapshot, plan } from '../testing/snapshots.ts'

freshPages()

const PART = 'Is AWS set up for it?'
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const MFA = 'arn:aws:iam::444455556666:mfa/lockbox-emergency'
const SEED = 'GEZDGNBVGY3TQOJQ'

/** The screen; `check` answers instead of main, and every key that main was given is kept as it was then. */
async function screen(check: () => unknown = setUpLines, mfa: string | null = null) {
  const keys: KeyToDeposit[] = []
  const given = (request: unknown) => keys.push(structuredClone((request as { key: KeyToDeposit }).key))
  const { app, main } = await appWith(memberSnapshot('ana', { plans: [plan('ana', { mfa })] }), {
    'credentials.check': (request) => (given(request), check()),
    'credentials.deposit': (request) => (given(request), Promise.reject(new Error('not in this test'))),
  })
  go(app.view, { screen: 'deposit', plan: digestId('plan prod-root') })
  await show(app)
  return { app, keys, count: (channel: string) => main.calls.filter((one) => one.channel === channel).length }
}
async function type(): Promise<void> {
  await fill('Access key id', 'AKIAQ3EXAMPLE0000003')
  await fill('Secret access key', SECRET)
}
const only = (...kinds: SetUpLine['says'][]) => setUpLines().filter(({ says }) => kinds.includes(says))
const typedKey = (keys: readonly KeyToDeposit[], at: number) => {
  const key = keys[at]
  return key?.from === 'typed' ? fromUtf8(key.secretAccessKey) : null
}

describe('a check before a deposit', () => {
  it('says what is wrong first, then what is not known, each with who says so, and that nobody is kept from depositing', async () => {
    await screen()
    await type()
    await press('Check it with AWS')
    expect(document.querySelector(`[aria-label="${PART}"] [role=alert]`)?.textContent).toContain(
      'Wrong: something has to be mended.1 wrong, 1 unknown, 2 by hand, 3 right. This keeps nobody from depositing.',
    )
    const lines = [...document.querySelectorAll(`[aria-label="${PART}"] .checks > li`)].map(
      (li) => li.textContent ?? '',
    )
    expect(lines.map((text) => text.match(/^(Wrong|Unknown|By hand|Right)/)?.[0])).toEqual(
      'Wrong,Unknown,By hand,By hand,Right,Right,Right'.split(','),
    )
    for (const { words, source } of setUpLines())
      expect(lines.some((text) => text.includes(words) && text.endsWith(source))).toBe(true)
    expect(part(PART)).toContain('Checked with AKIAQ3EXAMPLE0000003.')
  })

  it.each([
    [
      only('right', 'by-hand'),
      'info',
      'Right: what can be seen with this key is as it should be. What is by hand is not known.',
    ],
    [only('right', 'unknown'), 'attention', 'Unknown: not all could be seen, so nothing is concluded.'],
    [only('by-hand'), 'attention', 'Unknown: not all could be seen, so nothing is concluded.'],
  ] as const)('is never said to be well where something was not seen', async (lines, level, words) => {
    await screen(() => lines)
    await type()
    await press('Check it with AWS')
    const note = document.querySelector(`[aria-label="${PART}"] .note`)
    expect(note?.className).toContain(level)
    expect(note?.textContent).toContain(words)
    expect(document.querySelector('[aria-label="News"]')?.textContent).toBe(words)
  })

  it('is of what was typed then: once any of it is changed nothing of it is shown', async () => {
    await screen(() => only('right', 'by-hand'))
    await type()
    await press('Check it with AWS')
    expect(part(PART)).toContain('Right: what can be seen with this key is as it should be.')
    await fill('Secret access key', `${SECRET.slice(1)}x`)
    expect(part(PART)).not.toContain('Right')
    expect(part(PART)).toContain('What stands above was changed since the check. Check it again.')
    await press('Check it with AWS')
    expect(part(PART)).toContain('Right: what can be seen with this key is as it should be.')
  })

  it('leaves the secrets for the deposit, which empties their fields', async () => {
    const { keys } = await screen(setUpLines, MFA)
    await type()
    await fill('Seed of the MFA device', SEED)
    await press('Check it with AWS')
    expect([field('Secret access key').value, field('Seed of the MFA device').value]).toEqual([SECRET, SEED])
    await press('Review and deposit with my key')
    expect([field('Secret access key').value, field('Seed of the MFA device').value]).toEqual(['', ''])
    expect([typedKey(keys, 0), typedKey(keys, 1)]).toEqual([SECRET, SECRET])
    expect(keys.map(({ mfaSeed }) => fromUtf8(mfaSeed ?? new Uint8Array(0)))).toEqual([SEED, SEED])
  })

  it('asks with a file as with what is typed', async () => {
    const { keys } = await screen()
    await tick('From a file on this computer')
    await fill('Path of the file', '/tmp/key.csv')
    await press('Check it with AWS')
    expect(keys).toEqual([{ from: 'file', path: '/tmp/key.csv', wipe: true }])
  })

  it('asks nothing of main without a whole key, and says what is missing', async () => {
    const { keys } = await screen()
    await fill('Access key id', 'AKIAQ3EXAMPLE0000003')
    await press('Check it with AWS')
    expect([keys, document.querySelector('.wrong-line')?.textContent]).toEqual([[], 'Enter the secret access key.'])
  })

  it('can be stopped, also by going elsewhere, and then nothing is concluded', async () => {
    let stopped: (() => void) | null = null
    const { app, count } = await screen(() => new Promise((resolve) => (stopped = () => resolve(null))))
    await type()
    await press('Check it with AWS')
    expect(part(PART)).toContain('Asking AWS, for 0 s.')
    await press('Stop checking')
    expect(count('credentials.stopCheck')).toBe(1)
    await act(async () => stopped?.())
    expect([button('Stop checking'), document.querySelector(`[aria-label="${PART}"] .note`)]).toEqual([undefined, null])
    await press('Check it with AWS')
    await act(async () => go(app.view, { screen: 'credentials' }))
    expect(count('credentials.stopCheck')).toBe(2)
  })

  it('stops nothing by going elsewhere when nothing runs', async () => {
    const { app, count } = await screen()
    await type()
    await press('Check it with AWS')
    await act(async () => go(app.view, { screen: 'credentials' }))
    expect(count('credentials.stopCheck')).toBe(0)
  })
})
