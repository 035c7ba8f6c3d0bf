import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../../shared/bytes.ts'
import { accessKeyBytes, accessKeyFromFile, parseAccessKey, withSeed } from './access-key.ts'

// The matchers are typed `any`.
const without = (text: string): unknown => expect.not.stringContaining(text)

// AWS's own example key.
const key = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const csv = `Access key ID,Secret access key\r\n${key.accessKeyId},${key.secretAccessKey}\r\n`

describe('an access key as a credential', () => {
  it('is canonical JSON, and comes back', () => {
    const bytes = accessKeyBytes(key)
    expect(fromUtf8(bytes)).toBe(`{"accessKeyId":"${key.accessKeyId}","secretAccessKey":"${key.secretAccessKey}"}`)
    expect(parseAccessKey(bytes)).toEqual(key)
  })
  it.each([
    ['the console', csv],
    ['the console, saved with a byte order mark', `\ufeff${csv}`],
    [
      'aws iam create-access-key',
      JSON.stringify({
        AccessKey: {
          UserName: 'lockbox',
          AccessKeyId: key.accessKeyId,
          Status: 'Active',
          SecretAccessKey: key.secretAccessKey,
        },
      }),
    ],
    [
      'a credentials file',
      `[default]\naws_access_key_id = ${key.accessKeyId}\naws_secret_access_key = ${key.secretAccessKey}\n`,
    ],
  ])('is found in the file of %s', (_, text) => {
    expect(accessKeyFromFile(utf8(text))).toEqual(accessKeyBytes(key))
  })
  it.each([
    ['no key', 'hello'],
    ['two keys', `${csv}AKIAIOSFODNN7EXAMPL2,${key.secretAccessKey}\r\n`],
    ['a temporary key', csv.replace('AKIA', 'ASIA')],
    ['an id without its secret', `${key.accessKeyId}\n`],
  ])('is refused in a file with %s, without quoting it', (_, text) => {
    expect(() => accessKeyFromFile(utf8(text))).toThrow(
      expect.objectContaining({ code: 'invalid', message: without('wJal') }),
    )
  })
  it('is refused with a space in its secret, naming the field alone', () => {
    expect(() => accessKeyBytes({ ...key, secretAccessKey: `${key.secretAccessKey} ` })).toThrow(/see secretAccessKey$/)
  })
  it('takes the seed of an MFA device as AWS shows it', () => {
    const seeded = withSeed(accessKeyBytes(key), 'gezd gnbv-GY3TQOJQ')
    expect(parseAccessKey(seeded)).toEqual({ ...key, mfaSeed: 'GEZDGNBVGY3TQOJQ' })
  })
  it.each([
    ['a letter that base32 lacks', 'GEZDGNBVGY3TQOJ1'],
    ['a letter too few', 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ'],
    ['a letter too many', 'GEZDGNBVGY3TQOJQA'],
    ['less than 80 bits', 'GEZDGNBVGY3TQOI'],
  ])('is refused with a seed that has %s, and wiped all the same', (_, seed) => {
    const bytes = accessKeyBytes(key)
    expect(() => withSeed(bytes, seed)).toThrow(/cannot be the seed of an MFA device/)
    expect(bytes.every((byte) => byte === 0)).toBe(true)
  })
  it('is not found in a credential whose seed no code can be made of', () => {
    const credential = utf8(fromUtf8(withSeed(accessKeyBytes(key), 'GEZDGNBVGY3TQOJQ')).replace('OJQ"', 'OJQA"'))
    expect(() => parseAccessKey(credential)).toThrow(expect.objectContaining({ code: 'invalid' }))
  })
})
