import { concat, type Digest, utf8 } from '../bytes.ts'
import type { StatementErrorCode } from '../statements/errors.ts'

/** One file under shared/statements/vectors/door/. */
export interface Vector {
  readonly name: string
  readonly says: string
  readonly expect: 'verified' | 'waiting' | StatementErrorCode
  readonly id: Digest | null
  readonly envelope: Uint8Array
}

/** The bytes of a vector's file: lines of `name: value`, an empty line, and the envelope to the end of the file. */
export function writeVector({ says, expect, id, envelope }: Vector): Uint8Array {
  return concat(utf8(`says: ${says}\nexpect: ${expect}\n${id === null ? '' : `id: ${id}\n`}\n`), envelope)
}

/** Reads a vector's file. */
export function readVector(name: string, file: Uint8Array): Vector {
  const end = file.findIndex((byte, at) => byte === 10 && file[at + 1] === 10)
  const lines = new TextDecoder().decode(file.subarray(0, end)).split('\n')
  const field = (wanted: string) => lines.find((line) => line.startsWith(`${wanted}: `))?.slice(wanted.length + 2)
  return {
    name,
    says: field('says') ?? '',
    expect: (field('expect') ?? '') as Vector['expect'],
    id: field('id') ?? null,
    envelope: file.slice(end + 2),
  }
}
