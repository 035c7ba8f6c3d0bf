import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cast, readCast } from '../../shared/terminal/asciicast.ts'
import { sessionFromLines } from '../session-lines.ts'
import { approves, carryOn, caseOf } from './people.ts'
import { asking, type LocalSetting, newFour } from './stories.ts'
import type { LocalParty } from './world.ts'

const SIZE = { columns: 80, rows: 24 }

describe('a recorded terminal', () => {
  let four: LocalSetting
  let ana: LocalParty
  let raj: LocalParty
  beforeAll(async () => {
    four = await newFour()
    ;[ana, raj] = four.parties
  }, 120_000)
  afterAll(() => four.world.close())

  /** Ana has a session. */
  async function granted() {
    const { id, reference } = await asking(four)
    await carryOn(
      [raj, four.parties[3]].map((party) => ({ party, habits: [approves(reference)] })),
      (now) => caseOf(now, reference)?.grant != null,
    )
    await ana.until('the session', ({ sessions }) => sessions.some((one) => one.here && one.case === id))
    return { id, reference }
  }

  /** Ana has a shell with it, which shows its own process id. */
  async function shell(id: string) {
    let shown = ''
    ana.call.terminals.shown(({ case: of, text }) => {
      if (of === id) shown += text
    })
    const { screen } = await ana.call.terminals.open({ case: id, ...SIZE })
    shown = screen + shown
    const type = (text: string) => ana.call.terminals.type({ case: id, text })
    await type('echo "I am $$, and $AWS_ACCESS_KEY_ID."\r')
    await expect.poll(() => shown, { timeout: 20_000 }).toMatch(/I am \d+, and ASIA\w+\./)
    const pid = Number(/I am (\d+),/.exec(shown)?.[1])
    return { pid, type, shown: () => shown }
  }

  const sessionOf = (id: string) =>
    ana.until('the session’s view', ({ sessions }) => sessions.find((one) => one.case === id))

  /** The recording of a case as somebody's app plays it. */
  async function recording(party: LocalParty, reference: string): Promise<Cast> {
    const { id: evidence } = await party.until('the recording', (now) => caseOf(now, reference)?.recordings[0])
    const play = async () => (await party.call.terminals.recording({ evidence })).text
    await expect.poll(() => play().catch(() => ''), { timeout: 20_000 }).not.toBe('')
    return readCast(await play())
  }

  const outputOf = ({ events }: Cast) => events.map((event) => (event.type === 'output' ? event.text : '')).join('')
  const endOf = ({ events }: Cast) => events.map((event) => (event.type === 'end' ? event.why : null)).at(-1)

  test('has the session, and is in the case for everybody when its shell has ended', async () => {
    const { id, reference } = await granted()
    const { type, shown } = await shell(id)
    expect((await sessionOf(id)).terminal).toEqual({ isOpen: true, says: null })
    // Whoever comes back to it finds the same shell, and what it showed.
    expect((await ana.call.terminals.open({ case: id, ...SIZE })).screen).toContain(shown())
    await ana.call.sessions.copy({ case: id, as: 'environment' })
    const { secretAccessKey, sessionToken } = sessionFromLines(ana.clipboard)
    expect([process.env['AWS_SECRET_ACCESS_KEY'], process.env['AWS_SESSION_TOKEN']]).toEqual([undefined, undefined])
    await type('env | grep AWS_SE\r')
    await expect.poll(shown, { timeout: 20_000 }).toContain(sessionToken)
    await type('exit\r')
    const cast = await recording(raj, reference)
    expect(outputOf(cast)).toMatch(/I am \d+, and ASIA\w+\./)
    expect(outputOf(cast)).toContain('AWS_SESSION_TOKEN=[redacted]')
    for (const secret of [secretAccessKey, sessionToken]) expect(JSON.stringify(cast)).not.toContain(secret)
    expect(endOf(cast)).toBe('exited')
    // It passes for no comparison with what AWS recorded.
    const one = await raj.until('the case', (now) => caseOf(now, reference))
    expect(one.trail).toEqual({ attached: [], isMissing: true })
    expect(one.timeline.map(({ says }) => says).join()).toContain('attached the recording of a terminal')
    expect((await sessionOf(id)).terminal).toEqual({ isOpen: false, says: 'The shell ended by itself.' })
    await expect(type('more\r')).rejects.toMatchObject({ code: 'no-shell' })
    await ana.call.sessions.done({ case: id })
  })

  test('dies with its session', async () => {
    const { id, reference } = await granted()
    const { pid } = await shell(id)
    await ana.call.sessions.done({ case: id })
    await expect.poll(() => isThere(pid), { timeout: 10_000 }).toBe(false)
    expect(endOf(await recording(raj, reference))).toBe('session-over')
    await expect(ana.call.terminals.open({ case: id, ...SIZE })).rejects.toMatchObject({
      code: expect.stringMatching(/^(over|no-session)$/) as string,
    })
  })

  test('dies when its owner locks, although the session goes on, and is attached after the unlock', async () => {
    const { id, reference } = await granted()
    const { pid } = await shell(id)
    await ana.call.vault.lock()
    expect(isThere(pid)).toBe(false)
    await expect(ana.call.terminals.open({ case: id, ...SIZE })).rejects.toMatchObject({ code: 'locked' })
    await ana.unlock()
    expect(endOf(await recording(raj, reference))).toBe('locked')
    expect((await sessionOf(id)).terminal.says).toBe('Lockbox was locked, so the shell was ended.')
    expect((await sessionOf(id)).here).toBe(true)
    await ana.call.sessions.done({ case: id })
  })

  test('is attached as far as it came after its app was killed, and says by having no end that it was cut off', async () => {
    const { id, reference } = await granted()
    await shell(id)
    // The disk has it within a second; then the app dies.
    const { vault } = ana.running.app.desk().device
    const isKept = async () => {
      const [name = ''] = await vault.recordings.names()
      return Buffer.from((await vault.recordings.read(name))?.bytes ?? []).toString()
    }
    await expect.poll(isKept, { timeout: 5000 }).toMatch(/I am \d+, and ASIA/)
    await ana.kill()
    await ana.revive()
    const cast = await recording(raj, reference)
    expect(outputOf(cast)).toMatch(/I am \d+, and ASIA\w+\./)
    expect(endOf(cast)).not.toBe('exited')
    expect(cast.events.some(({ type }) => type === 'end')).toBe(false)
    // Nothing of it stays where recordings wait.
    await expect.poll(() => ana.running.app.desk().device.vault.recordings.names()).toEqual([])
    expect((await ana.until('its case', (now) => caseOf(now, reference))).recordings).toHaveLength(1)
  })

  test('whose file was damaged meanwhile is in the case as far as it opens, and its owner is told and keeps the file', async () => {
    const { id, reference } = await granted()
    const { type } = await shell(id)
    const { vault } = ana.running.app.desk().device
    const size = async (name: string) => (await vault.recordings.read(name))?.bytes.length ?? 0
    const [name = ''] = await vault.recordings.names()
    for (const word of ['two', 'three', 'four']) {
      const before = await size(name)
      await type(`echo ${word}\r`)
      await expect.poll(() => size(name), { timeout: 5000 }).toBeGreaterThan(before)
    }
    await ana.kill()
    const path = join(ana.profileDir, 'vault/recordings', name)
    const file = await readFile(path)
    // The last but one of its chunks.
    const [, at = 0] = chunksOf(file).toReversed()
    file.writeUInt8(file.readUInt8(at + 20) ^ 1, at + 20)
    await writeFile(path, file)
    await ana.revive()
    const cast = await recording(raj, reference)
    expect(outputOf(cast)).toContain('I am ')
    expect(outputOf(cast)).not.toMatch(/\nfour/)
    const note = await ana.until('a note', ({ notes }) => notes.find(({ what }) => what.includes(name)))
    expect(note).toMatchObject({
      level: 'danger',
      what: `Of the recording of a terminal only the beginning could be read and is in its case: recordings/${name}.unread`,
    })
    expect(await readFile(`${path}.unread`)).toEqual(file)
    expect((await ana.until('its case', (now) => caseOf(now, reference))).recordings).toHaveLength(1)
  })
})

/** Where each chunk of a recording's file begins. */
function chunksOf(file: Buffer): number[] {
  const chunks: number[] = []
  for (let at = 0; at < file.length; at += 4 + file.readUInt32BE(at)) chunks.push(at)
  return chunks
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
