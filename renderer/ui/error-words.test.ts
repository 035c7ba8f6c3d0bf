import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { refusalCodeSchema } from '../../shared/ceremony.ts'
import { AREAS, errorWords, hasWords } from './error-words.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** Codes that stay where they are raised: the journal of a case, tests, and the command line show them otherwise. */
const ELSEWHERE = ['shared/case/', 'shared/org/', 'shared/ledger/finding', 'main/cli/']

/** Every code of every error union that main may let cross, from the sources themselves. */
function codesInSources(): string[] {
  const files = ['shared', 'main'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  )
  return files
    .filter((file) => file.endsWith('.ts') && !file.includes('.test.') && !file.includes('/testing/'))
    .filter((file) => !ELSEWHERE.some((place) => file.startsWith(place)))
    .flatMap((file) => {
      const unions = readFileSync(join(ROOT, file), 'utf8').matchAll(
        /type \w*(?:ErrorCode|CloseReason) =\s*((?:[^=;{}]|\n)*?)\n(?=\n|export|class|type|const|\/\*\*)/g,
      )
      return [...unions].flatMap(([, union]) =>
        [...(union ?? '').matchAll(/'([a-z-]+)'/g)].map(([, code]) => code ?? ''),
      )
    })
}

describe('the words of errors', () => {
  it('exist for every reason to refuse a key', () => {
    expect(refusalCodeSchema.options.filter((code) => !hasWords(code))).toEqual([])
  })

  it('exist for every code that main raises', () => {
    const codes = [...new Set(codesInSources())]
    expect(codes.length).toBeGreaterThan(60)
    expect(codes.filter((code) => !hasWords(code))).toEqual([])
  })

  it('stand in one area each, so that nobody mends the wrong ones', () => {
    const codes = AREAS.flatMap((area) => Object.keys(area))
    expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([])
  })

  it('have three parts each, and neither shout nor blame', () => {
    for (const code of [...refusalCodeSchema.options, ...codesInSources(), 'something-new']) {
      const { what, means, todo } = errorWords(code)
      for (const part of [what, means, todo]) expect(part).toMatch(/^[^!]+\.$/)
    }
  })
})
