import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from '../statements/envelope.ts'
import { FileError, readFile, writeFile } from './file.ts'

const folder = new URL('vectors/', import.meta.url)
const bytesOf = (name: string) => Uint8Array.from(readFileSync(new URL(name, folder)))
const names = readdirSync(folder).filter((name) => name.endsWith('.lockbox') || name.endsWith('.txt'))

function outcome(name: string): string {
  try {
    readFile(bytesOf(name))
    return 'good'
  } catch (error) {
    if (error instanceof FileError) return error.code
    throw error
  }
}

describe('the published files', () => {
  it.each(names)('%s', (name) => {
    expect(name.startsWith(outcome(name))).toBe(true)
  })

  it('hold a statement, a blob and a note, however they were wrapped', () => {
    const { statements, blobs, notes } = readFile(bytesOf('good-wrapped.txt'))
    expect(statements.map((envelope) => parse(envelope).kind)).toHaveLength(1)
    expect(blobs).toEqual([Uint8Array.of(1, 2, 3)])
    expect(notes).toEqual(['lockbox.localhost/a/b\n1\nAAAA\n\n— name sig\n'])
    expect(writeFile({ statements, blobs, notes })).toEqual(bytesOf('good.lockbox'))
  })
})
