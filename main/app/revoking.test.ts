import { expect, it } from 'vitest'
import { type Digest, digest } from '../../shared/bytes.ts'
import type { Grant } from '../../shared/case/types.ts'
import { sealBox } from '../../shared/secrets/box.ts'
import { generateBoxKey } from '../../shared/secrets/box-key.ts'
import { digestOf, person } from '../../shared/testing/keys.ts'
import { grantedCase, setupWith } from '../../shared/testing/setup.ts'
import { carefulAccess } from '../../shared/testing/usual-plan.ts'
import { parseRevoker, type Revoker, revokerBytes, roleNameOf } from '../issuers/aws/narrow.ts'
import { TestTime } from '../sessions/testing/test-time.ts'
import { randomBytes } from '../vault/sodium.ts'
import { revokerContext } from './after-issuing.ts'
import type { Device } from './device.ts'
import type { Draft, Drafts } from './drafts.ts'
import { Revokers } from './revokers.ts'
import { draftRevoke, openRevoker, type SealedRevoker } from './revoking.ts'

const USER = 'AROAIOSFODNN7EXAMPLE:lb-case-1'
const genuine: Revoker = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  expiration: 1_795_438_800_000,
  region: 'eu-central-1',
  roleName: roleNameOf(carefulAccess.roleArn),
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: 'FwoGZXIvYXdzEXAMPLETOKEN==',
  userId: USER,
}

/** Dave's device opens boxes of these revokers, of which their issuer told these users. */
async function opened(...boxes: readonly (readonly [Partial<Revoker>, told?: string | undefined])[]) {
  const { story, ...told } = await setupWith(['alice', 'bob', 'carol', 'dave'], { plan: { access: carefulAccess } })
  const { request, grant } = await grantedCase({ story, ...told }, 'alice', ['bob', 'carol'], 'bob')
  const { publicKey, privateKey } = generateBoxKey(randomBytes)
  const id = person('dave').device
  const kept = new Map<Digest, Uint8Array<ArrayBuffer>>()
  const sealed: SealedRevoker[] = []
  for (const [changes, userId = USER] of boxes) {
    const box = await sealBox(publicKey, revokerContext(grant.payload, id), revokerBytes({ ...genuine, ...changes }))
    kept.set(digest(box), box)
    sealed.push({ box: digest(box), expires: sealed.length, userId })
  }
  const device = { id, org: () => story.org(), shelf: { get: async (one: Digest) => kept.get(one) ?? null } }
  return openRevoker(device, story.case(request).grant as Grant, sealed, privateKey)
}

it('opens what may deny this very session', async () => {
  const { own, unopened } = await opened([{}])
  expect([own?.expires, unopened]).toEqual([0, null])
  expect(parseRevoker(own?.revoker ?? new Uint8Array())).toEqual(genuine)
})

it.each<[string, Partial<Revoker>, string?]>([
  ['role', { roleName: 'another-role' }],
  ['user', { userId: 'AROAOTHEREXAMPLE0000:lb-case-1' }],
  ['session', { userId: 'AROAIOSFODNN7EXAMPLE:lb-case-2' }, 'AROAIOSFODNN7EXAMPLE:lb-case-2'],
])('takes the next box where one is of another %s, and says so where there is none', async (_, changes, told) => {
  const { own, unopened } = await opened([changes, told], [{}])
  expect([own?.expires, unopened]).toEqual([1, null])
  expect(await opened([changes, told])).toMatchObject({ own: null, unopened: { code: 'invalid' } })
})

const MINUTE = 60_000

it.each<[string, number, Partial<Draft<'revoke'>>]>([
  [
    'while it lasts',
    59,
    { withSecret: true, sentence: expect.stringContaining('This app tells AWS to deny it.') as string },
  ],
  ['and when it has ended by a clock that may be ahead of AWS’s', 69, { withSecret: true }],
  [
    'and not when it has ended by any',
    70,
    {
      withSecret: false,
      sentence: expect.stringContaining('has ended before the session. The app of who has it') as string,
    },
  ],
])('orders an end and says that this app denies it with its box of a revoker %s', async (_, minutes, expected) => {
  const plan = { access: carefulAccess, durations: [7200] }
  const { story, ...told } = await setupWith(['alice', 'bob', 'carol', 'dave'], { plan })
  const { request, grant } = await grantedCase({ story, ...told }, 'alice', ['bob', 'carol'], 'bob', { seconds: 7200 })
  const { device: id, member } = person('dave')
  const boxes = [{ device: id, sealed: digestOf('box') }]
  const revoker = { userId: USER, expires: story.now + 60 * MINUTE, boxes }
  await story.care('bob', grant, { revoker: [], rotator: ['carol'] }, { revoker })
  story.pass(minutes)
  const device = {
    id,
    org: () => story.org(),
    case: () => story.case(request),
    self: () => ({ member, device: id }),
    clock: () => ({ wall: story.now, monotonic: 0 }),
    names: () => () => ({ name: 'Alice' }),
    shelf: { has: () => true },
  } as unknown as Device
  const drafted: Draft<'revoke'>[] = []
  const drafts = { add: (draft: Draft<'revoke'>) => void drafted.push(draft) } as unknown as Drafts
  const asked = { request: request.id, grant: grant.id, reason: '' }
  draftRevoke(device, drafts, new Revokers(new TestTime(story.now)), asked)
  expect(drafted).toMatchObject([expected])
})
