import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import { CREDENTIAL_OVERHEAD, decryptCredential, encryptCredential, MAX_CREDENTIAL_PLAINTEXT } from './credential.ts'
import { combine, wipeDealing } from './sharing.ts'
import { dealt, flipped, refusedLater } from './testing/setup.ts'

const { dealing, known } = dealt({ threshold: 2, members: 3 }, 'credential')
const header = jcs({ credential: 'break glass', generation: 1 })
const credential = jcs({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'not a key' })
const refusal = { code: 'credential-refused' }

describe('a credential', () => {
  it('comes back with the secret that the custodians combined', async () => {
    const ciphertext = await encryptCredential(dealing.secret, header, credential)
    const secret = combine(dealing.shares.slice(1), known)
    expect(await decryptCredential(secret, header, ciphertext)).toEqual(credential)
  })

  it('may be any bytes up to the limit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: MAX_CREDENTIAL_PLAINTEXT }), async (bytes) => {
        const ciphertext = await encryptCredential(dealing.secret, header, bytes)
        expect(ciphertext.length).toBe(bytes.length + CREDENTIAL_OVERHEAD)
        expect(await decryptCredential(dealing.secret, header, ciphertext)).toEqual(Uint8Array.from(bytes))
      }),
      { numRuns: 30 },
    )
  })

  it('may not be longer', async () => {
    const long = new Uint8Array(MAX_CREDENTIAL_PLAINTEXT + 1)
    await expect(encryptCredential(dealing.secret, header, long)).rejects.toThrow(TypeError)
  })

  it('stays shut with a share in place of the secret', async () => {
    const ciphertext = await encryptCredential(dealing.secret, header, credential)
    const [share] = dealing.shares.map((one) => one.share)
    expect(await refusedLater(decryptCredential(share ?? header, header, ciphertext))).toEqual(refusal)
  })

  it('stays shut under the header of another generation', async () => {
    const ciphertext = await encryptCredential(dealing.secret, header, credential)
    const next = jcs({ credential: 'break glass', generation: 2 })
    expect(await refusedLater(decryptCredential(dealing.secret, next, ciphertext))).toEqual(refusal)
  })

  it('stays shut when any bit of it is turned', async () => {
    const ciphertext = await encryptCredential(dealing.secret, header, credential)
    await fc.assert(
      fc.asyncProperty(fc.nat(ciphertext.length * 8 - 1), async (bit) => {
        expect(await refusedLater(decryptCredential(dealing.secret, header, flipped(ciphertext, bit)))).toEqual(refusal)
      }),
      { numRuns: 60 },
    )
  })

  it.each([0, CREDENTIAL_OVERHEAD - 1, MAX_CREDENTIAL_PLAINTEXT + CREDENTIAL_OVERHEAD + 1])(
    'is never %i bytes long when encrypted',
    async (length) => {
      expect(await refusedLater(decryptCredential(dealing.secret, header, new Uint8Array(length)))).toEqual(refusal)
    },
  )

  it('leaves secret and plaintext of the caller as they were', async () => {
    const made = dealt({ threshold: 2, members: 3 }, 'credential').dealing
    const plaintext = utf8('mine')
    await encryptCredential(made.secret, header, plaintext)
    expect([made.secret, plaintext]).toEqual([dealing.secret, utf8('mine')])
    wipeDealing(made)
  })
})
