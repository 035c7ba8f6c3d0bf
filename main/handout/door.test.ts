import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
  ])('hangs up on %s, and asks nobody', async (_what, said) => {
    await open()
    expect(await heardOn(said)).toBe('')
    expect(asked).toEqual([])
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

  it('is told that Lockbox is not running', async () => {
    expect(await askApp(profile, CASE)).toMatchObject({
      complaint: expect.stringContaining('is not running') as string,
    })
    expect(await askApp(join(profile, 'nothing'), CASE)).toHaveProperty('complaint')
  })

  it.runIf(process.platform !== 'win32')('does not ask in a directory that others may write into', async () => {
    await open()
    await chmod(profile, 0o770)
    expect(await askApp(profile, CASE)).toMatchObject({
      complaint: expect.stringContaining('not a directory of yours alone') as string,
    })
    expect(asked).toEqual([])
  })

  it.each([
    ['half an answer, which looks whole', (peer: Socket) => peer.end(good.trimEnd())],
    ['no answer', (peer: Socket) => peer.end()],
    ['another version of credentials', (peer: Socket) => peer.end(good.replace('"Version":1', '"Version":2'))],
    ['credentials without an end', (peer: Socket) => peer.end(good.replace('Expiration', 'Experience'))],
    ['an answer without end', (peer: Socket) => peer.write('x'.repeat(20_000))],
    ['nothing for too long', () => undefined],
  ])('takes no credentials from %s', async (_what, say) => {
    await pretend(say)
    expect(await askApp(profile, CASE, 500)).toMatchObject({
      complaint: expect.stringContaining('gave no answer') as string,
    })
  })

  it('takes exactly the fields that it knows', async () => {
    await pretend((peer) => peer.end(good.replace('{"Version"', '{"More":1,"Version"')))
    expect(await askApp(profile, CASE)).toEqual({ credentials: credentialsOf(null) })
  })
})
