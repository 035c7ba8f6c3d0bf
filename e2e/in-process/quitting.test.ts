import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { sessionFromLines } from '../session-lines.ts'
import { Party } from './party.ts'
import { approves, carryOn, caseOf } from './people.ts'
import { type ServedApp, serveApp } from './served-app.ts'
import { asking, type LocalSetting, newFour } from './stories.ts'

describe('a copied session, when its app in browser mode ends', () => {
  let four: LocalSetting
  beforeAll(async () => {
    four = await newFour()
  }, 120_000)
  afterEach(() => vi.restoreAllMocks())
  afterAll(() => four.world.close())

  /** Ana has a session on the clipboard; her app is the one that the program makes. */
  async function copied(): Promise<Party<ServedApp>> {
    const [ana, raj, , leo] = four.parties
    if (ana.isDead) await ana.revive()
    const { id, reference } = await asking(four)
    await carryOn(
      [raj, leo].map((party) => ({ party, habits: [approves(reference)] })),
      (now) => caseOf(now, reference)?.grant != null,
    )
    await ana.until('the session', ({ sessions }) => sessions.some((one) => one.here && one.case === id))
    // It is opened while it is still being kept; nobody whom her next app meets could give it again.
    const { device } = ana.running.app.desk()
    const sealed = device.case(id)?.grant?.handover?.payload.sealed ?? ''
    await vi.waitFor(() => expect(device.shelf.has(sealed)).toBe(true))
    await ana.kill()
    const served = await Party.arrive({ name: 'Ana', dir: four.world.dir, keys: ana.keys, launch: serveApp })
    await served.unlock()
    await served.until('the session', ({ sessions }) => sessions.some((one) => one.here && one.case === id))
    await served.call.sessions.copy({ case: id, as: 'environment' })
    expect(sessionFromLines(served.clipboard).accessKeyId).toMatch(/^ASIA/)
    return served
  }

  test('is cleared before the browser ends with the program', async () => {
    const says = vi.spyOn(console, 'error')
    const ana = await copied()
    ana.running.terminate()
    await ana.running.ended
    expect(ana.clipboard).toBe('')
    expect(says).not.toHaveBeenCalled()
  })

  test.each<[string, (app: ServedApp) => void]>([
    ['a person closed the only window', (app) => app.closeWindow()],
    [
      'the window does not answer',
      (app) => {
        app.hang()
        app.terminate()
      },
    ],
  ])('is said to be there still, where %s', async (_what, end) => {
    const says = vi.spyOn(console, 'error').mockReturnValue()
    const ana = await copied()
    end(ana.running)
    await ana.running.ended
    expect(ana.clipboard).not.toBe('')
    expect(says.mock.calls).toEqual([[expect.stringContaining('it may still be on the clipboard')]])
  })
})
