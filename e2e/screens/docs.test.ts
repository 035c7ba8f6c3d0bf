import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const PAGES = [
  'README.md',
  ...readdirSync(resolve(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
]

const picturesOf = (page: string) =>
  [...readFileSync(resolve(root, page), 'utf8').matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)].map(
    ([, says = '', path = '']) => ({
      says,
      path: resolve(root, page, '..', path),
    }),
  )

it.each(PAGES)('%s shows pictures that exist, and says of each what is on it', (page) => {
  const isPicture = (path: string) => existsSync(path) && readFileSync(path).toString('latin1', 1, 4) === 'PNG'
  expect(picturesOf(page).filter(({ says, path }) => says === '' || !isPicture(path))).toEqual([])
})

it('every picture that real windows are taken for is shown somewhere', () => {
  const shown = new Set(PAGES.flatMap(picturesOf).map(({ path }) => path))
  const folder = resolve(root, 'docs/pictures')
  expect(readdirSync(folder).filter((name) => !shown.has(resolve(folder, name)))).toEqual([])
})
