import { expect, it } from 'vitest'
import { coveredWords } from './covered.ts'

const ownerOf = (device: string) => device.toUpperCase()

it('says of an entry in whose checkpoints it stands, whoever was first first, and never more than was shown', () => {
  const vouchers = [
    { device: 'raj', size: 9, at: Date.UTC(2026, 0, 1, 14, 2, 30) },
    { device: 'mia', size: 7, at: Date.UTC(2026, 0, 1, 14, 2, 11) },
  ]
  expect(coveredWords(vouchers, ownerOf)).toBe(
    'in checkpoints of 2 other devices (MIA, RAJ), first at 2026-01-01 14:02:11 UTC by MIA’s clock',
  )
  expect(coveredWords(vouchers.slice(0, 1), ownerOf)).toContain('of one other device (RAJ)')
  // A cosigner’s time is its claim, and may be beyond every calendar.
  expect(coveredWords([{ device: 'raj', size: 9, at: 9e18 }], ownerOf)).toContain('one other device (RAJ)')
  expect(coveredWords([], ownerOf)).toBe('in no other device’s checkpoint yet')
})
