import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_BUNDLE_BYTES } from '../../shared/ledger/gzip.ts'
import { edited } from '../../shared/ledger/testing/bundles.ts'
import { FORMATS } from '../../shared/outlets/format-names.ts'
import { LINES } from '../../shared/outlets/formats.ts'
import type { Setting } from '../../shared/verify/examine.ts'
import { exportedBytes, exportOf, wholeStory } from '../../shared/verify/testing/exported.ts'
import { touchedWith } from '../../shared/verify/testing/forging.ts'
import { verifyBundle } from '../../shared/verify/verify-bundle.ts'
import * as z from '../../shared/zod.ts'
import { compressed, decompressed, fileChunks } from '../bundle-file.ts'
import { crewOfThreads } from './crew.ts'
import { tools } from './tools.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const examples = join(root, 'docs/formats/examples')
const example = (name: string): string => join(examples, name)
const temporary = mkdtempSync(join(tmpdir(), 'lockbox-cli-'))
const program = join(root, 'out/test', `cli-${process.pid}`)
// In a network namespace of its own there is not even a loopback address; where that cannot be had, the guard alone watches.
const namespace = spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : []
const guard = join(temporary, 'guard.mjs')

beforeAll(() => {
  writeFileSync(
    guard,
    `import net from 'node:net'
import dgram from 'node:dgram'
import child from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'
const refuse = () => { process.stderr.write('OUTSIDE'); process.exit(99) }
net.Socket.prototype.connect = refuse
net.Server.prototype.listen = refuse
dgram.createSocket = refuse
child.spawn = refuse
syncBuiltinESMExports()
`,
  )
  mkdirSync(program, { recursive: true })
  const options = { programs: { lockbox: 'main/cli/lockbox.ts' }, outdir: relative(root, program), e2e: false }
  const build = `import { buildMain } from './build/build.mjs'; await buildMain(${JSON.stringify(options)})`
  const built = spawnSync(process.execPath, ['--input-type=module', '-e', build], { cwd: root, encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stderr)
}, 120_000)

afterAll(() => {
  rmSync(temporary, { recursive: true, force: true })
  rmSync(program, { recursive: true, force: true })
})

function guarded(...args: string[]): SpawnSyncReturns<string> {
  const [command = '', ...rest] = [...namespace, process.execPath, '--import', guard, ...args]
  return spawnSync(command, rest, { encoding: 'utf8' })
}

/** Runs the command line where no socket can be opened and no program started. */
function lockbox(...args: string[]): SpawnSyncReturns<string> {
  return guarded(join(program, 'lockbox.js'), ...args)
}

function written(name: string, content: string | Uint8Array): string {
  const path = join(temporary, name)
  writeFileSync(path, content)
  return path
}

describe('the guard of these tests', () => {
  it.each([
    'import("node:net").then((net) => net.connect(1))',
    'import("node:child_process").then((c) => c.spawn("ls"))',
  ])('ends a program that reaches outside: %s', (code) => {
    expect(guarded('-e', code)).toMatchObject({ status: 99, stderr: 'OUTSIDE' })
  })
})

describe('the program', () => {
  it('reads AWS’s client library for aws-check alone, and says how that is used', () => {
    const read = new Set(['lockbox.js'])
    for (const name of read)
      for (const [, next] of readFileSync(join(program, name), 'utf8').matchAll(/\b(?:from|import)\s?"\.\/([^"]+)"/g))
        read.add(next ?? '')
    const holding = readdirSync(program).filter((name) => name.endsWith('.js') && holdsAws(name))
    expect([read.size > 1, holding.length > 0]).toEqual([true, true])
    expect([...read].filter(holdsAws)).toEqual([])
    const { status, stderr } = lockbox('aws-check')
    expect([status, stderr.split('\n')[0]]).toEqual([2, expect.stringContaining('expected one file with the key')])
  })
})

const holdsAws = (name: string) => readFileSync(join(program, name), 'utf8').includes('AssumeRoleWithSAML')

describe('lockbox verify', () => {
  it('exits with 0 for a whole bundle and prints the report that lies beside it', () => {
    const { status, stdout, stderr } = lockbox('verify', example('whole.bundle'))
    const [title, ...rest] = stdout.split('\n')
    expect([status, stderr, title]).toEqual([0, '', `Lockbox report on ${example('whole.bundle')}`])
    expect(rest).toEqual(readFileSync(example('whole.report.txt'), 'utf8').split('\n').slice(1))
  })

  it('exits with 1 for a changed statement and names the entry, the rule and what it means', () => {
    const { status, stdout } = lockbox('verify', example('changed-reason.bundle'))
    expect(status).toBe(1)
    expect(stdout).toContain('First wrong: [entry 21] the signature of carol’s device does not fit the statement')
    expect(stdout).toContain('rule: device-signature')
    expect(stdout).toContain('meaning: No honest device lets such a statement into its ledger')
  })

  it('exits with 3 for a bundle that nobody cosigned, and says so', () => {
    const { status, stdout } = lockbox('verify', example('no-cosignature.bundle'))
    expect(status).toBe(3)
    expect(stdout).toContain('First incomplete: no other device cosigned this ledger')
  })

  it.each([
    ['garbage', 'hello\n', 'expected a bundle: a gzip file'],
    ['an empty file', '', 'the file ends before its trailer'],
  ])('exits with 2 for %s', (name, content, says) => {
    const { status, stdout } = lockbox('verify', written(name, content))
    expect(status).toBe(2)
    expect(stdout).toContain('UNREADABLE')
    expect(stdout).toContain(says)
  })

  it('exits with 2 for a file that is not there, and for a folder', () => {
    expect(lockbox('verify', join(temporary, 'nothing')).status).toBe(2)
    expect(lockbox('verify', temporary).stdout).toContain('this is a folder, not a regular file; name the files in it')
  })

  it.each([
    ['nothing', 'UNREADABLE: there is no file here that can be read; nothing is concluded from it.'],
    ['cut', 'UNREADABLE: this is not a whole bundle; nothing is concluded from it.'],
    ['newer', 'UNREADABLE: this is a bundle of another version of Lockbox; nothing is concluded from it.'],
  ])('says in its first lines what a file is that cannot be read: %s', (name, says) => {
    const newer = gunzipSync(readFileSync(example('whole.bundle')))
      .toString()
      .replace('bundle/3', 'bundle/99')
    written('newer.bundle', compressed([new TextEncoder().encode(newer)]))
    written('cut.bundle', readFileSync(example('cut.bundle')))
    const { status, stdout } = lockbox('verify', join(temporary, `${name}.bundle`))
    expect([status, stdout.split('\n')[1]]).toEqual([2, says])
  })

  it('says so if no file has the case that was asked for, and gives the report all the same', () => {
    const id = 'A'.repeat(43)
    const { status, stdout, stderr } = lockbox('verify', `--case=${id}`, example('whole.bundle'))
    expect([status, stderr]).toEqual([0, `lockbox: what could be verified has no case ${id}\n`])
    const [known = ''] = /(?<=\bid )[\w-]{43}(?=, entry 18)/.exec(stdout) ?? []
    expect(lockbox('verify', `--case=${known}`, example('whole.bundle')).stderr).toBe('')
  })

  it('does not wait for a named pipe', () => {
    const pipe = join(temporary, 'pipe')
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
    const { status, stdout } = lockbox('verify', pipe)
    expect([status, stdout]).toEqual([2, expect.stringContaining('has to be saved as one first')])
  })

  it('looks at the size of a file before it reads it', () => {
    const path = written('huge.bundle', '')
    truncateSync(path, MAX_BUNDLE_BYTES + 1)
    const { status, stdout } = lockbox('verify', path)
    expect([status, stdout.includes('larger than 2048 MiB')]).toEqual([2, true])
  })

  it.each([
    [0, 1, ['whole.bundle', 'whole.bundle']],
    [3, 1, ['whole.bundle', 'no-cosignature.bundle']],
    [2, 2, ['no-cosignature.bundle', 'expected.json']],
    [1, 2, ['expected.json', 'changed-reason.bundle', 'whole.bundle']],
  ])(
    'of several files the worst gives the exit code: %d; those that can be read have one report',
    (status, reports, names) => {
      const files = names.map(example)
      const result = lockbox('verify', ...files)
      expect(result.status).toBe(status)
      expect(result.stdout.match(/^Lockbox report on/gm)?.length).toBe(reports)
    },
  )

  it('says of several files which one something is about', () => {
    const { status, stdout } = lockbox('verify', example('whole.bundle'), example('changed-reason.bundle'))
    expect(status).toBe(1)
    expect(stdout).toContain('REFUTED: these files contradict themselves or one another.\n')
    expect(stdout).toContain('First wrong: [file 2, entry 21] the signature of carol’s device does not fit')
    expect(stdout).toContain('\nWhat these files cannot show\n')
  })

  it.each([
    ['VERIFIED: everything in these files holds.', ['whole.bundle', 'whole.bundle']],
    [
      'VERIFIED BUT INCOMPLETE: nothing in these files is wrong, and they do not show all they should.',
      ['whole.bundle', 'no-cosignature.bundle'],
    ],
  ])('says of several files together: %s', (headline, names) => {
    expect(lockbox('verify', ...names.map(example)).stdout.split('\n')[1]).toBe(headline)
  })

  it('--json gives the same facts for programs', () => {
    const { status, stdout } = lockbox('verify', '--json', example('whole.bundle'), example('expected.json'))
    const { reports } = z.object({ reports: z.array(z.record(z.string(), z.unknown())) }).parse(JSON.parse(stdout))
    const [other, { paths, ...whole } = { paths: [] }] = reports
    expect(status).toBe(2)
    expect(paths).toEqual([example('whole.bundle')])
    expect(whole).toEqual(JSON.parse(readFileSync(example('whole.report.json'), 'utf8')))
    expect(other).toMatchObject({
      paths: [example('expected.json')],
      verdict: 'unreadable',
      first: { code: 'malformed' },
    })
  })

  it('a bundle to which something was added is not the bundle any more', () => {
    const path = written('longer.bundle', readFileSync(example('whole.bundle')))
    appendFileSync(path, '{}\n')
    expect(lockbox('verify', path).status).toBe(2)
  })
})

describe('verifying on several cores', () => {
  it('prints the same, and exits with the same, where a file is so large that threads do it', () => {
    const files = [example('whole.bundle'), example('changed-reason.bundle'), written('other.bundle', 'no bundle')]
    const here = lockbox('verify', '--json', ...files)
    written('other.bundle', 'no bundle'.repeat(60_000))
    const there = lockbox('verify', '--json', ...files)
    expect([there.status, there.stderr]).toEqual([1, ''])
    expect([here.status, here.stdout]).toEqual([there.status, there.stdout])
    expect(there.stdout).toContain('"device-signature"')
  })

  it.each(['whole', 'changed-reason', 'missing-approval', 'left-out-by-the-exporter'])(
    'gives the same report: %s',
    async (name) => {
      const threads = pathToFileURL(join(program, 'lockbox.js'))
      const read = () => decompressed(fileChunks(example(`${name}.bundle`)))
      const many = { ...tools, crew: (setting: Setting) => crewOfThreads(threads, setting, 3) }
      expect(await verifyBundle(read(), many)).toEqual(await verifyBundle(read(), tools))
    },
  )
})

describe('lockbox export', () => {
  it.each(FORMATS)('exits with 0 for a whole bundle and prints each statement as %s', (format) => {
    const { status, stdout, stderr } = lockbox('export', `--format=${format}`, example('whole.bundle'))
    const entries =
      gunzipSync(readFileSync(example('whole.bundle')))
        .toString()
        .match(/^{"at":/gm)?.length ?? 0
    const lines = stdout.split(LINES[format].end)
    expect([status, stderr, lines.pop()]).toEqual([0, '', ''])
    expect(lines).toHaveLength(entries + (LINES[format].header === null ? 0 : 1))
  })

  it('prints what is under the checkpoint of a bundle that nobody cosigned, says so, and exits with 3', () => {
    const { status, stdout, stderr } = lockbox('export', '--format=jsonl', example('no-cosignature.bundle'))
    expect(status).toBe(3)
    expect(stderr).toContain('the file is incomplete: no other device cosigned this ledger')
    expect(stdout.split('\n').length).toBeGreaterThan(20)
  })

  it.each([
    [1, 'refuted', 'changed-reason.bundle'],
    [1, 'refuted', 'removed-entry.bundle'],
    [2, 'unreadable', 'expected.json'],
    [2, 'unreadable', 'nothing'],
  ])('exits with %d and prints nothing from a file that is %s: %s', (expected, verdict, name) => {
    const { status, stdout, stderr } = lockbox('export', '--format=csv', example(name))
    expect([status, stdout]).toEqual([expected, ''])
    expect(stderr).toContain(`nothing exported: the file is ${verdict}`)
  })

  it('prints nothing from a part in which two entries claim one place, though nothing proves either', () => {
    const pruned = gunzipSync(readFileSync(example('pruned.bundle')))
    const headless = edited(pruned, (lines) =>
      lines.filter((line) => !line.startsWith('{"checkpoint"')).map((line) => line.replace('{"at":1,', '{"at":0,')),
    )
    const { status, stdout, stderr } = lockbox(
      'export',
      '--format=csv',
      written('twice.bundle', compressed([headless])),
    )
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toContain('nothing exported: the file is refuted: its place in the ledger is taken')
  })

  it('prints a statement once that stands there twice, touched with two keys', async () => {
    const { story } = await wholeStory({
      beforeExport: async (telling) => {
        await telling.prune('dave', [{ from: 0, to: 1 }])
      },
    })
    const entries = story.entries()
    const again = touchedWith(entries.at(-1) ?? new Uint8Array(), 'dave', 1)
    const bytes = await exportedBytes({ ...exportOf(story), entries: [...entries, again] })
    const { status, stdout } = lockbox('export', '--format=jsonl', written('again.bundle', compressed([bytes])))
    expect([status, stdout.trim().split('\n').length]).toEqual([0, entries.length])
  })
})

describe('lockbox', () => {
  it('--help says how it is used and what the exit codes mean', () => {
    const { status, stdout } = lockbox('--help')
    expect(status).toBe(0)
    expect(stdout).toContain('Usage: lockbox verify FILE... [--json]')
    expect(stdout).toContain('lockbox-verifier.html does the same in a browser')
    expect(stdout).toContain('0 verified, 1 refuted, 2 unreadable (or wrong use), 3 verified but incomplete')
  })

  it('--version gives the version of the package', () => {
    const manifest = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
    expect(lockbox('--version').stdout).toBe(`lockbox ${manifest.version}\n`)
  })

  it.each([
    [[], 'expected a command'],
    [['exports'], 'there is no command “exports”'],
    [['export', example('whole.bundle')], 'expected --format=jsonl|csv|ocsf|cef|syslog'],
    [['export', '--format=xml', example('whole.bundle')], 'expected --format='],
    [['export', '--format=csv'], 'expected the file of one bundle'],
    [['export', '--format=csv', 'a', 'b'], 'expected the file of one bundle'],
    [['export', '--fast', 'x'], '--fast'],
    [['verify'], 'expected the file of a bundle'],
    [['verify', '--fast', 'x'], '--fast'],
    [['verify', '-'], 'not from the standard input; save it as one first'],
    [['export', '--format=csv', '-'], 'not from the standard input; save it as one first'],
    [['verify', '--case', 'INC-7', 'x'], '“INC-7” is not the id of a case, which has 43 letters'],
  ])('wrong use (%j) exits with 2 and the usage', (args, says) => {
    const { status, stdout, stderr } = lockbox(...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(says)
    expect(stderr).toContain('Usage:')
  })

  it('runs by its own name', () => {
    expect(readFileSync(join(program, 'lockbox.js'), 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true)
    expect(spawnSync(join(program, 'lockbox.js'), ['--version']).status).toBe(0)
  })

  it.each([
    ['verify', 'head -n 1'],
    ['export --format=jsonl', 'head -n 1'],
    ['verify --json', 'head -n 1'],
    ['verify', 'true'],
    ['export --format=jsonl', 'true'],
  ])('keeps its exit code, and complains of nothing, when its reader has seen enough: %s | %s', (command, reader) => {
    const run = `${process.execPath} ${join(program, 'lockbox.js')} ${command} ${example('whole.bundle')}`
    const { stdout, stderr } = spawnSync('bash', ['-c', `${run} | ${reader}; echo "\${PIPESTATUS[0]}"`], {
      encoding: 'utf8',
    })
    expect([stdout.trim().split('\n').at(-1), stderr]).toEqual(['0', ''])
  })
})
