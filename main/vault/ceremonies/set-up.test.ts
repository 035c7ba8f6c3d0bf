import { describe, expect, it } from 'vitest'
import type { SoftwareKey } from '../../../e2e/keys/software-key.ts'
import type { Answer, AskStep, Step } from '../../../shared/ceremony.ts'
import { newPerson, ORDER, type Person, personWithVault, restarted } from '../testing/vaults.ts'
import { newKey, play, touch, withKeys } from '../testing/window.ts'

/** Plays a whole set-up; `change` may put another answer or key in the place of the good one. */
async function setUpWith(
  change: (step: AskStep, good: SoftwareKey, count: number) => SoftwareKey | Answer,
  order = ORDER,
) {
  const person = await newPerson()
  const keys: Record<string, SoftwareKey> = { Desk: person.desk, 'Backup (safe)': person.backup }
  const end = await play(person.vault, person.vault.setUp(order), (step, count) =>
    change(step, keys[step.key ?? ''] as SoftwareKey, count),
  )
  return { person, end }
}

async function refusedFor(change: (step: AskStep, good: SoftwareKey, count: number) => SoftwareKey | Answer) {
  const { person, end } = await setUpWith(change)
  expect(person.vault.status()).toBe('none')
  if (end.kind !== 'refused') throw new Error(`ended as ${end.kind}`)
  return end
}

describe('set-up', () => {
  it('enrols two keys with two credentials each, and ends by locking and unlocking with each key', async () => {
    const asked: string[] = []
    const { person, end } = await setUpWith((step, good) => {
      asked.push(`${step.key} ${step.kind} ${step.purpose}`)
      return good
    })
    expect(end).toMatchObject({ kind: 'done', task: 'set-up', notices: [] })
    expect(person.vault.status()).toBe('open')
    const enrolment = [
      'create unlock',
      'create sign',
      'create same-key',
      'get unlock',
      'get unlock',
      'get sign',
      'get sign',
    ]
    expect(asked).toEqual([
      ...enrolment.map((each) => `Desk ${each}`),
      ...enrolment.map((each) => `Backup (safe) ${each}`),
      'Desk get prove',
      'Backup (safe) get prove',
    ])
    expect(person.desk.state.credentials).toHaveLength(2)
    expect(person.backup.state.credentials).toHaveLength(2)
  })

  it('counts its steps for the person', async () => {
    const progress: string[] = []
    await setUpWith((step, good) => {
      progress.push(`${step.progress.at}/${step.progress.of}`)
      return good
    })
    expect(progress).toEqual(Array.from({ length: 16 }, (_, at) => `${at + 1}/16`))
  })

  it('asks as facts about browsers demand: a roaming key, always verified, no place used on the key', async () => {
    const steps: AskStep[] = []
    await setUpWith((step, good) => {
      steps.push(step)
      return good
    })
    const gets = steps.filter((step) => step.kind === 'get')
    const creates = steps.filter((step) => step.kind === 'create')
    for (const { options } of gets)
      expect(options).toMatchObject({ rpId: 'lockbox.localhost', userVerification: 'required' })
    for (const { options } of creates)
      expect(options).toMatchObject({
        rp: { id: 'lockbox.localhost' },
        pubKeyCredParams: [{ alg: -8 }, { alg: -7 }],
        hints: ['security-key'],
        authenticatorSelection: {
          authenticatorAttachment: 'cross-platform',
          residentKey: 'discouraged',
          userVerification: 'required',
        },
        extensions: {
          prf: {},
          credProps: true,
          credentialProtectionPolicy: 'userVerificationRequired',
          enforceCredentialProtectionPolicy: false,
        },
      })
    const challenges = steps.map(({ options }) => options.challenge)
    expect(new Set(challenges).size).toBe(challenges.length)
    const salts = gets.flatMap(({ options }) => Object.values(options.extensions.prf?.evalByCredential ?? {}))
    // Two purposes on two keys: four salts, each asked for several times.
    expect(new Set(salts.map(({ first }) => first)).size).toBe(4)
  })

  it('refuses the same key twice as such, and goes on with another', async () => {
    const person = await newPerson()
    const { vault, desk, backup } = person
    const start = await vault.setUp(ORDER)
    const messages: string[] = []
    let step: Step = start
    while (step.kind !== 'done') {
      if (step.kind === 'refused') {
        messages.push(`${step.code} ${step.mayRetry}: ${step.message}`)
        step = await vault.answer(step.ceremony, { kind: 'again' })
      } else {
        const lazy = step.key === 'Backup (safe)' && messages.length === 0
        step = await vault.answer(step.ceremony, touch(lazy || step.key === 'Desk' ? desk : backup, step))
      }
    }
    expect(messages).toEqual([
      'same-key true: That is the same key. Insert your backup key “Backup (safe)” and try again.',
    ])
  })

  it('refuses a sign credential made on another key than the unlock credential', async () => {
    const other = newKey('other')
    // The other key is touched for all but the first step: it does not know the first credential.
    const end = await refusedFor((step, good) => (step.purpose === 'unlock' ? good : other))
    expect(end).toMatchObject({ code: 'another-key', mayRetry: true })
  })

  it('refuses a key that cannot keep a secret, at its first answer', async () => {
    const end = await refusedFor((_, good, count) => {
      expect(count).toBe(1)
      good.faults.noPrf = true
      return good
    })
    expect(end).toMatchObject({ code: 'no-prf', mayRetry: true })
    expect(end.message).toContain('cannot store a secret (no hmac-secret)')
  })

  it('refuses a key that says it keeps a secret, but gives none when asked', async () => {
    const end = await refusedFor((step, good) => {
      const answer = touch(good, step)
      return answer.kind === 'asserted' ? { ...answer, secret: null } : answer
    })
    expect(end).toMatchObject({ code: 'no-secret', mayRetry: true })
    expect(end.message).toContain('answered without the secret')
  })

  it('refuses a key that gives two different secrets', async () => {
    const end = await refusedFor((step, good, count) => {
      const answer = touch(good, step)
      return answer.kind === 'asserted' && count === 5 ? { ...answer, secret: new Uint8Array(32).fill(count) } : answer
    })
    expect(end).toMatchObject({ code: 'secret-changed', mayRetry: false })
  })

  it('refuses a secret of the wrong length', async () => {
    const end = await refusedFor((step, good) => {
      const answer = touch(good, step)
      return answer.kind === 'asserted' ? { ...answer, secret: new Uint8Array(16) } : answer
    })
    expect(end).toMatchObject({ code: 'no-secret' })
  })

  it('refuses a passkey that its maker copies between devices, at its first answer', async () => {
    const end = await refusedFor((_, good, count) => {
      expect(count).toBe(1)
      good.faults.synced = true
      return good
    })
    expect(end).toMatchObject({ code: 'synced' })
    expect(end.message).toContain('copied between devices by its maker')
  })

  it('refuses a key that did not verify its person, and never calls it the wrong key', async () => {
    const end = await refusedFor((_, good) => {
      good.faults.unverified = true
      return good
    })
    expect(end).toMatchObject({ code: 'no-verification' })
    expect(end.message).toContain('set a PIN')
  })

  it('says what to do when a key does not answer, as an old one without verification', async () => {
    const end = await refusedFor((_, good) => {
      good.faults.u2f = true
      return good
    })
    expect(end).toMatchObject({ code: 'no-answer', mayRetry: true })
    expect(end.message).toContain('fido2-token -S')
  })

  it('refuses an answer to another challenge', async () => {
    const end = await refusedFor((step, good) =>
      touch(good, { ...step, options: { ...step.options, challenge: 'A'.repeat(43) } } as AskStep),
    )
    expect(end).toMatchObject({ code: 'not-verified' })
  })

  it('refuses an answer made for another site', async () => {
    const end = await refusedFor((step, good) => touch(good, step, 'https://www.lockbox.localhost'))
    expect(end).toMatchObject({ code: 'wrong-site' })
  })

  it('refuses an answer of another kind than was asked', async () => {
    const end = await refusedFor(() => ({ kind: 'again' }))
    expect(end).toMatchObject({ code: 'unexpected-answer', mayRetry: false })
  })

  it('warns first where the shell cannot ask for a PIN, and lets a fingerprint key go on', async () => {
    const { vault, desk, backup } = await newPerson()
    const warning = await vault.setUp({ ...ORDER, canAskPin: false })
    expect(warning).toMatchObject({ kind: 'refused', code: 'cannot-ask-pin', mayRetry: true })
    if (warning.kind !== 'refused') return
    expect(warning.message).toContain('browser mode')
    const end = await play(
      vault,
      vault.answer(warning.ceremony, { kind: 'again' }),
      withKeys({ 'Backup (safe)': backup }, desk),
    )
    expect(end.kind).toBe('done')
  })

  it('leaves no vault behind when it is cancelled, and can start over', async () => {
    const { person, end } = await setUpWith((_, good, count) => (count === 15 ? { kind: 'cancel' } : good))
    expect(end).toMatchObject({ kind: 'refused', code: 'cancelled' })
    const again = await restarted(person)
    expect(again.vault.status()).toBe('none')
    const fresh = { Desk: newKey('desk 2'), 'Backup (safe)': newKey('backup 2') }
    expect((await play(again.vault, again.vault.setUp(ORDER), withKeys(fresh, fresh.Desk))).kind).toBe('done')
  })

  it('is no vault when it was killed before both keys were tried', async () => {
    const person = await newPerson()
    const { vault, fs, desk, backup } = person
    let before: Person | null = null
    await play(vault, vault.setUp(ORDER), (step, count) => {
      if (count === 16) before = { ...person, fs: fs.afterKill() }
      return step.key === 'Desk' ? desk : backup
    })
    const killed = await restarted(before ?? person, (before ?? person).fs)
    expect(killed.vault.status()).toBe('none')
    expect((await restarted(person)).vault.status()).toBe('locked')
  })

  it('is refused where there is a vault already', async () => {
    const { vault } = await personWithVault()
    await expect(vault.setUp(ORDER)).rejects.toMatchObject({ code: 'exists' })
  })

  it('is refused with two keys of one name', async () => {
    const { vault } = await newPerson()
    await expect(vault.setUp({ ...ORDER, labels: ['Desk', 'Desk'] })).rejects.toMatchObject({ code: 'labels' })
  })

  it('works with keys that sign by EdDSA', async () => {
    const person = await newPerson()
    const keys = { Desk: newKey('desk', -8), 'Backup (safe)': newKey('backup', -8) }
    expect((await play(person.vault, person.vault.setUp(ORDER), withKeys(keys, keys.Desk))).kind).toBe('done')
  })

  it('says of keys without attestation that they did not prove their model', async () => {
    const { vault } = await personWithVault()
    expect(vault.summary()?.keys.map(({ words }) => words)).toEqual([
      'did not prove its model',
      'did not prove its model',
    ])
    expect(vault.summary()?.attestations).toEqual([])
  })
})
