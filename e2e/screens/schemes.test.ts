import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

// Screens are looked at in light and in dark. What depends on neither, such as names and roles, is checked in one of them
// only, which is enough as long as this holds.

const RENDERER = resolve(import.meta.dirname, '../../renderer')
const sources = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(css|tsx?)$/.test(name) && !/\.test\.tsx?$/.test(name))
  .map((name) => ({ name, text: readFileSync(join(RENDERER, name), 'utf8') }))

it('only the tokens and the colours of a terminal depend on the scheme', () => {
  const depend = sources.filter(({ text }) => text.includes('prefers-color-scheme')).map(({ name }) => name)
  expect(depend.sort()).toEqual(['terminal/emulator.ts', 'ui/tokens.css'])
})

it('dark sets nothing but colours, which light sets as well', () => {
  const tokens = sources.find(({ name }) => name === 'ui/tokens.css')?.text ?? ''
  const [light = '', dark = ''] = tokens.split('@media (prefers-color-scheme: dark)')
  const colourOf = /^\s*(--[a-z-]+): (?:[\d px]*)(?:#[0-9a-f]{6}|rgb\([^)]*\));$/
  const declarations = dark.split('\n').filter((line) => line.includes(':') && !line.includes(':root'))
  expect(declarations.length).toBeGreaterThan(0)
  expect(declarations.filter((line) => !colourOf.test(line))).toEqual([])
  const named = (text: string) => text.split('\n').flatMap((line) => colourOf.exec(line)?.[1] ?? [])
  expect(named(light)).toEqual(named(dark))
})
