import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_IDLE_LIMIT, LONGEST_IDLE_LIMIT, untilIdleLock } from './auto-lock.ts'
import type { Instant } from './clock.ts'
import { HELD_SHARE_LIMIT, HeldShares } from './held.ts'
import type { LockReason } from './types.ts'

const start: Instant = { wall: 1_800_000_000_000, monotonic: 500 }
const later = (milliseconds: number): Instant => ({
  wall: start.wall + milliseconds,
  monotonic: start.monotonic + milliseconds,
})

function holding(): { held: HeldShares; share: Uint8Array; at: (now: Instant) => void } {
  let now = start
  const held = new HeldShares(() => now)
  const share = new Uint8Array(32).fill(5)
  held.hold('case', share)
  return { held, share, at: (moment) => void (now = moment) }
}

const zeros = new Uint8Array(32)

describe('a held share', () => {
  it('stays ready over an idle lock, and says until when', async () => {
    const { held, share, at } = holding()
    at(later(20 * 60_000))
    held.locked('idle')
    expect(held.until('case')).toBe(start.wall + HELD_SHARE_LIMIT)
    expect(await held.release('case', async (lent) => Uint8Array.from(lent))).toEqual(new Uint8Array(32).fill(5))
    expect(share).toEqual(zeros)
  })

  it('says until when the last of several is ready, and nothing when there is none', () => {
    const { held, at } = holding()
    at(later(60_000))
    held.hold('another', new Uint8Array(32).fill(6))
    expect(held.lastUntil).toBe(start.wall + 60_000 + HELD_SHARE_LIMIT)
    held.drop('another')
    expect(held.lastUntil).toBe(start.wall + HELD_SHARE_LIMIT)
    held.locked('screen')
    expect(held.lastUntil).toBeNull()
  })

  it.each<LockReason>(['button', 'screen', 'suspend', 'quit'])('is wiped by a lock for reason %s', async (reason) => {
    const { held, share } = holding()
    held.locked(reason)
    expect(share).toEqual(zeros)
    expect(await held.release('case', async () => 'released')).toBeNull()
  })

  it('is wiped after 60 minutes by either clock', () => {
    for (const moment of [
      later(HELD_SHARE_LIMIT),
      { wall: start.wall + HELD_SHARE_LIMIT, monotonic: start.monotonic },
      { wall: start.wall - 5 * HELD_SHARE_LIMIT, monotonic: start.monotonic + HELD_SHARE_LIMIT },
    ]) {
      const { held, share, at } = holding()
      at(moment)
      held.sweep()
      expect(share).toEqual(zeros)
      expect(held.until('case')).toBeNull()
    }
  })

  it('is wiped at the end of its case, and no other', () => {
    const { held, share } = holding()
    const other = new Uint8Array(32).fill(6)
    held.hold('other case', other)
    held.drop('case')
    expect(share).toEqual(zeros)
    expect(other).toEqual(new Uint8Array(32).fill(6))
  })

  it('is released once', async () => {
    const { held } = holding()
    expect(await held.release('case', async () => 'released')).toBe('released')
    expect(await held.release('case', async () => 'released')).toBeNull()
  })

  it('stays held when releasing it failed', async () => {
    const { held } = holding()
    await expect(held.release('case', () => Promise.reject(new Error('no ready')))).rejects.toThrow('no ready')
    expect(await held.release('case', async () => 'released')).toBe('released')
  })

  it('is whole while it is being released, even if a lock comes in between', async () => {
    const { held, share } = holding()
    const seen = await held.release('case', async (lent) => {
      held.locked('suspend')
      return Uint8Array.from(lent)
    })
    expect(seen).toEqual(new Uint8Array(32).fill(5))
    expect(share).toEqual(zeros)
  })

  it('is wiped when another takes its place', () => {
    const { held, share } = holding()
    held.hold('case', new Uint8Array(32).fill(7))
    expect(share).toEqual(zeros)
  })
})

describe('the idle lock', () => {
  it('is due after ten minutes without activity', () => {
    expect(untilIdleLock(start, later(DEFAULT_IDLE_LIMIT - 1))).toBe(1)
    expect(untilIdleLock(start, later(DEFAULT_IDLE_LIMIT))).toBe(0)
  })

  it('is never put off by setting a clock, nor by a limit out of bounds', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), fc.double(), (wall, monotonic, limit) => {
        const now = { wall: start.wall + wall, monotonic: start.monotonic + monotonic }
        const left = untilIdleLock(start, now, limit)
        expect(left).toBeLessThanOrEqual(Math.max(0, LONGEST_IDLE_LIMIT - monotonic))
        expect(left).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
