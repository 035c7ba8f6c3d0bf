import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Digest, digest, utf8 } from '../../shared/bytes.ts'
import { AppError } from '../app/app-error.ts'
import { askApp } from './ask.ts'
import { type Behind, type HandoutDoor, openHandoutDoor } from './door.ts'
import { handoutAddress } from './place.ts'
import { MAX_REQUEST, type ProcessCredentials, requestLine } from './wire.ts'

const CASE = digest(utf8('the case'))

let profile: string
let door: HandoutDoor | null
let asked: (Digest | null)[]
let faults: unknown[]

beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), 'lockbox-handout-'))
  door = null
  asked = []
  faults = []
})
afterEach(async () => {
  await door?.close()
  await rm(profile, { recursive: true, force: true })
})

const credentialsOf = (of: Digest | null): ProcessCredentials => ({
  Version: 1,
  AccessKeyId: `ASIA${of ?? 'the only one'}`,
  SecretAccessKey: 'secret',
  SessionToken: 'token',
  Expiration: '2026-11-23T12:00:00Z',
})

async function open(change: Partial<Behind> = {}): Promise<void> {
  const credentials = (of: Digest | null) => {
    asked.push(of)
    return credentialsOf(of)
  }
  door = await openHandoutDoor(profile, { credentials, onFault: (fault) => faults.push(fault), ...change })
}

/** What comes back on what was said, byte for byte, until the door hangs up. */
async function heardOn(...said: (string | Buffer)[]): Promise<string> {
  const peer = connect(handoutAddress(profile, process.platform))
  let heard = ''
  peer.on('data', (bytes) => {
    heard += String(bytes)
  })
  peer.on('error', () => undefined)
  for (const bytes of said) peer.write(bytes)
  await once(peer, 'close')
  return heard
}

describe('the door for programs', () => {
  it('gives each program the session of the case that it names, however many ask at once', async () => {
    await open()
    const cases = Array.from({ length: 20 }, (_, at) => digest(utf8(`case ${at}`)))
    const got = await Promise.all(cases.map((of) => askApp(profile, of)))
    expect(got).toEqual(cases.map((of) => ({ credentials: credentialsOf(of) })))
    expect(await askApp(profile, null)).toEqual({ credentials: credentialsOf(null) })
  })

  it('says why there are none, in the words of the app', async () => {
    await open({
      credentials: () => {
        throw new AppError('locked', 'Lockbox is locked.')
      },
    })
    expect(await askApp(profile, CASE)).toEqual({ complaint: 'Lockbox is locked.' })
  })

  it('says nothing of an error that is not ours, which may quote anything', async () => {
    await open({
      credentials: () => {
        throw new TypeError('hunter2')
      },
    })
    expect(await heardOn(requestLine(CASE))).toBe('')
    expect(faults).toHaveLength(1)
  })

  it.runIf(process.platform !== 'win32')('is for its owner alone, and takes the place of a dead one', async () => {
    await writeFile(join(profile, 'creds'), '')
    await open()
    expect((await stat(join(profile, 'creds'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(profile, 'creds'))).isSocket()).toBe(true)
  })

  const line = requestLine(CASE)
  it.each([
    ['what is no JSON', 'give me the keys\n'],
    ['nothing but an end', '\n'],
    ['another protocol', line.replace('credentials/1', 'credentials/2')],
    ['a case that is none', line.replace(CASE, `${CASE}A`)],
    ['no case at all', line.replace(/"case":"[^"]*",/, '')],
    ['one field more', line.replace('{', '{"more":1,')],
    ['two requests in one', line + line],
    ['a byte after the line', `${line}x`],
    ['an empty line after it', `${line}\n`],
    ['a line that is too long', `{${' '.repeat(MAX_REQUEST)}${line.slice(1)}`],
    ['a line that never ends', 'x'.repeat(MAX_REQUEST)],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x0a])],
  ])('hangs up on %s at once, and asks nobody', async (_what, said) => {
    await open({ patienceMs: 600_000 })
    expect(await heardOn(said)).toBe('')
    expect(asked).toEqual([])
  })

  it('answers one line and no second, whenever that comes', async () => {
    await open()
    const peer = connect(handoutAddress(profile, process.platform))
    peer.on('error', () => undefined)
    const over = new Promise((resolve) => peer.on('close', resolve))
    peer.write(line)
    peer.once('data', () => peer.write(line))
    await over
    expect(asked).toEqual([CASE])
  })

  it('bears programs that are gone before they are answered', async () => {
    await open()
    for (let at = 0; at < 20; at++) {
      const peer = connect(handoutAddress(profile, process.platform))
      peer.write(line, () => peer.destroy())
      await once(peer, 'close')
    }
    await expect.poll(() => asked.length).toBe(20)
    expect(await askApp(profile, CASE)).toHaveProperty('credentials')
  })

  it('is shut at once, whoever has not finished', async () => {
    await open({ patienceMs: 600_000 })
    const peer = connect(handoutAddress(profile, process.platform))
    const over = once(peer, 'close')
    await once(peer, 'connect')
    await expect.poll(() => askApp(profile, CASE)).toHaveProperty('credentials')
    await door?.close()
    await over
    expect(await askApp(profile, CASE)).toHaveProperty('complaint')
  })

  it('zeroes what it sent', async () => {
    await open()
    const made = vi.spyOn(Buffer, 'from')
    onTestFinished(() => made.mockRestore())
    await askApp(profile, CASE)
    const at = made.mock.calls.findIndex(([text]) => JSON.stringify(text).includes('SecretAccessKey'))
    const sent = made.mock.results[at]?.value as Buffer
    expect(sent.length).toBeGreaterThan(100)
    await expect.poll(() => sent.every((byte) => byte === 0)).toBe(true)
  })

  it('takes a line that comes in pieces', async () => {
    await open()
    expect(await heardOn(line.slice(0, 9), line.slice(9))).toContain('"Version":1')
  })

  it('hangs up on who says nothing, and on who says a byte now and then, when the time is over', async () => {
    await open({ patienceMs: 150 })
    expect(await heardOn()).toBe('')
    const peer = connect(handoutAddress(profile, process.platform))
    // Hung up on in the midst of a byte, it hears of a reset before the end; `once` would take that for a failure.
    peer.on('error', () => undefined)
    const over = new Promise((resolve) => peer.on('close', resolve))
    const began = performance.now()
    const drip = setInterval(() => peer.write('x'), 20)
    await over
    clearInterval(drip)
    expect(performance.now() - began).toBeLessThan(2000)
    expect(asked).toEqual([])
  })

  it('hears 64 at once and no more, and hears again when one has gone', async () => {
    await open({ patienceMs: 30_000 })
    const idle: Socket[] = []
    for (let at = 0; at < 64; at++) {
      const peer = connect(handoutAddress(profile, process.platform))
      idle.push(peer)
      await once(peer, 'connect')
    }
    expect(await askApp(profile, CASE)).toHaveProperty('complaint')
    idle[0]?.destroy()
    await expect.poll(() => askApp(profile, CASE)).toHaveProperty('credentials')
    for (const peer of idle) peer.destroy()
  })
})

describe('a program that asks', () => {
  let server: Server | null = null
  afterEach(() => void server?.close())
  /** Something else at the door's place, which says that. */
  const pretend = async (say: (peer: Socket) => void) => {
    server = createServer((peer) => {
      peer.on('error', () => undefined)
      peer.on('data', () => say(peer))
    })
    server.listen(handoutAddress(profile, process.platform))
    await once(server, 'listening')
  }
  const good = `${JSON.stringify({ credentials: credentialsOf(null) })}\n`

  const complaintOf = async (of: string, patienceMs?: number): Promise<string> => {
    const asked = await askApp(of, CASE, patienceMs)
    return 'complaint' in asked ? asked.complaint : 'it was given credentials'
  }

  it('is told that Lockbox is not running', async () => {
    expect(await complaintOf(profile)).toContain(`not running with the profile ${profile}; open it and unlock it`)
    expect(await complaintOf(join(profile, 'nothing'))).toContain('not running')
  })

  it.runIf(process.platform !== 'win32')(
    'is told so where a crash left its socket, which the next start replaces',
    async () => {
      const dead = "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))"
      spawnSync(process.execPath, ['-e', dead, handoutAddress(profile, process.platform)])
      expect((await stat(join(profile, 'creds'))).isSocket()).toBe(true)
      expect(await complaintOf(profile)).toContain('not running')
      await open()
      expect(await askApp(profile, CASE)).toEqual({ credentials: credentialsOf(CASE) })
    },
  )

  describe.runIf(process.platform !== 'win32')('does not ask', () => {
    beforeEach(() => open())
    /** Why; or, if it did ask, whom. */
    const whyNot = async (of: string): Promise<string> => {
      const complaint = await complaintOf(of)
      return asked.length === 0 ? complaint : `asked for ${asked.join()}`
    }

    it.each(['770', '701', '750'])('in a folder of mode %s, which others may enter', async (mode) => {
      await chmod(profile, Number.parseInt(mode, 8))
      expect(await whyNot(profile)).toContain(`${profile} can be entered by others; shut it (chmod 700)`)
    })

    it('in a folder of another user', async () => {
      const uid = process.getuid?.() ?? 0
      const spy = vi.spyOn(process, 'getuid').mockReturnValue(uid + 1)
      onTestFinished(() => spy.mockRestore())
      expect(await whyNot(profile)).toContain('belongs to another user; run this as the user who runs Lockbox')
    })

    it('over a link, which may lead elsewhere by then', async () => {
      const linked = join(await mkdtemp(join(tmpdir(), 'lockbox-handout-')), 'link')
      await symlink(profile, linked)
      expect(await whyNot(linked)).toContain('is a link; name the folder to which it leads')
    })

    it('what is no folder, or below one', async () => {
      const file = join(profile, 'file')
      await writeFile(file, '', { mode: 0o600 })
      expect(await whyNot(file)).toContain('is no folder; name the one with which Lockbox was started')
      expect(await whyNot(join(file, 'below'))).toContain('cannot be looked at (ENOTDIR); name the one with which')
    })
  })

  it.runIf(process.platform !== 'win32')('is told what else keeps it from asking', async () => {
    await symlink('creds', join(profile, 'creds'))
    expect(await complaintOf(profile)).toMatch(/could not be reached with the profile .* \(E\w+\); try again/)
  })

  it.each([
    ['half an answer, which looks whole', (peer: Socket) => peer.end(good.trimEnd()), 'hung up'],
    ['no answer', (peer: Socket) => peer.end(), 'hung up'],
    ['a door that is shut in its face', (peer: Socket) => peer.destroy(), 'hung up'],
    [
      'another version of credentials',
      (peer: Socket) => peer.end(good.replace('"Version":1', '"Version":2')),
      'version',
    ],
    ['credentials without an end', (peer: Socket) => peer.end(good.replace('Expiration', 'Experience')), 'version'],
    ['an answer without end', (peer: Socket) => peer.write('x'.repeat(20_000)), 'version'],
    [
      'an answer that is too long',
      (peer: Socket) => peer.end(good.replace('{', `{"x":"${'x'.repeat(20_000)}",`)),
      'version',
    ],
    ['nothing for too long', () => undefined, 'no answer within 0.5 s'],
    ['half an answer for too long', (peer: Socket) => peer.write(good.trimEnd()), 'no answer within 0.5 s'],
  ])('takes no credentials from %s', async (_what, say, why) => {
    await pretend(say)
    expect(await complaintOf(profile, 500)).toContain(why)
  })

  it('takes exactly the fields that it knows', async () => {
    await pretend((peer) => peer.end(good.replace('{"Version"', '{"More":1,"Version"')))
    expect(await askApp(profile, CASE)).toEqual({ credentials: credentialsOf(null) })
  })
})
