import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { idOf } from '../exchange/testing/people.ts'
import { diskFs } from '../vault/files.ts'
import { isOneKey, loadMailFile, newMailKey, proveMailKey, provesMailKey, saveMailFile } from './mail-file.ts'

const file = () => ({
  ...newMailKey(),
  device: idOf('mia'),
  organization: idOf('organization'),
  peers: [{ device: idOf('ana'), tls: newMailKey().public }],
  port: 47_625,
})

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mail-file-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}

describe('the word of a mail key', () => {
  it('is good for its own device in its own organization, and for nothing else', () => {
    const own = file()
    const proof = proveMailKey(own)
    expect(provesMailKey(own.public, proof, own.organization, own.device)).toBe(true)
    expect(provesMailKey(own.public, proof, own.organization, idOf('raj'))).toBe(false)
    expect(provesMailKey(own.public, proof, idOf('another'), own.device)).toBe(false)
    expect(provesMailKey(newMailKey().public, proof, own.organization, own.device)).toBe(false)
    const claimed = proveMailKey({ ...file(), device: idOf('raj') })
    expect(provesMailKey(own.public, claimed, own.organization, idOf('raj'))).toBe(false)
  })

  it('shows a file whose halves are not one key’s, or no key', () => {
    const own = file()
    expect(isOneKey(own)).toBe(true)
    expect(isOneKey({ ...own, public: newMailKey().public })).toBe(false)
    expect(isOneKey({ ...own, key: Buffer.alloc(138, 1).toString('base64url') })).toBe(false)
  })

  it('is not good for what is no key', () => {
    const own = file()
    const noPoint = Buffer.alloc(65, 4).toString('base64url')
    expect(provesMailKey(noPoint, proveMailKey(own), own.organization, own.device)).toBe(false)
  })
})

describe('the file of a locked app', () => {
  it('is for its owner alone, and comes back as it was', async () => {
    const dir = join(await folder(), 'mail')
    const own = file()
    await saveMailFile(diskFs, dir, own)
    expect(await loadMailFile(diskFs, dir)).toEqual(own)
    expect((await stat(join(dir, 'key.json'))).mode & 0o777).toBe(0o600)
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
  })

  it.each([
    ['nothing', ''],
    ['no JSON', 'key'],
    ['another JSON', '{"key":"AAAA"}'],
    ['a field too many', null],
  ])('is none when it holds %s', async (_what, text) => {
    const dir = await folder()
    const extra = JSON.stringify({ ...file(), zone: 1 })
    await writeFile(join(dir, 'key.json'), text ?? extra)
    expect(await loadMailFile(diskFs, dir)).toBeNull()
  })
})
