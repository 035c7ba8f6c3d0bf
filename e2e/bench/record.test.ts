import { expect, test } from 'vitest'
import { type Line, lineOf } from './line.ts'
import type { Machine } from './machine.ts'
import { faultsIn, recorded } from './record.ts'

const MACHINE: Machine = {
  processor: 'a processor',
  cores: 2,
  memoryGiB: 24,
  system: 'Linux',
  fileSystem: 'ext4',
  node: '20.0.0',
  openssl: '3.0.0',
  browser: 'a browser',
  load: 0.5,
}
const SUBJECT = { name: 'append', what: 'a thing', bareIs: 'less', unit: 'ms', targets: [{ times: 2 }] } as const
const LINE = lineOf(SUBJECT, [{ ours: 3, bare: 1 }])
const DOC = `Words before\n<!-- npm run bench -- --record writes from here -->\nold\n<!-- to here -->\nwords after\n`
const AT = new Date('2026-01-02T03:04:05Z')

test('results take the place of the old ones, and nothing else changes', () => {
  const once = recorded(DOC, MACHINE, [LINE], AT)
  expect(once).toMatch(/^Words before\n/)
  expect(once).toMatch(/\nwords after\n$/)
  expect(once).not.toContain('old')
  expect(once).toContain('Measured on 2026-01-02')
  expect(once).toContain('| append: a thing | 3.00 ms')
  expect(once).toContain('missed: ≤ 2 ×')
  expect(recorded(once, MACHINE, [LINE], AT)).toBe(once)
})

test('a document without the marks is refused', () => {
  expect(() => recorded('no marks', MACHINE, [LINE], AT)).toThrow(TypeError)
  expect(() => recorded(DOC + DOC, MACHINE, [LINE], AT)).toThrow(TypeError)
})

test('a case without a line and a line without a number are named', () => {
  const none: Line = lineOf(SUBJECT, [{ ours: Number.NaN, bare: 1 }])
  expect(faultsIn(['append'], [LINE])).toEqual([])
  expect(faultsIn(['append', 'verify'], [LINE])).toEqual(['the case verify gave no line'])
  expect(faultsIn(['append'], [none])).toEqual(['append, a thing: nothing was measured'])
})
