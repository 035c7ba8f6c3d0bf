import { describe, expect, it } from 'vitest'
import { packageOf, partsOfPrograms, reached } from './parts.mjs'

describe('packageOf', () => {
  it.each([
    ['shared/errors.ts', null],
    ['node_modules/zod/v4/core.js', 'node_modules/zod'],
    ['../node_modules/@noble/curves/index.js', 'node_modules/@noble/curves'],
    ['C:\\lockbox\\node_modules\\react\\index.js'.replaceAll('\\', '/'), 'node_modules/react'],
    ['node_modules/tsyringe/node_modules/tslib/tslib.js', 'node_modules/tsyringe/node_modules/tslib'],
  ])('%s lies in %s', (source, folder) => expect(packageOf(source)).toBe(folder))
})

describe('partsOfPrograms', () => {
  const output = (imports: { path: string; external?: boolean }[], inputs: Record<string, number>) => ({
    bytes: 1,
    exports: [],
    imports: imports.map((one) => ({ kind: 'import-statement' as const, ...one })),
    inputs: Object.fromEntries(Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }])),
  })
  const parts = partsOfPrograms(
    {
      inputs: {},
      outputs: {
        'out/main/app.js': output([{ path: 'out/main/chunk.js' }, { path: 'node:fs', external: true }], {
          'main/app.ts': 10,
          'node_modules/zod/a.js': 5,
          'node_modules/left-out/a.js': 0,
        }),
        'out/main/app.js.map': output([], {}),
        'out/main/chunk.js': output([{ path: 'out/main/later.js' }], { 'node_modules/@noble/hashes/a.js': 5 }),
        'out/main/later.js': output([{ path: 'out/main/chunk.js' }], {}),
        'out/main/other.js': output([], {}),
      },
    },
    'out/main',
  )

  it('tells what a file loads, and whose code is in it', () => {
    expect(parts['app.js']).toEqual({ loads: ['chunk.js'], packages: ['node_modules/esbuild', 'node_modules/zod'] })
    expect(Object.keys(parts)).toEqual(['app.js', 'chunk.js', 'later.js', 'other.js'])
  })

  it('reaches what a program loads, and what that loads, and nothing else', () => {
    expect(reached(parts, ['app.js'])).toEqual(['app.js', 'chunk.js', 'later.js'])
  })

  it('refuses a program that was not built', () => {
    expect(() => reached(parts, ['missing.js'])).toThrow('missing.js was not built; there are app.js')
  })
})
