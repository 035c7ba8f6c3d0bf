import { expect, it } from 'vitest'
import { reasons, startTeam } from './testing/apps.ts'
import { expectTls13Alone } from './testing/scanner.ts'

it('offers a scanner TLS 1.3 and nothing else, and no byte of data', async () => {
  const { alice } = (await startTeam(['alice'], { limits: { connectionsBurst: 10_000 } })).apps
  await expectTls13Alone(alice.address)
  expect(new Set(reasons(alice, 'refused'))).toEqual(new Set(['handshake-failed', 'no-certificate']))
  expect([alice.store.calls, alice.logged]).toEqual([[], []])
})
