import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sbomText } from './sbom.mjs'
import { noticesText, thirdParty } from './third-party.mjs'

let root = ''
const SHA512 = Buffer.alloc(64, 7)

interface Given {
  readonly license?: string
  readonly text?: string | null
  readonly dependencies?: Record<string, string>
}

/** An installed package. */
function add(folder: string, { license = 'MIT', text = `licence of ${folder}`, dependencies = {} }: Given = {}): void {
  mkdirSync(join(root, folder), { recursive: true })
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
  writeFileSync(join(root, folder, 'package.json'), JSON.stringify({ name, version: '1.2.3', license, dependencies }))
  if (text !== null) writeFileSync(join(root, folder, 'LICENSE'), text)
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lockbox-third-party-'))
  const packages = { 'node_modules/a': { integrity: `sha512-${SHA512.toString('base64')}` } }
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }))
  writeFileSync(join(root, 'LICENSE'), 'the text of Apache-2.0')
  add('node_modules/a')
})

afterEach(() => rmSync(root, { recursive: true }))

describe('a package may be shipped', () => {
  it('with an allowed licence and its text', () => {
    expect(thirdParty(root, ['node_modules/a'])).toEqual([
      {
        folder: 'node_modules/a',
        name: 'a',
        version: '1.2.3',
        licence: 'MIT',
        texts: ['licence of node_modules/a'],
        sha512: SHA512.toString('hex'),
        needs: [],
      },
    ])
  })

  it('under Apache-2.0 without a text, which is the same for all', () => {
    add('node_modules/b', { license: 'Apache-2.0', text: null })
    expect(thirdParty(root, ['node_modules/b'])[0]?.texts).toEqual(['the text of Apache-2.0'])
  })
})

describe('packaging ends', () => {
  it.each([
    ['GPL-3.0-only', 'b 1.2.3 has the licence "GPL-3.0-only"'],
    ['MIT OR GPL-3.0-only', 'b 1.2.3 has the licence "MIT OR GPL-3.0-only"'],
    ['UNLICENSED', 'b 1.2.3 has the licence "UNLICENSED"'],
    ['', 'b 1.2.3 has the licence ""'],
  ])('at a licence nobody looked at: %s', (license, says) => {
    add('node_modules/b', { license })
    expect(() => thirdParty(root, ['node_modules/a', 'node_modules/b'])).toThrow(says)
  })

  it('at a licence without its text', () => {
    add('node_modules/b', { text: null })
    expect(() => thirdParty(root, ['node_modules/b'])).toThrow('b 1.2.3 comes without the text of its licence (MIT)')
  })
})

describe('what a package needs', () => {
  it('is found where Node finds it, nearest first, and only if it is shipped', () => {
    add('node_modules/b', { dependencies: { a: '1', c: '1' } })
    add('node_modules/b/node_modules/a')
    add('node_modules/c', { dependencies: { a: '1', gone: '1' } })
    const folders = ['node_modules/a', 'node_modules/b', 'node_modules/b/node_modules/a', 'node_modules/c']
    const needs = thirdParty(root, folders).map((one) => [one.folder, one.needs])
    expect(Object.fromEntries(needs)).toMatchObject({
      'node_modules/b': ['node_modules/b/node_modules/a', 'node_modules/c'],
      'node_modules/c': ['node_modules/a'],
    })
  })
})

describe('the papers', () => {
  it('give each text once, with all packages it belongs to', () => {
    add('node_modules/b', { text: 'common' })
    add('node_modules/c', { text: 'common\r\n' })
    const text = noticesText(thirdParty(root, ['node_modules/c', 'node_modules/b', 'node_modules/a']))
    expect(text.match(/^common$/gm)).toHaveLength(1)
    expect(text).toContain('\nb 1.2.3 (MIT)\nc 1.2.3 (MIT)\n')
    expect(text).toContain('\nlicence of node_modules/a\n')
  })

  const facts = { name: 'lockbox', version: '0.1.0', seconds: 1_800_000_000 }

  it('list packages as CycloneDX, the same whatever order they came in', () => {
    add('node_modules/@x/b', { license: 'ISC', dependencies: { a: '1' } })
    const packages = thirdParty(root, ['node_modules/a', 'node_modules/@x/b'])
    const text = sbomText({ ...facts, packages, electron: '45.4.1' })
    expect(sbomText({ ...facts, packages: packages.toReversed(), electron: '45.4.1' })).toBe(text)
    expect(JSON.parse(text)).toMatchObject({
      metadata: { timestamp: '2027-01-15T08:00:00.000Z', component: { name: 'lockbox', version: '0.1.0' } },
      components: [
        { type: 'framework', name: 'electron', version: '45.4.1' },
        { group: '@x', name: 'b', purl: 'pkg:npm/%40x/b@1.2.3', licenses: [{ license: { id: 'ISC' } }] },
        { name: 'a', hashes: [{ alg: 'SHA-512', content: SHA512.toString('hex') }] },
      ],
    })
    expect(text).toContain('"ref": "node_modules/@x/b",\n      "dependsOn": [\n        "node_modules/a"\n      ]')
  })
})
