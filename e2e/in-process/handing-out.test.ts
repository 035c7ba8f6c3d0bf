import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runHandout } from '../../main/handout/program.ts'
import { type ServedApp, serveApp } from './served-app.ts'

describe.runIf(process.platform !== 'win32')('the program’s own door for programs', () => {
  let profile: string
  beforeEach(async () => {
    profile = await mkdtemp(join(tmpdir(), 'lockbox-served-'))
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await rm(profile, { recursive: true })
  })
  const hands = { copied: () => undefined, clipboard: () => '', changed: () => undefined }
  const start = (): Promise<ServedApp> => serveApp(profile, hands)
  const asked = () => runHandout([`--profile=${profile}`])

  it('says that it is locked until its owner unlocks, and is gone with the program', async () => {
    const app = await start()
    await expect.poll(asked).toMatchObject({ code: 1, err: expect.stringContaining('is locked') as string })
    app.terminate()
    await app.ended
    expect(await asked()).toMatchObject({ code: 1, err: expect.stringContaining('is not running') as string })
    expect(await readdir(profile)).not.toContain('creds')
  })

  it('that cannot be had keeps nobody from the app, and is told of with what to do', async () => {
    const says = vi.spyOn(console, 'error').mockReturnValue()
    await mkdir(join(profile, 'creds'))
    const app = await start()
    expect(says.mock.calls.flat().join()).toContain(
      `no program can be given a session: nothing can listen at ${join(profile, 'creds')}`,
    )
    app.terminate()
    await app.ended
  })

  it('takes the place of a link, and leaves alone what that led to', async () => {
    const kept = join(profile, 'kept')
    await mkdir(kept)
    await symlink(kept, join(profile, 'creds'))
    const app = await start()
    await expect.poll(asked).toMatchObject({ err: expect.stringContaining('is locked') as string })
    expect(await readdir(kept)).toEqual([])
    app.terminate()
    await app.ended
  })
})
