import { expect, it } from 'vitest'
import { fromBase64Url, utf8 } from '../../shared/bytes.ts'
import type { Whose } from '../../shared/case/replacing.ts'
import { type Organization, orgFrom } from '../../shared/org/org-from.ts'
import { sealBox } from '../../shared/secrets/box.ts'
import { digestOf, person } from '../../shared/testing/keys.ts'
import { grantedCase, setupWith, standings } from '../../shared/testing/setup.ts'
import { carefulAccess } from '../../shared/testing/usual-plan.ts'
import type { Standing } from '../../shared/testing/world.ts'
import { notNowWords } from '../../shared/views/not-now.ts'
import type { Aftercared, IssueWorker } from '../issuers/worker/client.ts'
import { BlobError } from '../vault/blobs.ts'
import { finishAftercare, makeAftercare, receiversIn, revokerContext } from './after-issuing.ts'
import type { Device } from './device.ts'
import { Notes } from './notes.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave']
const named = (devices: readonly { readonly device: string }[]) =>
  devices.map(({ device }) => NAMES.find((name) => person(name).device === device))

/** Alice, Bob and Carol are admins, unless told otherwise; Bob, Carol and Dave are custodians. Carol's device issues, Dave asked. */
async function receivers(admins: readonly string[] = ['alice', 'bob', 'carol'], requester = 'dave') {
  const people: Record<string, Standing> = {}
  for (const [name, { roles, groups }] of Object.entries(standings(NAMES))) {
    const others = roles.filter((role) => role !== 'admin')
    people[name] = { roles: admins.includes(name) ? ['admin', ...others] : others, groups }
  }
  const { story, plan } = await setupWith(NAMES, { people })
  const org = orgFrom(story.statements, story.organization) as Organization
  return receiversIn({ id: person('carol').device, org: () => org }, plan.payload, person(requester).member)
}

it('seals what may deny to the custodians, and what may replace to the admins but the issuing one', async () => {
  const { revoker, rotator } = await receivers()
  expect(new Set(named(revoker))).toEqual(new Set(['bob', 'carol', 'dave']))
  expect(new Set(named(rotator))).toEqual(new Set(['alice', 'bob']))
})

it('seals what may replace to the issuing device itself if there is no other admin', async () => {
  const { rotator } = await receivers(['carol'])
  expect(named(rotator)).toEqual(['carol'])
})

it.each<[string[], string, string[]]>([
  [['alice', 'bob', 'carol'], 'alice', ['bob']],
  [['alice', 'carol'], 'alice', ['carol']],
  [['alice'], 'alice', []],
  [['carol'], 'carol', []],
])(
  'never seals what may replace to whoever asked: of the admins %j and the requester %s, to %j',
  async (admins, requester, to) => {
    const { rotator, revoker } = await receivers(admins, requester)
    expect(named(rotator)).toEqual(to)
    expect(new Set(named(revoker))).toEqual(new Set(['bob', 'carol', 'dave']))
  },
)

/** A vault whose journal keeps what it is given in memory. */
function memoryVault() {
  const kept: { table: string; key: string; value: Uint8Array }[] = []
  const journal = {
    append: async (table: string, key: string, value: Uint8Array) => void kept.push({ table, key, value }),
    records: async function* (table: string) {
      yield* kept.filter((one) => one.table === table)
    },
  }
  return { journal }
}

/** What Bob's device writes and notes under a plan with that access, if what it made for itself does not open. */
async function unopened(access?: typeof carefulAccess, unheld: Aftercared['unheld'] = []) {
  const { story, ...told } = await setupWith(NAMES, access && { plan: { access } })
  const { request, grant } = await grantedCase({ story, ...told }, 'alice', ['bob', 'carol'], 'bob')
  const [id, dave] = [person('bob').device, person('dave').device]
  const written: unknown[] = []
  const device = {
    id,
    org: () => story.org(),
    pen: () => ({}),
    profile: { member: person('bob').member },
    shelf: { put: async () => digestOf('sealed') },
    vault: memoryVault(),
    author: { write: async (_: string, __: unknown, fields: unknown) => void written.push(fields) },
    notes: new Notes(() => ({ wall: story.now, monotonic: 0 })),
  } as unknown as Device
  const made = { userId: 'AROA:lb-case-1', expires: 1, boxes: [{ device: dave, box: Uint8Array.of(1) }] }
  const aftercare = async () => ({ revoker: { ...made, own: Uint8Array.of(1) }, rotator: null, lacks: '', unheld })
  const one = story.case(request)
  const order = { device, one, worker: { aftercare } as unknown as IssueWorker, plan: told.plan.payload }
  await makeAftercare(order, grant, () => undefined)
  return { written, notes: device.notes.all(), dave }
}

it('tells what was made for the custodians although its own box does not open', async () => {
  const { written, dave } = await unopened()
  expect(written).toMatchObject([
    {
      revoker: { userId: 'AROA:lb-case-1', boxes: [{ device: dave, sealed: digestOf('sealed') }] },
      lacks: expect.stringMatching(/^The issuing device cannot deny the session itself: /) as string,
    },
  ])
})

it('tells of each region that may have made what nobody holds', async () => {
  const unheld = [
    { what: 'rotator', region: 'eu-central-1' },
    { what: 'rotator', region: 'eu-west-1' },
  ] as const
  const told = async (some: Aftercared['unheld']) =>
    (await unopened(carefulAccess, some)).notes.filter(({ what }) => what.startsWith('AWS may have made more'))
  expect(await told([])).toEqual([])
  const [note] = await told(unheld)
  expect(note?.level).toBe('attention')
  for (const { region } of unheld) expect(note?.means).toContain(`can replace the key in ${region}`)
})

it('never advises to delete a key by hand that an app has to see deleted', async () => {
  const { rotator: _, ...rest } = carefulAccess.aftercare as Whose
  const advice = async (access: typeof carefulAccess) => (await unopened(access)).notes.map(({ todo }) => todo).join()
  const owed = await advice(carefulAccess)
  expect(owed).toContain('Do not delete the used key by hand')
  expect(owed).toContain('ask for a rotation in the case')
  expect(notNowWords('no-plan-rotates')).toContain('Do not delete the key by hand')
  expect([owed, notNowWords('no-plan-rotates')].join()).not.toMatch(/replace (it|the key) by hand/i)
  expect(await advice({ ...carefulAccess, aftercare: rest })).toContain('Replace the key by hand')
})

/** Bob's app is locked right after it began to hold what may deny a session, and tells of it after the next unlock; it keeps nothing if its disk fails, and may lose what it kept. */
async function lockedBeforeTelling(isKept: boolean, isLost = false) {
  const { story, ...told } = await setupWith(NAMES, { plan: { access: carefulAccess } })
  const { request, grant } = await grantedCase({ story, ...told }, 'alice', ['bob', 'carol'], 'bob')
  const [id, dave] = [person('bob').device, person('dave').device]
  const written: unknown[] = []
  const looked: string[] = []
  const lookedFirst: string[] = []
  let isLocked = false
  const failing = async () => Promise.reject(new BlobError('closed', 'the vault is locked'))
  const device = {
    id,
    org: () => story.org(),
    pen: () => ({}),
    profile: { member: person('bob').member },
    shelf: {
      put: isKept ? async () => digestOf('sealed') : failing,
      get: async (of: string) => {
        looked.push(of)
        return isLost ? null : Uint8Array.of(1)
      },
    },
    vault: memoryVault(),
    author: {
      write: async (_: string, __: unknown, fields: unknown) => {
        if (isLocked) return failing()
        lookedFirst.push(...looked)
        written.push(fields)
      },
    },
    notes: new Notes(() => ({ wall: story.now, monotonic: 0 })),
  } as unknown as Device
  const made = { userId: 'AROA:lb-case-1', expires: 1, boxes: [{ device: dave, box: Uint8Array.of(1) }] }
  const aftercare = async ({ holder }: { holder: string }) => {
    const context = revokerContext(grant.payload, id)
    const own = await sealBox(fromBase64Url(holder), context, Uint8Array.of(7))
    return { revoker: { ...made, own }, rotator: null, lacks: '', unheld: [] }
  }
  const one = story.case(request)
  const order = { device, one, worker: { aftercare } as unknown as IssueWorker, plan: told.plan.payload }
  const held = new Set<string>()
  await makeAftercare(order, grant, (own) => {
    held.add(own.grant)
    isLocked = true
  })
  isLocked = false
  expect([...held]).toEqual([grant.id])
  await finishAftercare(device, one, new Set([grant.id]), (of) => held.has(of))
  expect(written).toEqual([])
  await finishAftercare(device, one, new Set(), (of) => held.has(of))
  return { written, dave, lookedFirst, notes: device.notes.all() }
}

it('tells after an unlock what it had made when it was locked, once it has looked for it', async () => {
  const { written, dave, lookedFirst } = await lockedBeforeTelling(true)
  const revoker = { userId: 'AROA:lb-case-1', expires: 1, boxes: [{ device: dave, sealed: digestOf('sealed') }] }
  expect(written).toMatchObject([{ revoker, rotator: null, lacks: '' }])
  expect(lookedFirst).toEqual([digestOf('sealed')])
})

it('tells of nothing that it had kept and lost as if somebody had it', async () => {
  const { written, notes } = await lockedBeforeTelling(true, true)
  const lacks = expect.stringContaining('gone from the disk of the issuing device') as string
  expect(written).toMatchObject([{ revoker: null, rotator: null, lacks }])
  expect(notes.some(({ means }) => means.includes('gone from the disk'))).toBe(true)
})

it('never says that nothing was made where this app can deny the session', async () => {
  const { written } = await lockedBeforeTelling(false)
  expect(written).toMatchObject([
    { revoker: null, lacks: expect.stringContaining('The issuing device alone can deny the session') as string },
  ])
})

it('says of what it kept and cannot read that nobody has it, tells its owner, and goes on', async () => {
  const { story, ...told } = await setupWith(NAMES, { plan: { access: carefulAccess } })
  const { request, grant } = await grantedCase({ story, ...told }, 'alice', ['bob', 'carol'], 'bob')
  const written: unknown[] = []
  const vault = memoryVault()
  const notes = new Notes(() => ({ wall: story.now, monotonic: 0 }))
  const device = {
    id: person('bob').device,
    pen: () => ({}),
    vault,
    author: { write: async (_: string, __: unknown, fields: unknown) => void written.push(fields) },
    notes,
  } as unknown as Device
  for (const kept of ['{"lacks":"","revoker":null}', '{'])
    await vault.journal.append('aftercare', digestOf(kept), utf8(kept))
  await finishAftercare(device, story.case(request), new Set(), () => false)
  expect(written).toMatchObject([
    { grant: grant.id, lacks: expect.stringContaining('was locked or stopped') as string },
  ])
  const owners = notes.all().filter(({ what }) => what.startsWith('Reading what was made'))
  expect(owners.map(({ level }) => level)).toEqual(['danger'])
  for (const kept of ['{"lacks":"","revoker":null}', '{']) expect(owners[0]?.means).toContain(digestOf(kept))
  await vault.journal.append('aftercare', grant.id, utf8('{}'))
  await finishAftercare(device, story.case(request), new Set(), () => false)
  expect(written[1]).toMatchObject({ revoker: null, lacks: expect.stringContaining('cannot be read') as string })
  expect(notes.all().find(({ what }) => what.startsWith('Reading what was made'))?.means).toContain(grant.id)
})
