import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { concat, digest, toBase64Url } from '../../shared/bytes.ts'
import { type Arrival, OWN } from '../../shared/carriers/arrival.ts'
import { jcs, parseJcs } from '../../shared/jcs.ts'
import { wholeStory } from '../../shared/verify/testing/exported.ts'
import * as z from '../../shared/zod.ts'
import { Journal } from '../vault/journal.ts'
import { file, marker, named, RESERVE } from '../vault/testing/journals.ts'
import { MemoryDisk } from '../vault/testing/memory-disk.ts'
import { readHeard, writeHeard } from './arrivals.ts'
import { parseStub, stubOf } from './stub.ts'

// docs/formats/journal.md §4.1: a journal that was written anew, with a stub in the place of a statement.

const path = fileURLToPath(new URL('../vault/vectors/journal-rewritten-v1.json', import.meta.url))
const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const recordField = z.strictObject({
  position: z.int(),
  table: z.string(),
  key: z.string(),
  version: z.int(),
  value: z.string(),
  bytes: z.string(),
})
const journalField = z.strictObject({ records: z.array(recordField), head: z.string() })
const vectorField = z.strictObject({
  vaultId: z.string(),
  journalKey: z.string(),
  headKey: z.string(),
  before: journalField,
  after: journalField,
})
type Vector = z.output<typeof vectorField>

const KEYS = {
  vaultId: '404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f',
  journalKey: '4d6561a9b44b71291e4d9ac0d8746ab2abafbb7c4bf22e533f2b0438e53217c8',
  headKey: 'be461858050faff7bbc25040c26a333da445dd23970e9d67b75742d3c32f03e6',
}

const identityOf = ({ vaultId, journalKey, headKey }: typeof KEYS) => ({
  dir: '/vault',
  vaultId: hex(vaultId),
  key: hex(journalKey),
  headKey: hex(headKey),
  indexKey: new Uint8Array(32).fill(4),
  rules: 'these',
  reserveLength: RESERVE,
})

async function recordsOf(journal: Journal): Promise<Vector['after']['records']> {
  const rows = await journal.sealedRows(0)
  const records = []
  for await (const { value, ...label } of journal.records())
    records.push({ ...label, value: toHex(value), bytes: toHex(rows[label.position]?.sealed ?? new Uint8Array()) })
  return records
}

/** A disk on which this journal and this marker lie. */
async function diskWith(vector: Vector, { records }: Vector['after'], head: string): Promise<MemoryDisk> {
  const fs = new MemoryDisk()
  await (await Journal.open({ ...identityOf(vector), fs, create: true })).journal.close()
  fs.tamper(file, () => hex(records.map(({ bytes }) => bytes).join('')))
  fs.tamper(marker, () => hex(head))
  return fs
}

/** Two statements, of which the first goes. */
async function made(): Promise<Vector> {
  const { story, request, ended } = await wholeStory()
  const fs = new MemoryDisk()
  const { journal } = await Journal.open({ ...identityOf(KEYS), fs, create: true })
  const ways: readonly Arrival[] = [OWN, { by: 'code', device: request.payload.device }]
  for (const [at, { id, envelope }] of [request, ended].entries()) {
    const from = ways[at] ?? OWN
    await journal.append('statement', id, writeHeard({ heard: story.now, from, envelope }))
  }
  const read = async () => ({ records: await recordsOf(journal), head: toHex(fs.contentOf(marker)) })
  const before = await read()
  await journal.rewrite({
    instead: ({ table, key }) =>
      table === 'statement' && key === request.id ? { table: 'stub', key, value: jcs({ ...stubOf(request) }) } : null,
    after: () => [],
  })
  const after = await read()
  await journal.close()
  return { ...KEYS, before, after }
}

if (process.env['WRITE_VECTORS']) writeFileSync(path, `${JSON.stringify(await made(), null, 2)}\n`)
const vector = vectorField.parse(JSON.parse(readFileSync(path, 'utf8')))

const openedFrom = async (fs: MemoryDisk) => Journal.open({ ...identityOf(vector), fs })

describe('vectors/journal-rewritten-v1.json', () => {
  it.each(['before', 'after'] as const)(
    'is read %s it was written anew as docs/formats/journal.md says',
    async (when) => {
      const { journal, problems } = await openedFrom(await diskWith(vector, vector[when], vector[when].head))
      expect(problems).toEqual([])
      expect(await recordsOf(journal)).toEqual(vector[when].records)
    },
  )

  it('keeps every position, and has a stub with the leaf of the statement that went', () => {
    const [, gone, stays] = vector.before.records
    const [created, stub, same, rewritten, ...others] = vector.after.records
    expect(others).toEqual([])
    expect([created?.value, same?.value]).toEqual([vector.before.records[0]?.value, stays?.value])
    expect([stub?.table, stub?.key]).toEqual(['stub', gone?.key])
    const { envelope, from } = readHeard(hex(gone?.value ?? ''))
    expect(from).toEqual(OWN)
    expect(readHeard(hex(stays?.value ?? '')).from).toMatchObject({ by: 'code' })
    expect(parseStub(hex(stub?.value ?? '')).leaf).toBe(digest(concat(Uint8Array.of(0), envelope)))
    expect(rewritten).toMatchObject({ position: 3, table: 'journal', key: 'rewritten' })
    const last = toBase64Url(hex(digestHex(stays?.bytes ?? '')))
    expect(parseJcs(hex(rewritten?.value ?? ''))).toEqual({ hash: last, position: 2 })
  })

  it('is whole where the app was killed before the marker named its end', async () => {
    const { problems } = await openedFrom(await diskWith(vector, vector.after, vector.before.head))
    expect(problems).toEqual([])
  })

  it('is not taken for whole with the old journal under the new marker', async () => {
    const { problems } = await openedFrom(await diskWith(vector, vector.before, vector.after.head))
    expect(named(problems)).toEqual([['truncated', 3, 3]])
  })
})

const digestHex = (bytes: string): string => Buffer.from(digest(hex(bytes)), 'base64url').toString('hex')
