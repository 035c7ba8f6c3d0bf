import { describe, expect, it } from 'vitest'
import { clipboardRule, copied } from './clipboard.ts'

const text = 'export AWS_ACCESS_KEY_ID=x'
const start = { wall: 1_000_000, monotonic: 500 }
const after = (wall: number, monotonic: number) => ({ wall: start.wall + wall, monotonic: start.monotonic + monotonic })
const rule = (current: string | null, now = after(60_000, 60_000), over = false) =>
  clipboardRule(copied(text, start), current, now, over)

describe('a copied session on the clipboard', () => {
  it('stays for less than 60 seconds', () => expect(rule(text, after(59_999, 59_999))).toBe('wait'))
  it('is cleared after 60 seconds if it is still ours', () => expect(rule(text)).toBe('clear'))
  it('is cleared after sleep, in which one clock stood still', () =>
    expect(rule(text, after(60_000, 10))).toBe('clear'))
  it('is cleared in time although the wall clock was set back', () =>
    expect(rule(text, after(-9e6, 60_000))).toBe('clear'))
  it('is cleared at once when the session is over', () => expect(rule(text, after(1, 1), true)).toBe('clear'))
  it('is left alone when it holds something else by now', () => expect(rule('my shopping list')).toBe('forget'))
  it('is left alone when it holds no text', () => expect(rule(null)).toBe('forget'))
  it('is remembered by its digest alone', () => expect(JSON.stringify(copied(text, start))).not.toContain('AWS'))
})
