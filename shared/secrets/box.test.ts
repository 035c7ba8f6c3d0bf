import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { digest, utf8 } from '../bytes.ts'
import { type BoxContext, openBox, sealBox } from './box.ts'
import { generateBoxKey } from './box-key.ts'
import { combine, deal } from './sharing.ts'
import { encryptCredential, decryptCredential } from './credential.ts'
import { proveCustody, verifyCustody } from './custody.ts'
const d = (t: string) => digest(utf8(t))
const context: BoxContext = { purpose: 'release', organization: d('o'), deposit: d('d'), request: d('r'), ready: d('y'), from: d('f'), to: d('t'), index: 2 }
test('smoke', async () => {
  const key = generateBoxKey((n) => randomBytes(n))
  const box = await sealBox(key.publicKey, context, utf8('hi'))
  expect(await openBox(key.privateKey, context, box)).toEqual(utf8('hi'))
  await expect(openBox(key.privateKey, { ...context, index: 3 }, box)).rejects.toMatchObject({ code: 'box-refused' })
  const t = { threshold: 3, members: 5 }
  const dealing = deal(t, (n) => randomBytes(n))
  const s = combine([dealing.shares[4]!, dealing.shares[0]!, dealing.shares[2]!], { ...t, commitments: dealing.commitments })
  expect(s).toEqual(dealing.secret)
  const c = await encryptCredential(s, utf8('h'), utf8('cred'))
  expect(await decryptCredential(s, utf8('h'), c)).toEqual(utf8('cred'))
  const cu = { organization: d('o'), deposit: d('d'), member: 'm', index: 1, nonce: d('d') }
  const p = proveCustody(cu, dealing.shares[0]!.share)
  verifyCustody(cu, { ...t, commitments: dealing.commitments }, p)
  expect(() => verifyCustody({...cu, index: 2}, { ...t, commitments: dealing.commitments }, p)).toThrow(/custody/)
})
