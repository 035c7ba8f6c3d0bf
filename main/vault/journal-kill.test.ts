import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromUtf8 } from '../../shared/bytes.ts'
import { Journal } from './journal.ts'

const programs = join(import.meta.dirname, '../../node_modules/.cache/lockbox')
const options = {
  vaultId: new Uint8Array(32).fill(1),
  key: new Uint8Array(32).fill(2),
  headKey: new Uint8Array(32).fill(3),
  indexKey: new Uint8Array(32).fill(4),
  rules: 'these',
  reserveLength: 4096,
}
let scratch = ''

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lockbox-journal-'))
  await build({
    entryPoints: ['append-forever.ts', 'rewrite-forever.ts'].map((name) => join(import.meta.dirname, 'testing', name)),
    outdir: programs,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
  })
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** Kills the process by SIGKILL after it acknowledged `count` records; returns the last position it printed. */
async function killedAfter(child: ChildProcess, count: number): Promise<number> {
  let printed = ''
  let acknowledged = 0
  child.stdout?.on('data', (piece: Buffer) => {
    printed += piece.toString()
    acknowledged = printed.split('\n').length - 1
    if (acknowledged >= count) child.kill('SIGKILL')
  })
  await new Promise((resolve) => child.once('close', resolve))
  expect(acknowledged).toBeGreaterThanOrEqual(count)
  // What the pipe still held counts too: each line was printed after its acknowledgement.
  return Number(printed.split('\n').at(-2))
}

/** A program that works on the journal of a folder until it is killed. */
function run(program: string, dir: string, isFirst: boolean): ChildProcess {
  return spawn(process.execPath, [join(programs, program), dir, isFirst ? 'create' : 'again'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

describe('a real process that is killed while it writes its journal anew', () => {
  it('loses no acknowledged record, over several lives', async () => {
    const dir = join(scratch, 'rewritten')
    for (const [life, count] of [12, 3, 17, 5, 31].entries()) {
      const last = await killedAfter(run('rewrite-forever.mjs', dir, life === 0), count)
      const { journal, problems } = await Journal.open({ dir, ...options })
      expect(problems.every(({ kind }) => kind === 'torn-tail')).toBe(true)
      expect(journal.size).toBeGreaterThan(last)
      let expected = 0
      for await (const { position, table, value } of journal.records()) {
        expect(position).toBe(expected++)
        const written = table === 'stubs' ? `stub ${position}` : `value ${position} ${'x'.repeat(2000)}`
        expect(table === 'stubs' || table === 'statements' ? fromUtf8(value) : written).toBe(written)
      }
      expect(expected).toBe(journal.size)
      await journal.close()
    }
  })
})

describe('a real process that is killed while it appends', () => {
  it('loses no acknowledged record, over several lives', async () => {
    const dir = join(scratch, 'vault')
    for (const [life, count] of [40, 3, 25, 60].entries()) {
      const last = await killedAfter(run('append-forever.mjs', dir, life === 0), count)
      const { journal, problems } = await Journal.open({ dir, ...options })
      expect(problems.every(({ kind }) => kind === 'torn-tail')).toBe(true)
      expect(journal.size).toBeGreaterThan(last)
      for await (const record of journal.records('statements'))
        expect(fromUtf8(record.value)).toBe(`value ${record.position} ${'x'.repeat((record.position * 37) % 3000)}`)
      await journal.close()
    }
  })

  it('leaves files that only their owner can read', async () => {
    const dir = join(scratch, 'vault')
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
    const modes = ['journal', 'journal.head', 'reserve'].map(async (name) => (await stat(join(dir, name))).mode & 0o777)
    expect(await Promise.all(modes)).toEqual([0o600, 0o600, 0o600])
  })

  it('keeps 16 MiB of the disk in reserve, in little time', async () => {
    const dir = join(scratch, 'reserved')
    const start = performance.now()
    const { reserveLength: _, ...bare } = options
    const { journal } = await Journal.open({ ...bare, dir, create: true })
    await journal.close()
    // Drawn in small pieces these bytes once took a minute.
    expect(performance.now() - start).toBeLessThan(10_000)
    const { size, blocks } = await stat(join(dir, 'reserve'))
    expect(size).toBe(16 * 1024 * 1024)
    expect(blocks * 512).toBeGreaterThanOrEqual(size)
  })
})
