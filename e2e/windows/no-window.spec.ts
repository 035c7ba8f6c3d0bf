import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { APP } from '../driver.ts'

test('where there is no display the app says so, ends, and gives its profile back', async () => {
  const profile = await mkdtemp(join(tmpdir(), 'lockbox-e2e-'))
  const { WAYLAND_DISPLAY: _, ...environment } = process.env
  const env = { ...environment, DISPLAY: ':nowhere', LOCKBOX_ALLOW_ROOT: '1', LOCKBOX_E2E_SWITCHES: '[]' }
  const words = [APP, `--profile=${profile}`, '--listen=127.0.0.1', '--no-discovery']
  const { code, said } = await new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(process.execPath, words, { env, timeout: 60_000, killSignal: 'SIGKILL' }, (error, _out, said) =>
      resolve({ code: error?.code, said }),
    )
  })
  expect(said).toContain('the browser ended before it showed a window; is there a display?')
  expect(code).toBe(1)
  expect(await readdir(profile)).not.toContain('lock')
  await rm(profile, { recursive: true })
})
