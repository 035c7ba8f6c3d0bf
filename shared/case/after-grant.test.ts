import { describe, expect, it } from 'vitest'
import type { VerifiedOf } from '../statements/door.ts'
import { granted, newKey, TO, type Told } from '../testing/aftercare.ts'
import { digestOf, nameOf } from '../testing/keys.ts'
import { carefulAccess } from '../testing/usual-plan.ts'
import type { Standing } from '../testing/world.ts'
import type { CaseRefusalCode } from './types.ts'

describe('after a grant', () => {
  it('its device’s account of what it made counts, and nothing is found', async () => {
    const { story, grant, current, grantNow } = await granted()
    const care = await story.care('bob', grant, TO)
    expect(grantNow().aftercare.map(({ id }) => id)).toEqual([care.id])
    expect(current()).toMatchObject({ state: 'granted', endings: [], findings: [], refused: [] })
  })

  it.each([
    ['there is no account', async () => undefined],
    ['it says what lacks', ({ story, grant }: Told) => story.care('bob', grant, TO, { lacks: 'IAM said no.' })],
    ['nothing can end the session', ({ story, grant }: Told) => story.care('bob', grant, TO, { revoker: null })],
    ['nothing can replace the key', ({ story, grant }: Told) => story.care('bob', grant, TO, { rotator: null })],
    ['only another device says that all is there', ({ story, grant }: Told) => story.care('carol', grant, TO)],
  ])('that is a finding: %s', async (_, act) => {
    const told = await granted()
    await act(told)
    expect(told.current().findings).toEqual([{ code: 'aftercare-missing', id: told.grant.id }])
  })

  it('nothing is missing that the plan does not want', async () => {
    const { revoker: _, ...onlyRotator } = carefulAccess.aftercare ?? { iam: { region: '', endpoint: '' } }
    const half = await granted({ ...carefulAccess, aftercare: onlyRotator })
    await half.story.care('bob', half.grant, TO, { revoker: null })
    expect(half.current().findings).toEqual([])
    const { aftercare: __, ...access } = carefulAccess
    const none = await granted(access)
    expect([none.current().findings, none.owed()]).toEqual([[], ['rotate', 'review']])
  })
})

describe('after a grant it is refused as', () => {
  /** What makes no difference: the session lives, its key is owed, nothing is found but what lacks. */
  const refused: [CaseRefusalCode, string, (told: Told) => Promise<{ id: string }>][] = [
    ['not-issuer', 'another device’s account of what was made', ({ story, grant }) => story.care('carol', grant, TO)],
    ['not-custodian', 'an order by no custodian', ({ story, grant }) => story.revoke('alice', grant)],
    ['not-active', 'an order from a device that was never a custodian’s', async (told) => impostor(told, 'revoke')],
    ['not-revoker', 'word of a deny from whoever asked', ({ story, grant }) => story.revoked('alice', grant)],
    [
      'other-policy',
      'word of a deny in a policy of another session',
      ({ story, grant }) => story.revoked('bob', grant, { policy: 'lockbox-lb-case-2' }),
    ],
    [
      'not-active',
      'word of a deny from a device that was never a custodian’s',
      async (told) => impostor(told, 'revoked'),
    ],
    ['not-admin', 'a rotation begun by no admin', ({ story, grant }) => story.rotating('dave', grant)],
    [
      'not-active',
      'a rotation begun on a device that was never an admin’s',
      async (told) => impostor(told, 'rotating'),
    ],
    [
      'other-key',
      'a rotation of another key',
      async (told) => told.story.rotating('carol', told.grant, { deposit: (await newKey(told)).id }),
    ],
    [
      'rotating-unknown',
      'a deletion that nobody began',
      async (told) => told.story.rotated('carol', told.grant, await newKey(told)),
    ],
    [
      'rotating-unknown',
      'a deletion by another device than the one that began it',
      async (told) => {
        await told.story.rotating('alice', told.grant)
        return told.story.rotated('carol', told.grant, await newKey(told))
      },
    ],
    [
      'other-key',
      'a deletion of another key',
      async (told) => {
        await told.story.rotating('carol', told.grant)
        return told.story.rotated('carol', told.grant, await newKey(told), { accessKeyId: 'AKIAEXAMPLEEXAMPLE02' })
      },
    ],
    [
      'deposit-unfit',
      'a deletion for a key that is nowhere',
      async ({ story, grant }) => {
        await story.rotating('carol', grant)
        return story.rotated('carol', grant, { id: digestOf('no deposit') })
      },
    ],
    [
      'deposit-unfit',
      'a deletion for the very key that was used',
      async ({ story, grant, deposit }) => {
        await story.rotating('carol', grant)
        return story.rotated('carol', grant, deposit)
      },
    ],
    [
      'deposit-unfit',
      'a deletion for another key that is no newer one',
      async ({ story, grant, plan }) => {
        await story.rotating('carol', grant)
        const other = { generation: 1, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' }
        return story.rotated('carol', grant, await story.deposit('carol', plan, other))
      },
    ],
    [
      'deposit-unfit',
      'a deletion for a newer key of another credential',
      async ({ story, grant, plan }) => {
        await story.rotating('carol', grant)
        const other = { credential: nameOf('other'), generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE02' }
        return story.rotated('carol', grant, await story.deposit('carol', plan, other))
      },
    ],
    [
      'deposit-unfit',
      'a deletion for the same key, dealt anew',
      async ({ story, grant, plan }) => {
        await story.rotating('carol', grant)
        return story.rotated('carol', grant, await story.deposit('carol', plan, { generation: 2 }))
      },
    ],
  ]

  /** Somebody's device that the organization never had, in a roster that it never endorsed. */
  async function impostor({ story, grant, people }: Told, act: 'revoke' | 'revoked' | 'rotating') {
    const { carol, ...others } = people
    const roster = await story.draftRoster('alice', { ...others, 'carol/impostor': carol as Standing })
    const by = 'carol/impostor'
    if (act === 'revoke') return story.revoke(by, grant, '', { roster })
    return act === 'revoked' ? story.revoked(by, grant, {}, { roster }) : story.rotating(by, grant, {}, { roster })
  }

  it.each(refused)('%s: %s', async (code, _, act) => {
    const told = await granted()
    const { id } = await act(told)
    expect(told.current().refused).toMatchObject([{ id, code }])
    expect(told.current()).toMatchObject({
      state: 'granted',
      endings: [],
      findings: [{ code: 'aftercare-missing', id: told.grant.id }],
    })
    expect(told.owed()).toContain('retire')
  })

  it.each(['care', 'revoke', 'revoked', 'rotating', 'rotated'] as const)(
    'grant-unknown: %s of a grant that does not stand',
    async (act) => {
      const { story, request, grant, codes } = await granted()
      const other = { ...grant, id: digestOf('no grant') } as VerifiedOf<'grant'>
      if (act === 'care') await story.care('bob', other, TO)
      else if (act === 'rotated') await story.rotated('carol', other, { id: digestOf('no deposit') })
      else await story[act]('carol', other)
      expect(codes()).toEqual(['grant-unknown'])
      expect(story.case(request).state).toBe('granted')
    },
  )
})
