import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const programs = mkdtempSync(join(tmpdir(), 'lockbox-scripts-'))
beforeAll(() => {
  const says = '#!/bin/sh\necho "$(ulimit -c) ${NODE_OPTIONS-unset} $*"\n'
  writeFileSync(join(programs, 'node'), says, { mode: 0o755 })
})
afterAll(() => rmSync(programs, { recursive: true }))

it.each(['lockbox', 'lockbox-app', 'lockbox-credentials'])(
  '%s starts Node without core files and options of others',
  (name) => {
    const script = join(import.meta.dirname, 'debian', name)
    const PATH = `${programs}:${process.env['PATH'] ?? ''}`
    const env = { ...process.env, PATH, NODE_OPTIONS: '--inspect' }
    const { stdout, status } = spawnSync(
      'sh',
      ['-c', 'ulimit -S -c unlimited 2>/dev/null; exec sh "$0" word', script],
      { encoding: 'utf8', env },
    )
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^0 unset \S+\/lib\/lockbox\/main\/\S+ word\n$/)])
  },
)
