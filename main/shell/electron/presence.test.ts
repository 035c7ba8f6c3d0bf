import { describe, expect, it } from 'vitest'
import type { Presence } from '../shell.ts'
import { watchPresence } from './presence.ts'
import { FakeElectron } from './testing/fake-electron.ts'
import { Moving } from './testing/still.ts'

function watched() {
  const fake = new FakeElectron()
  const told: (Presence | 'shutdown')[] = []
  const clock = new Moving()
  fake.idle = 'idle'
  const stop = watchPresence(
    fake.electron.powerMonitor,
    (presence) => told.push(presence),
    () => told.push('shutdown'),
    clock,
  )
  return { fake, told, clock, stop }
}

it.each([
  ['lock-screen', 'screen-locked'],
  ['unlock-screen', 'screen-unlocked'],
  ['user-did-resign-active', 'screen-locked'],
  ['user-did-become-active', 'screen-unlocked'],
  ['suspend', 'suspended'],
  ['resume', 'suspended'],
  ['shutdown', 'shutdown'],
])('tells what the system tells: %s as %s', (event, presence) => {
  const { fake, told } = watched()
  fake.power.emit(event)
  expect(told).toEqual([presence])
})

describe('where the system must be asked', () => {
  it.each<[string, ReturnType<Electron.PowerMonitor['getSystemIdleState']>[], Presence[]]>([
    ['somebody is there', ['active', 'active'], ['active', 'active']],
    ['nobody is there', ['idle', 'idle'], []],
    ['the screen is locked', ['idle', 'locked', 'locked'], ['screen-locked']],
    ['it is unlocked again', ['idle', 'locked', 'active'], ['screen-locked', 'active', 'screen-unlocked']],
    ['a desktop says "locked" all the time', ['locked', 'locked', 'locked'], []],
    ['a desktop does not know', ['unknown', 'unknown'], []],
  ])('tells when %s', (_what, states, presences) => {
    const { fake, told, clock } = watched()
    for (const state of states) {
      fake.idle = state
      clock.pass(5_000)
    }
    expect(told).toEqual(presences)
    expect(fake.calls[0]).toEqual(['powerMonitor.getSystemIdleState', 60])
  })

  it('tells of a lock once, though the system tells it as well', () => {
    const { fake, told, clock } = watched()
    clock.pass(5_000)
    fake.power.emit('lock-screen')
    fake.idle = 'locked'
    clock.pass(5_000)
    expect(told).toEqual(['screen-locked'])
  })
})

it('takes a jump of the clock for sleep', () => {
  const { told, clock } = watched()
  clock.pass(5_000)
  clock.pass(60_000)
  expect(told).toEqual(['suspended'])
})

it('hears nothing more once it was stopped', () => {
  const { fake, told, clock, stop } = watched()
  stop()
  expect(fake.power.heard()).toEqual([])
  fake.idle = 'active'
  clock.pass(60_000)
  expect(told).toEqual([])
})
