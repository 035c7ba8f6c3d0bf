import { describe, expect, it } from 'vitest'
import { appWith } from '../testing/app.ts'
import { askedCase } from '../testing/cases.ts'
import { memberSnapshot } from '../testing/snapshots.ts'
import { awaitShown, mainClock } from './snapshot-store.ts'

describe('waiting for what main tells next', () => {
  it('finds a case that arrives after the call that made it', async () => {
    const { app, main } = await appWith(memberSnapshot('ana'))
    const found = awaitShown(app.shown, ({ cases }) => cases[0]?.id)
    main.show({ cases: [askedCase(0)] })
    expect(await found).toBe(askedCase(0).id)
  })

  it('finds at once what is there already', async () => {
    const { app } = await appWith(memberSnapshot('ana', { cases: [askedCase(0)] }))
    expect(await awaitShown(app.shown, ({ cases }) => cases[0]?.id)).toBe(askedCase(0).id)
  })

  it('gives up in time', async () => {
    const { app } = await appWith(memberSnapshot('ana'))
    expect(await awaitShown(app.shown, ({ cases }) => cases[0]?.id, 10)).toBeUndefined()
  })
})

it('goes on from the clock of the snapshot, and not back to when this window last looked at its own', async () => {
  const { app } = await appWith(memberSnapshot('ana'))
  const shown = app.shown.getState()
  const then = shown.snapshot?.now ?? Number.NaN
  expect(mainClock(shown, shown.arrivedAt + 1500)).toBe(then + 1500)
  expect(mainClock(shown, shown.arrivedAt - 900)).toBe(then)
})
