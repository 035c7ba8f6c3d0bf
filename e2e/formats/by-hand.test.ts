import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The commands of one chapter of a page, in their order. */
function commandsOf(page: string, chapter: string): string {
  const text = readFileSync(`${root}docs/formats/${page}`, 'utf8')
  const [, after = ''] = text.split(`\n## ${chapter}\n`)
  const [own = ''] = after.split('\n## ')
  return [...own.matchAll(/```sh\n(.*?)```/gs)].map(([, commands = '']) => commands).join('\n')
}

/** What the page says that its commands print: the remarks behind them, up to where they explain or are shortened. */
function promised(commands: string): string[] {
  const remarks = [...commands.matchAll(/ # ([A-Za-z0-9+/_=:{}",. -]{6,})/g)].map(([, remark = '']) => remark)
  return remarks
    .filter((remark) =>
      /^[A-Za-z0-9+/_-]{12,}$|^Signature Verified|^Verified OK|^\{"(type|trailer)|^[0-9A-F:]{8,}/.test(remark.trim()),
    )
    .map((remark) => remark.trim())
}

describe('what can be verified by hand', () => {
  it.each([
    ['verify.md', '7. By hand', 10],
    ['ledger.md', '5. By hand', 5],
    ['bundle.md', '6. Example', 1],
  ])('%s, chapter %s: the commands print what stands behind them', (page, chapter, least) => {
    const commands = commandsOf(page, chapter)
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', commands], {
      cwd: root,
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
    const said = promised(commands)
    expect(said.length).toBeGreaterThanOrEqual(least)
    for (const one of said) expect(stdout).toContain(one)
  })
})
