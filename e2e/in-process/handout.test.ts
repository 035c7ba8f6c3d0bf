import { type ExecFileException, execFile, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type HandoutDoor, openHandoutDoor } from '../../main/handout/door.ts'
import { sessionNameOf } from '../../main/issuers/aws/role-session.ts'
import { ShellError } from '../../main/shell/errors.ts'
import type { CaseView } from '../../shared/views/case-views.ts'
import { sessionFromLines } from '../session-lines.ts'
import { bundle } from './bundle.ts'
import { approves, carryOn, caseOf } from './people.ts'
import { asking, type Setting, settle } from './stories.ts'
import { type LocalParty, newWorld, type World } from './world.ts'

/** Debian's own if it is there, else whichever is found first. */
const AWS = ['/usr/bin/aws', 'aws'].find((program) => spawnSync(program, ['--version']).status === 0)
const LEFT_OUT = AWS === undefined ? ' (LEFT OUT: there is no aws; Debian’s package awscli brings it)' : ''

let world: World
let setting: Setting<LocalParty>
let ana: LocalParty
let program: string
let front: Front
let unknowing: Unknowing
let door: HandoutDoor
const notified: string[] = []
const atOnce = async (write: () => void): Promise<void> => write()
/** How a text gets on Ana's clipboard. */
let copying = atOnce

beforeAll(async () => {
  world = await newWorld(900)
  program = await bundle(new URL('../../main/cli/lockbox-credentials.ts', import.meta.url), world.dir)
  const { sandbox } = world
  front = await inFrontOf(sandbox.signIn)
  unknowing = await knowingNothing(Object.keys(sandbox.trails))
  ana = await world.arrive('Ana', {
    signIn: front.url,
    handoutCommand: `${process.execPath} ${program} --profile=${join(world.dir, 'Ana')}`,
    notified: (body) => notified.push(body),
    copying: (write) => copying(write),
    trails: sandbox.trails,
  })
  const parties = [
    ana,
    await world.arrive('Raj', { trails: sandbox.trails }),
    await world.arrive('Mia', { trails: unknowing.trails }),
    await world.arrive('Leo'),
  ] as const
  for (const party of parties) await party.setUp()
  setting = await settle(parties, sandbox)
  door = await openHandoutDoor(ana.profileDir, {
    credentials: (of) => ana.running.app.handOut(of),
    onFault: (fault) => console.error(fault),
  })
}, 120_000)
afterAll(async () => {
  await door?.close()
  await front?.close()
  unknowing?.close()
  await world?.close()
})
afterEach(() => {
  vi.unstubAllEnvs()
  copying = atOnce
})

/** Holds back the next write to Ana's clipboard. @returns when it is to be made, and the way to let it be. */
function holdCopy(): { readonly begun: Promise<void>; readonly release: () => void } {
  let begin = (): void => undefined
  let release = (): void => undefined
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const released = new Promise<void>((resolve) => (release = resolve))
  copying = async (write) => {
    begin()
    await released
    write()
  }
  return { begun, release: () => release() }
}

/** The sandbox's sign-in, whose answers can be held back. */
interface Front {
  readonly url: string
  /** Holds back whatever is asked next. @returns when it is asked, and the way to let it be answered. */
  hold(): { readonly asked: Promise<void>; readonly release: () => void }
  close(): Promise<void>
}
async function inFrontOf(signIn: string): Promise<Front> {
  let hear = (): void => undefined
  let released = Promise.resolve()
  const server = createServer((request, response) => {
    hear()
    void released
      .then(() => fetch(`${signIn}${request.url}`))
      .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    hold: () => {
      let release = (): void => undefined
      released = new Promise((resolve) => (release = resolve))
      return { asked: new Promise((resolve) => (hear = resolve)), release: () => release() }
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A CloudTrail that has written nothing down yet. */
interface Unknowing {
  readonly trails: Readonly<Record<string, string>>
  close(): void
}
async function knowingNothing(regions: readonly string[]): Promise<Unknowing> {
  const server = createServer((_request, response) => response.end('{"Events":[]}'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  return { trails: Object.fromEntries(regions.map((region) => [region, url])), close: () => server.close() }
}

interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}
const ran = (file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Result> =>
  new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' as const }
    execFile(file, [...args], options, (error: ExecFileException | null, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err }),
    )
  })
const handedOut = (of: string | null): Promise<Result> =>
  ran(process.execPath, [program, `--profile=${ana.profileDir}`, ...(of === null ? [] : [`--case=${of}`])])
const given = ({ code, out }: Result): { AccessKeyId: string; SecretAccessKey: string; Expiration: string } => {
  expect(code).toBe(0)
  return JSON.parse(out) as ReturnType<typeof given>
}

/** Ana asks, Raj and Leo approve, and Ana has one session more. @returns the case. */
async function granted(): Promise<string> {
  const { id, reference } = await asking(setting)
  const [, raj, mia, leo] = setting.parties
  await carryOn(
    [
      { party: ana, habits: [] },
      { party: raj, habits: [approves(reference)] },
      { party: mia, habits: [] },
      { party: leo, habits: [approves(reference)] },
    ],
    (snapshot) => caseOf(snapshot, reference)?.grant != null,
  )
  await ana.until('the session', ({ sessions }) => sessions.some((one) => one.case === id && one.here))
  return id
}
const viewOf = (of: string) => ana.until('the session', ({ sessions }) => sessions.find((one) => one.case === of))
/** What AWS knows the session of a case by. */
const nameIn = (of: string) => `/${sessionNameOf(of, 1)}`
/** Puts the profiles of all sessions into a config of their own, as a person would. */
async function config(): Promise<{ file: string; home: string }> {
  const home = join(world.dir, 'home')
  await mkdir(home, { recursive: true })
  const { sessions } = await ana.snapshot()
  const file = join(home, 'config')
  await writeFile(file, sessions.flatMap(({ profile }) => profile?.text ?? []).join('\n'))
  return { file, home }
}

describe('a session that is handed to programs', () => {
  let first: string
  let second: string

  it('is given without its case while it is the only one; its owner hears of it and sees it counted', async () => {
    expect(await handedOut(null)).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(
        /^lockbox-credentials: No session is live in this app\. Ask for access [^\n]*\n$/,
      ) as string,
    })
    first = await granted()
    expect(await viewOf(first)).toMatchObject({ handedOut: { times: 0, last: null } })
    await ana.call.sessions.copy({ case: first, as: 'environment' })
    const lines = sessionFromLines(ana.clipboard)
    const credentials = given(await handedOut(null))
    expect(credentials).toEqual({
      Version: 1,
      AccessKeyId: lines.accessKeyId,
      SecretAccessKey: lines.secretAccessKey,
      SessionToken: lines.sessionToken,
      Expiration: new Date(lines.expiration).toISOString().replace('.000', ''),
    })
    given(await handedOut(first))
    const { handedOut: counted } = await viewOf(first)
    expect(counted.times).toBe(2)
    expect(Math.abs(Date.now() - (counted.last ?? 0))).toBeLessThan(60_000)
    expect(notified.filter((body) => body.includes('A program on this computer'))).toHaveLength(1)
  })

  it('is one of two: each program gets that of the case it names, and none without a name', async () => {
    second = await granted()
    const keys = async (of: string) => (await viewOf(of)).accessKeyId
    const [one, two] = [await keys(first), await keys(second)]
    expect(one).not.toBe(two)
    const got = await Promise.all([first, second, second, first, first, second].map(handedOut))
    expect(got.map((each) => given(each).AccessKeyId)).toEqual([one, two, two, one, one, two])
    const unnamed = await handedOut(null)
    expect([unnamed.code, unnamed.out]).toEqual([1, ''])
    for (const words of [`--case=${first} (prod-root)`, `--case=${second} (prod-root)`])
      expect(unnamed.err).toContain(words)
    expect((await viewOf(second)).handedOut.times).toBe(3)
  })

  it('is used by the AWS SDK through the profile that the window shows', async () => {
    const { file } = await config()
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE']) vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_CONFIG_FILE', file)
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(world.dir, 'nothing'))
    for (const of of [second, first]) {
      const { profile } = await viewOf(of)
      const { endpoint = '', region = '' } = world.sandbox.regions[0] ?? {}
      const client = new STSClient({ profile: profile?.name ?? '', endpoint, region })
      const { Arn } = await client.send(new GetCallerIdentityCommand({}))
      expect(Arn?.endsWith(nameIn(of))).toBe(true)
      client.destroy()
    }
  })

  it.runIf(AWS !== undefined)(
    `is used by the AWS CLI, which writes nothing of it down${LEFT_OUT}`,
    async () => {
      const { file, home } = await config()
      const { endpoint = '' } = world.sandbox.regions[0] ?? {}
      for (const of of [first, second]) {
        const { profile } = await viewOf(of)
        const args = ['--profile', profile?.name ?? '', '--endpoint-url', endpoint, 'sts', 'get-caller-identity']
        const { code, out, err } = await ran(AWS ?? '', args, { HOME: home, AWS_CONFIG_FILE: file })
        expect([code, err]).toEqual([0, ''])
        expect((JSON.parse(out) as { Arn: string }).Arn.endsWith(nameIn(of))).toBe(true)
      }
      const { SecretAccessKey } = given(await handedOut(first))
      const files = await readdir(home, { recursive: true, withFileTypes: true })
      for (const entry of files.filter((one) => one.isFile()))
        expect(await readFile(join(entry.parentPath, entry.name), 'latin1')).not.toContain(SecretAccessKey)
    },
    60_000,
  )

  it('asks CloudTrail about its case, and what that knows is attached for all; with nothing in between if it is stopped', async () => {
    const [, raj] = setting.parties
    const read: number[] = []
    const stop = ana.call.cases.lookedUp(({ request, read: count }) => request === second && read.push(count))
    const { accessKeyId } = await viewOf(second)
    const attachedBy = async (party: LocalParty, name: string) => {
      const of = ({ trail }: { trail: CaseView['trail'] }) => trail?.attached.find(({ person }) => person.name === name)
      return party.until('the evidence', ({ cases }) => cases.find(({ id, trail }) => id === second && of({ trail })))
    }
    for (const end of [() => ana.call.cases.stopLookUp({ request: second }), () => ana.call.vault.lock()]) {
      world.sandbox.fault({ kind: 'silent', done: true }, { region: 'us-east-1' })
      const asked = () =>
        world.sandbox.log.filter(({ action, status }) => action === 'LookupEvents' && status === 0).length
      const before = asked()
      const stopped = ana.call.cases.lookUp({ request: second })
      await Promise.all([
        expect(stopped).rejects.toMatchObject({ code: 'lookup-stopped' }),
        vi.waitFor(() => expect(asked()).toBe(before + 1), 10_000).then(end),
      ])
    }
    await ana.unlock()
    expect((await ana.snapshot()).cases.find(({ id }) => id === second)?.trail?.attached).toEqual([])
    expect(await ana.call.cases.lookUp({ request: second })).toMatchObject({
      attached: true,
      differs: 0,
      seen: 1,
      grants: 1,
      regions: ['eu-central-1', 'eu-west-1', 'us-east-1'],
      unanswered: [],
    })
    stop()
    expect(read.length).toBeGreaterThan(0)
    const calls = world.sandbox.log.filter(({ action }) => action === 'LookupEvents')
    expect(new Set(calls.map((call) => call.accessKeyId))).toEqual(new Set([accessKeyId]))
    const { trail } = await attachedBy(raj, 'Ana')
    expect(trail?.attached[0]).toMatchObject({ source: 'an answer of LookupEvents', differs: [] })

    // Whoever has no session asks with credentials of their own.
    await expect(raj.call.cases.lookUp({ request: second })).rejects.toMatchObject({ code: 'no-session' })
    const path = join(world.dir, 'reader.json')
    await writeFile(path, (await handedOut(first)).out)
    expect(await raj.call.cases.lookUp({ request: second, path })).toMatchObject({ attached: true, differs: 0 })
    await attachedBy(ana, 'Raj')
    const [, , mia] = setting.parties
    expect(await mia.call.cases.lookUp({ request: second, path })).toMatchObject({
      attached: false,
      kept: 0,
      differs: 0,
    })
    const { cases } = await mia.snapshot()
    const by = cases.find(({ id }) => id === second)?.trail?.attached.map(({ person }) => person.name)
    expect(by?.toSorted()).toEqual(['Ana', 'Raj'])
    await writeFile(path, '{}')
    await expect(raj.call.cases.lookUp({ request: second, path })).rejects.toMatchObject({ code: 'reading-keys' })
  })

  it('is a link into the console on the clipboard alone, which is cleared when it is locked', async () => {
    await ana.call.sessions.copy({ case: second, as: 'console' })
    const link = ana.clipboard
    const answer = await fetch(link.replace(front.url, world.sandbox.signIn), { redirect: 'manual' })
    expect(answer.status).toBe(302)
    const view = await viewOf(second)
    expect(view.clipboardUntil).toBeGreaterThan(Date.now())
    expect(JSON.stringify(await ana.snapshot())).not.toContain(new URL(link).searchParams.get('SigninToken'))
    await ana.call.vault.lock()
    expect(ana.clipboard).toBe('')
  })

  it('is no link on the clipboard when the app was locked while AWS was asked', async () => {
    await ana.unlock()
    const locking = front.hold()
    const late = ana.call.sessions.copy({ case: second, as: 'console' })
    await locking.asked
    await ana.call.vault.lock()
    locking.release()
    await expect(late).rejects.toMatchObject({ code: 'locked' })
    expect(ana.clipboard).toBe('')
  })

  it('does not stay on the clipboard when the app was locked while it was put there', async () => {
    await ana.unlock()
    const copy = holdCopy()
    const late = ana.call.sessions.copy({ case: second, as: 'environment' })
    await copy.begun
    await ana.call.vault.lock()
    copy.release()
    await expect(late).rejects.toMatchObject({ code: 'locked' })
    expect(ana.clipboard).toBe('')
  })

  it.each([
    ['though it got there', true],
    ['with what was there before', false],
  ])('is taken from the clipboard after a copy that failed, %s', async (_what, isThere) => {
    await ana.unlock()
    await ana.call.sessions.copy({ case: second, as: 'environment' })
    expect(sessionFromLines(ana.clipboard).accessKeyId).toBe((await viewOf(second)).accessKeyId)
    copying = async (write) => {
      if (isThere) write()
      throw new ShellError('refused', 'the window was replaced')
    }
    await expect(ana.call.sessions.copy({ case: second, as: 'console' })).rejects.toMatchObject({ code: 'refused' })
    expect(ana.clipboard).not.toBe('')
    await ana.until('an empty clipboard', () => ana.clipboard === '')
    await ana.call.vault.lock()
  })

  it('is not given while the vault is locked, and given again when it is open', async () => {
    const locked = await handedOut(first)
    expect(locked).toMatchObject({ code: 1, out: '' })
    expect(locked.err).toContain('is locked')
    await ana.unlock()
    expect(given(await handedOut(first)).AccessKeyId).toBe((await viewOf(first)).accessKeyId)
  })

  it('is not secret as a profile: that stays on the clipboard', async () => {
    await ana.call.sessions.copy({ case: first, as: 'environment' })
    await ana.call.sessions.copy({ case: first, as: 'profile' })
    const view = await viewOf(first)
    expect(ana.clipboard).toBe(view.profile?.text)
    expect(view.clipboardUntil).toBeNull()
    await ana.call.vault.lock()
    expect(ana.clipboard).toBe(view.profile?.text)
    await ana.unlock()
  })

  it('is not given when it has ended, nor as a link that was asked for before; the other one goes on', async () => {
    await ana.call.sessions.done({ case: first })
    expect(await handedOut(first)).toMatchObject({ code: 1, out: '' })
    const left = given(await handedOut(null))
    expect(left.AccessKeyId).toBe((await viewOf(second)).accessKeyId)
    const ending = front.hold()
    const late = ana.call.sessions.copy({ case: second, as: 'console' })
    await ending.asked
    const before = ana.clipboard
    await ana.call.sessions.done({ case: second })
    ending.release()
    await expect(late).rejects.toMatchObject({ code: 'no-session' })
    expect(ana.clipboard).toBe(before)
    expect(await handedOut(null)).toMatchObject({ code: 1, out: '' })
    await expect(ana.call.sessions.copy({ case: second, as: 'console' })).rejects.toMatchObject({ code: 'no-session' })
  })

  it.each<[string, (of: string) => Promise<unknown>]>([
    ['it ended', (of) => ana.call.sessions.done({ case: of })],
    ['the app is quit', () => ana.running.quit()],
  ])('does not stay on the clipboard when %s while it was put there', async (_what, end) => {
    const id = await granted()
    const copy = holdCopy()
    const late = ana.call.sessions.copy({ case: id, as: 'environment' })
    await copy.begun
    const ending = end(id)
    copy.release()
    await Promise.all([expect(late).rejects.toMatchObject({ code: 'no-session' }), ending])
    expect(ana.clipboard).toBe('')
  })
})
