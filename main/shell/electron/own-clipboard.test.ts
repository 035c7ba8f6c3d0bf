import { expect, it } from 'vitest'
import { OwnClipboard } from './own-clipboard.ts'
import { FakeElectron } from './testing/fake-electron.ts'

function copied(platform: string) {
  const fake = new FakeElectron()
  return { fake, own: new OwnClipboard(fake.electron, platform) }
}

it.each([
  ['linux', 'still holds it', 'secret', '', true, [['clipboard.clear']]],
  ['linux', 'holds something else', 'of somebody', '', false, []],
  ['linux', 'holds it as what was last selected', 'of somebody', 'secret', false, [['selection.clear']]],
  ['linux', 'holds it twice', 'secret', 'secret', true, [['clipboard.clear'], ['selection.clear']]],
  ['linux', 'holds it, and the other one cannot be looked at', 'secret', null, true, [['clipboard.clear']]],
  ['darwin', 'still holds it, without a second clipboard', 'secret', 'secret', true, [['clipboard.clear']]],
])('on %s takes its text away where the clipboard %s', async (platform, _what, text, selection, cleared, calls) => {
  const { fake, own } = copied(platform)
  await own.write('secret')
  expect(fake.take()).toEqual([['clipboard.writeText', 'secret']])
  fake.clipboardText = text
  fake.selectionText = selection
  expect(await own.clear()).toBe(cleared)
  expect(fake.take()).toEqual(calls)
})

it('looks at nothing while nothing of ours can be there', async () => {
  const { fake, own } = copied('linux')
  fake.clipboardText = 'of somebody'
  expect(await own.clear()).toBe(false)
  await own.write('secret')
  expect(await own.clear()).toBe(true)
  expect(await own.clear()).toBe(false)
})
