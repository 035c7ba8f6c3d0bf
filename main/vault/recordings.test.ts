import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../../shared/bytes.ts'
import { times } from '../../shared/testing/runs.ts'
import { Recordings } from './recordings.ts'
import { MemoryDisk } from './testing/memory-disk.ts'

const vaultId = Uint8Array.from({ length: 32 }, (_, at) => 0x40 + at)
const key = new Uint8Array(32).fill(7)
const NAME = '000102030405060708090a0b0c0d0e0f'
const PATH = `/vault/recordings/${NAME}`

async function opened(fs = new MemoryDisk(), which = key) {
  await fs.makeDir('/vault')
  return { fs, recordings: new Recordings({ dir: '/vault', vaultId, key: which, fs }) }
}

async function recorded(fs: MemoryDisk, chunks: readonly string[]) {
  const { recordings } = await opened(fs)
  const writer = await recordings.begin(utf8('about'), NAME)
  for (const chunk of chunks) await writer.append(utf8(chunk))
  return { recordings, writer }
}

async function readBack(fs: MemoryDisk, name = NAME, which = key): Promise<string | null> {
  const found = await (await opened(fs, which)).recordings.read(name)
  return found && `${fromUtf8(found.about)}: ${fromUtf8(found.bytes)}`
}

describe('a recording on the disk', () => {
  it('comes back as it was written, is listed, and is gone when it was removed', async () => {
    const fs = new MemoryDisk()
    const { recordings, writer } = await recorded(fs, ['one ', 'two'])
    await writer.close()
    expect(await recordings.names()).toEqual([NAME])
    expect(await readBack(fs)).toBe('about: one two')
    await recordings.remove(NAME)
    expect([await recordings.names(), await recordings.read(NAME)]).toEqual([[], null])
  })

  it('keeps every chunk that was acknowledged, after a power cut in the next moment', async () => {
    const fs = new MemoryDisk()
    await recorded(fs, ['one ', 'two'])
    expect(await readBack(fs.afterPowerCut(0))).toBe('about: one two')
  })

  it('killed at any byte, keeps all chunks but the one that was being written (property)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(400), async (bytes) => {
        const fs = new MemoryDisk()
        const { writer } = await recorded(fs, [])
        fs.faults.dieAfterBytes = bytes
        let acknowledged = 0
        const all = Array.from({ length: 6 }, (_, at) => `chunk ${at} `)
        try {
          for (const chunk of all) {
            await writer.append(utf8(chunk))
            acknowledged++
          }
        } catch {
          // It died.
        }
        const left = (await readBack(fs.afterPowerCut(0)))?.replace('about: ', '') ?? ''
        expect(all.join('').startsWith(left)).toBe(true)
        expect(left.length).toBeGreaterThanOrEqual(all.slice(0, acknowledged).join('').length)
      }),
      times(60),
    )
  })

  it('ends at the first chunk that was altered, repeated, moved or left out', async () => {
    const fs = new MemoryDisk()
    const { writer } = await recorded(fs, ['one ', 'two ', 'six '])
    await writer.close()
    const file = fs.contentOf(PATH)
    // Each of the three is as long as the others.
    const length = (file.length - (4 + 5 + 40)) / 3
    const at = (chunk: number) => 4 + 5 + 40 + chunk * length
    const piece = (chunk: number) => file.slice(at(chunk), at(chunk + 1))
    const first = file.slice(0, at(0))
    const spoilt = async (...pieces: Uint8Array[]) => {
      const other = new MemoryDisk()
      await other.makeDir('/vault/recordings')
      const written = await other.open(PATH, 'create')
      await written.write(Buffer.concat([first, ...pieces]), 0)
      return readBack(other)
    }
    const altered = piece(1)
    altered[20] = (altered[20] ?? 0) ^ 1
    expect(await spoilt(piece(0), piece(1), piece(2))).toBe('about: one two six ')
    expect(await spoilt(piece(0), altered, piece(2))).toBe('about: one ')
    expect(await spoilt(piece(0), piece(0), piece(1))).toBe('about: one ')
    expect(await spoilt(piece(0), piece(2))).toBe('about: one ')
    expect(await spoilt(piece(1), piece(0))).toBe('about: ')
  })

  it('tells what a crash leaves from what was damaged', async () => {
    const fs = new MemoryDisk()
    const { writer } = await recorded(fs, ['one ', 'two ', 'six '])
    await writer.close()
    const file = fs.contentOf(PATH)
    const length = (file.length - (4 + 5 + 40)) / 3
    const changed = (at: number) => file.map((byte, index) => (index === at ? byte ^ 1 : byte))
    const isDamaged = async (content: Uint8Array) => {
      const other = new MemoryDisk()
      await other.makeDir('/vault/recordings')
      await (await other.open(PATH, 'create')).write(content, 0)
      return (await (await opened(other)).recordings.read(NAME))?.isDamaged
    }
    const zeros = new Uint8Array(4096)
    const last = file.length - 1
    for (const left of [file, ...[1, 3, 30, length].map((less) => file.slice(0, -less)), changed(last)])
      expect(await isDamaged(left)).toBe(false)
    expect(await isDamaged(Buffer.concat([file, zeros]))).toBe(false)
    // In the second chunk, in its length, and a whole chunk that is no chunk of this file.
    for (const left of [changed(last - length), changed(last - 2 * length + 1)])
      expect(await isDamaged(left)).toBe(true)
    expect(await isDamaged(Buffer.concat([file, file.slice(-length), file.slice(-length)]))).toBe(true)
  })

  it('opens under its own name and its own vault’s key only', async () => {
    const fs = new MemoryDisk()
    await recorded(fs, ['one'])
    await fs.rename(PATH, '/vault/recordings/f00102030405060708090a0b0c0d0e0f')
    expect(await readBack(fs, 'f00102030405060708090a0b0c0d0e0f')).toBeNull()
    await fs.rename('/vault/recordings/f00102030405060708090a0b0c0d0e0f', PATH)
    expect(await readBack(fs, NAME, new Uint8Array(32).fill(8))).toBeNull()
    expect(await readBack(fs)).toBe('about: one')
  })

  it('takes no chunk that it would not read again, and goes on', async () => {
    const fs = new MemoryDisk()
    const { writer } = await recorded(fs, ['one '])
    const most = 'm'.repeat(1024 * 1024)
    await expect(writer.append(utf8(`${most}!`))).rejects.toThrow('at most 1 MiB')
    await writer.append(utf8(most))
    await writer.append(utf8(' two'))
    expect(await readBack(fs)).toBe(`about: one ${most} two`)
  })

  it('is set aside with all that is in it where its beginning does not open', async () => {
    const fs = new MemoryDisk()
    const { writer } = await recorded(fs, ['one'])
    await writer.close()
    const content = fs.contentOf(PATH)
    const { recordings } = await opened(fs, new Uint8Array(32).fill(8))
    expect(await recordings.setAside(NAME)).toBe(`recordings/${NAME}.unread`)
    expect([await recordings.names(), fs.contentOf(`${PATH}.unread`)]).toEqual([[], content])
    expect(await recordings.setAside(NAME)).toBeNull()
  })

  it('says that a full disk did not take it, and takes nothing more', async () => {
    const fs = new MemoryDisk()
    const { recordings, writer } = await recorded(fs, ['one '])
    fs.faults.capacity = fs.contentOf(PATH).length + 10
    const full = { code: 'not-recorded', message: 'the disk did not take the recording: it is full' }
    await expect(writer.append(utf8('two '))).rejects.toMatchObject(full)
    delete fs.faults.capacity
    await expect(writer.append(utf8('six '))).rejects.toMatchObject({ code: 'not-recorded' })
    expect(await readBack(fs)).toBe('about: one ')
    fs.faults.capacity = 0
    await expect(recordings.begin(utf8('about'), NAME)).rejects.toMatchObject(full)
  })

  it('needs no room before something is recorded, and says so where there is none', async () => {
    const fs = new MemoryDisk()
    await fs.makeDir('/vault')
    fs.faults.capacity = 0
    const { recordings } = await opened(fs)
    expect([await recordings.names(), await recordings.read(NAME)]).toEqual([[], null])
    await expect(recordings.begin(utf8('about'), NAME)).rejects.toMatchObject({
      code: 'not-recorded',
      message: 'the disk did not take the recording: it is full',
    })
    delete fs.faults.capacity
    await (await recordings.begin(utf8('about'), NAME)).close()
    expect(await recordings.names()).toEqual([NAME])
  })

  it('goes on after the vault was locked, and forgets its key when it ends', async () => {
    const fs = new MemoryDisk()
    const { recordings, writer } = await recorded(fs, ['one '])
    recordings.close()
    await writer.append(utf8('two '))
    await writer.close()
    await expect(writer.append(utf8('six '))).rejects.toMatchObject({ code: 'not-recorded' })
    await expect(recordings.names()).rejects.toMatchObject({ code: 'not-recorded' })
    expect(await readBack(fs)).toBe('about: one two ')
    expect(fs.openFiles).toBe(0)
  })

  it('reads the file of the vectors', async () => {
    const vector = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors/recording.json'), 'utf8')) as {
      about: string
      file: string
      text: string
    }
    const fs = new MemoryDisk()
    await fs.makeDir('/vault/recordings')
    await (await fs.open(PATH, 'create')).write(Buffer.from(vector.file, 'base64url'), 0)
    expect(await readBack(fs)).toBe(`${vector.about}: ${vector.text}`)
    expect(vector.text).toBe(
      readFileSync(join(import.meta.dirname, '../../shared/terminal/vectors/recording.cast'), 'utf8'),
    )
  })
})
