import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../shared/bytes.ts'
import { partsOfLines } from '../../shared/evidence/event.ts'
import { type Cast, readCast } from '../../shared/terminal/asciicast.ts'
import { REDACTED } from '../../shared/terminal/redact.ts'
import { systemTime } from '../sessions/time.ts'
import { Recordings } from '../vault/recordings.ts'
import { MemoryDisk } from '../vault/testing/memory-disk.ts'
import { shellEnvironment } from './environment.ts'
import { type Shell, startShell } from './pty.ts'
import { Recorder } from './recorder.ts'

const programs = join(import.meta.dirname, '../../node_modules/.cache/lockbox')
const KEY = new Uint8Array(32).fill(9)
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const TOKEN = `FwoGZXIvYXdzEXAMPLE${'t0k3n/'.repeat(60)}==`
const size = { columns: 80, rows: 24 }

let scratch = ''
const running: Recorder[] = []

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'lockbox-terminal-'))
  await writeFile(join(scratch, '.bashrc'), "PS1='> '\n")
  await build({
    entryPoints: [join(import.meta.dirname, 'testing/record-a-clock.ts')],
    outdir: programs,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
  })
})
afterEach(async () => {
  for (const recorder of running.splice(0)) {
    recorder.end('quit')
    await recorder.ended
  }
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** A shell as it is without anybody's own settings. */
const own = () => ({ PATH: process.env['PATH'], HOME: scratch, SHELL: '/bin/bash', LANG: 'C.UTF-8' })
const session = { AWS_ACCESS_KEY_ID: 'ASIAEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: TOKEN }

async function recorded({ shell, disk = new MemoryDisk() }: { shell?: Shell; disk?: MemoryDisk } = {}) {
  await disk.makeDir('/vault')
  const recordings = new Recordings({ dir: '/vault', vaultId: new Uint8Array(32), key: KEY, fs: disk })
  const writer = await recordings.begin(utf8('about'), recordings.newName())
  let shown = ''
  const recorder = new Recorder({
    shell: shell ?? (await startShell(shellEnvironment(own(), session, process.platform), size)),
    size,
    writer,
    time: systemTime,
    secrets: [SECRET, TOKEN],
    onShown: (text) => {
      shown += text
    },
  })
  running.push(recorder)
  const read = async (): Promise<Cast> => {
    const found = await recordings.read(writer.name)
    return readCast(fromUtf8(found?.bytes ?? new Uint8Array()))
  }
  const until = async (text: string | RegExp) => {
    await expect.poll(() => shown, { timeout: 20_000 }).toMatch(text)
  }
  return { disk, recorder, recordings, writer, read, until, shown: () => shown }
}

const outputOf = ({ events }: Cast): string =>
  events.map((event) => (event.type === 'output' ? event.text : '')).join('')
const endOf = ({ events }: Cast) => events.flatMap((event) => (event.type === 'end' ? [event.why] : []))

/** A shell of the test's own. */
function scripted() {
  let heard: (text: string) => void = () => undefined
  let gone: () => void = () => undefined
  const said: string[] = []
  const shell: Shell = {
    file: '/bin/test',
    onOutput: (listener) => {
      heard = listener
    },
    onExit: (listener) => {
      gone = listener
    },
    type: (text) => void said.push(`typed ${text}`),
    resize: () => void said.push('resized'),
    pause: () => void said.push('paused'),
    resume: () => void said.push('resumed'),
    hangUp: () => {
      said.push('hung up')
      gone()
    },
    kill: async () => void said.push('killed'),
  }
  return { shell, said, show: (text: string) => heard(text) }
}

it('is over only when all that it left behind is killed: the app may end with it', async () => {
  const { shell } = scripted()
  let kill: () => void = () => undefined
  const killed = new Promise<void>((resolve) => {
    kill = resolve
  })
  const { recorder, read } = await recorded({ shell: { ...shell, kill: () => killed } })
  let isOver = false
  const ended = recorder.ended.then(() => {
    isOver = true
  })
  recorder.end('quit')
  await expect.poll(async () => endOf(await read())).toEqual(['quit'])
  expect(isOver).toBe(false)
  kill()
  await ended
  expect(isOver).toBe(true)
})

describe('a recorded shell', () => {
  it('has the session, shows what it does, and is recorded as it was shown but for the session’s secrets', async () => {
    const { recorder, read, until, shown } = await recorded()
    await until(/> $/)
    recorder.type(
      'echo "key $AWS_ACCESS_KEY_ID"; env | grep ^AWS_S; printf %s "$AWS_SECRET_ACCESS_KEY" | fold -w 7 | tr -d "\\n"\r',
    )
    await until(/ASIAEXAMPLE\r\n/)
    recorder.type('exit\r')
    expect(await recorder.ended).toBe('exited')
    const cast = await read()
    expect(outputOf(cast)).toContain('key ASIAEXAMPLE\r\n')
    expect(outputOf(cast)).toContain(`AWS_SECRET_ACCESS_KEY=${REDACTED}\r\n`)
    expect(outputOf(cast)).toContain(`AWS_SESSION_TOKEN=${REDACTED}\r\n`)
    expect(JSON.stringify(cast)).not.toContain(SECRET)
    expect(JSON.stringify(cast)).not.toContain(TOKEN)
    expect(outputOf(cast)).toBe(shown().replaceAll(SECRET, REDACTED).replaceAll(TOKEN, REDACTED))
    expect([endOf(cast), cast.header.env.SHELL]).toEqual([['exited'], '/bin/bash'])
  })

  it('is the system’s where the person’s own is not there', async () => {
    const shell = await startShell(
      shellEnvironment({ ...own(), SHELL: '/bin/no-such-shell' }, session, process.platform),
      size,
    )
    const { recorder, until, read } = await recorded({ shell })
    recorder.type('echo "runs $0"\r')
    await until('runs /bin/sh')
    recorder.type('exit\r')
    expect(await recorder.ended).toBe('exited')
    expect((await read()).header.env.SHELL).toBe('/bin/sh')
  })

  it('does not record what is typed and not echoed', async () => {
    const { recorder, read, until } = await recorded()
    await until(/> $/)
    recorder.type('read -rs -p "password: " secret; echo "has ${#secret}"\r')
    await until(/password: $/)
    recorder.type('correct horse\r')
    await until('has 13')
    recorder.type('exit\r')
    await recorder.ended
    expect(outputOf(await read())).toContain('has 13')
    expect(JSON.stringify(await read())).not.toContain('correct horse')
  })

  it('ends with all that it started, also what heeds no signal', async () => {
    const { recorder, read, until, shown } = await recorded()
    await until(/> $/)
    recorder.type('(trap "" HUP TERM; echo "background $BASHPID."; exec sleep 1000) & (trap "" HUP; sleep 1000)\r')
    await until(/background \d+\./)
    const pid = Number(/background (\d+)\./.exec(shown())?.[1])
    expect(() => process.kill(pid, 0)).not.toThrow()
    recorder.end('session-over')
    expect(await recorder.ended).toBe('session-over')
    await expect.poll(() => isThere(pid), { timeout: 10_000 }).toBe(false)
    expect(endOf(await read())).toEqual(['session-over'])
  })

  it('that floods its terminal waits for the disk, and its end is still heard', async () => {
    const { recorder, until, shown, read } = await recorded()
    await until(/> $/)
    recorder.type('yes flood\r')
    await expect.poll(() => shown().length, { timeout: 20_000 }).toBeGreaterThan(100_000)
    const before = shown().length
    const began = performance.now()
    await expect.poll(() => shown().length, { timeout: 20_000 }).toBeGreaterThan(before + 300_000)
    // Unhindered it would be done in a few milliseconds.
    expect(performance.now() - began).toBeGreaterThan(1000)
    recorder.type('\u0003')
    await until(/\^C/)
    recorder.type('exit\r')
    expect(await recorder.ended).toBe('exited')
    expect(outputOf(await read())).toBe(shown())
  })

  it('killed with the app at any moment, leaves all of its recording but the last second', async () => {
    const dir = join(scratch, 'killed')
    await mkdir(dir, { recursive: true })
    const child = spawn(
      process.execPath,
      [join(programs, 'record-a-clock.mjs'), dir, Buffer.from(KEY).toString('hex')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let shown = ''
    child.stdout.on('data', (piece: Buffer) => {
      shown += piece.toString()
    })
    await expect.poll(() => timesIn(shown).length, { timeout: 30_000 }).toBeGreaterThan(60)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    const recordings = new Recordings({ dir, vaultId: new Uint8Array(32), key: KEY })
    const [name = ''] = await recordings.names()
    const cast = readCast(fromUtf8((await recordings.read(name))?.bytes ?? new Uint8Array()))
    const [kept, seen] = [timesIn(outputOf(cast)), timesIn(shown)]
    // It is recorded before it is shown, so the last of it may have come to the disk alone.
    const both = Math.min(kept.length, seen.length)
    expect(kept.slice(0, both)).toEqual(seen.slice(0, both))
    expect((seen.at(-1) ?? 0) - (kept.at(-1) ?? 0)).toBeLessThan(1000)
    // It was cut off, and says so by having no end.
    expect(endOf(cast)).toEqual([])
    // The shell went with it.
    await expect.poll(() => processesIn(dir), { timeout: 10_000 }).toEqual([])
  })
})

describe('recording', () => {
  it('waits for the disk before it reads on, and then does', async () => {
    const disk = new MemoryDisk()
    const { shell, said, show } = scripted()
    const { recorder, writer, recordings } = await recorded({ shell, disk })
    let release: () => void = () => undefined
    disk.faults.slow = new Promise((resolve) => {
      release = resolve
    })
    show('x'.repeat(70_000))
    expect(said).toEqual(['paused'])
    await expect.poll(async () => (await recordings.read(writer.name))?.bytes.length ?? 0).toBe(0)
    release()
    await expect.poll(() => said).toEqual(['paused', 'resumed'])
    recorder.end('closed')
    expect(await recorder.ended).toBe('closed')
  })

  it('ends the shell when the disk is full, shows nothing more, and keeps what was recorded before', async () => {
    const disk = new MemoryDisk()
    const { shell, said, show } = scripted()
    const { recorder, read, writer, recordings, shown } = await recorded({ shell, disk })
    show('before')
    await expect.poll(async () => (await recordings.read(writer.name))?.bytes.length).toBeGreaterThan(0)
    disk.faults.capacity = 0
    show('lost')
    expect(await recorder.ended).toBe('not-recorded')
    show('after')
    expect(said).toEqual(['resumed', 'hung up', 'killed'])
    expect([outputOf(await read()), endOf(await read()), shown()]).toEqual(['before', [], 'beforelost'])
  })

  it('ends the shell when it is as long as a statement can name, and says so within that', async () => {
    const { shell, said, show } = scripted()
    const { recorder, read, writer, recordings } = await recorded({ shell })
    for (let piece = 0; recorder.isOpen && piece < 400; piece++) show(`${piece} ${'\u001b'.repeat(5000)}`)
    expect(await recorder.ended).toBe('full')
    expect(said).toContain('hung up')
    expect(endOf(await read())).toEqual(['full'])
    const text = fromUtf8((await recordings.read(writer.name))?.bytes ?? new Uint8Array())
    const lines = text.split('\n').slice(0, -1)
    expect(partsOfLines(lines.map((line) => utf8(`${line}\n`)))).toHaveLength(16)
  })

  it('that is full while its shell is being ended says so, and goes on behind no hole', async () => {
    const { shell, show } = scripted()
    let gone: () => void = () => undefined
    const slow: Shell = { ...shell, onExit: (listener) => (gone = listener), hangUp: () => undefined }
    const { recorder, read, shown } = await recorded({ shell: slow })
    recorder.end('closed')
    for (let piece = 0; piece < 400; piece++) show(`${piece} ${'\u001b'.repeat(5000)}`)
    show('behind the hole')
    gone()
    expect(await recorder.ended).toBe('full')
    const cast = await read()
    expect(endOf(cast)).toEqual(['full'])
    expect(outputOf(cast)).not.toContain('behind the hole')
    expect(shown()).not.toContain('behind the hole')
  })

  it('goes on until a locked shell is gone, and shows nothing of it from the lock on', async () => {
    const { shell, show } = scripted()
    let gone: () => void = () => undefined
    const slow: Shell = { ...shell, onExit: (listener) => (gone = listener), hangUp: () => undefined }
    const { recorder, read, shown } = await recorded({ shell: slow })
    show('before')
    await expect.poll(shown).toBe('before')
    show(', not yet shown')
    recorder.end('locked')
    show(', after')
    gone()
    expect(await recorder.ended).toBe('locked')
    expect([shown(), outputOf(await read())]).toEqual(['before', 'before, not yet shown, after'])
  })

  it('says how large the terminal is, and when that changes', async () => {
    const { shell, said, show } = scripted()
    const { recorder, read } = await recorded({ shell })
    show('a')
    recorder.resize({ columns: 120, rows: 40 })
    expect(said).toEqual(['resized'])
    recorder.end('closed')
    await recorder.ended
    const { header, events } = await read()
    expect([header.width, header.height]).toEqual([80, 24])
    expect(events).toMatchObject([
      { type: 'output', text: 'a' },
      { type: 'resize', columns: 120, rows: 40 },
      { type: 'end', why: 'closed' },
    ])
  })
})

const timesIn = (text: string): number[] => [...text.matchAll(/^at (\d{13})\r?$/gm)].map(([, time]) => Number(time))

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Processes whose command line names a folder. */
async function processesIn(dir: string): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(processes.map((id) => readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')))
  return lines.filter((line) => line.includes(dir))
}
