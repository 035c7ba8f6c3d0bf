import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EVERY, killAt } from '../in-process/kills.ts'
import type { Point } from '../in-process/mortal-fs.ts'
import { depositing, issuing, type Setting, settle, type Tell } from '../in-process/stories.ts'
import { startSandbox } from '../sandbox-aws/sandbox.ts'
import { type Devices, newDevices, type RemoteParty } from './devices.ts'

// The same stories as in one process, where every point is tried; here the kernel does the killing, the peers see a
// connection break, and the network finds itself together again. So a few points of each story are enough.

describe('a process that the kernel kills in the middle of its work goes on after its restart:', () => {
  let devices: Devices
  let setting: Setting<RemoteParty>

  beforeAll(async () => {
    devices = await newDevices(await startSandbox({ sessionSeconds: 900 }))
    const [ana, raj, mia, leo] = (await devices.arrive('Ana', 'Raj', 'Mia', 'Leo')) as [
      RemoteParty,
      RemoteParty,
      RemoteParty,
      RemoteParty,
    ]
    setting = await settle([ana, raj, mia, leo], devices.sandbox)
  }, 120_000)
  afterAll(() => devices.close())

  /** Other steps of the same stories. */
  const more: [string, number, Tell, Point][] = [
    ['the depositor’s, with half of the shares on the disk', 0, depositing, { step: 2, moment: 'after' }],
    ['a custodian’s, when it has heard of the request', 1, issuing, { step: 1, moment: 'after' }],
    ['the issuing device’s, while shares come in', 2, issuing, { step: 6, moment: 'after' }],
  ]

  test.each<[string, number, Tell, Point]>([
    ...(EVERY ? more : []),
    ['the depositor’s, with the deposit recorded and nobody told', 0, depositing, { step: 5, moment: 'after' }],
    ['a custodian’s, in the middle of writing', 1, depositing, { step: 3, moment: 'half' }],
    ['the requester’s, before its request is recorded', 0, issuing, { step: 2, moment: 'before' }],
    ['the issuing device’s, around the recording of “issuing”', 2, issuing, { step: 8, moment: 'half' }],
    ['the issuing device’s, with a session in its hands', 2, issuing, { step: 11, moment: 'after' }],
  ])('%s', async (_, victim, tell, point) => {
    expect(await killAt(setting, setting.parties[victim] as RemoteParty, point, tell)).toBe(true)
    expect(setting.parties.map(({ running }) => running.errors)).toEqual(['', '', '', ''])
  })
})
