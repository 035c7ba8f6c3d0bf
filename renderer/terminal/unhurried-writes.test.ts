import { Terminal } from '@xterm/xterm'
import { afterEach, describe, expect, it } from 'vitest'
import { UnhurriedWrites } from './unhurried-writes.ts'

/** Costs a terminal as much as a few characters can. */
const COSTLY = '\x1b[500S'.repeat(250)

describe('drawing a recording of somebody else', () => {
  const terminals: Terminal[] = []
  afterEach(() => {
    for (const one of terminals.splice(0)) one.dispose()
  })
  const terminal = () => {
    const one = new Terminal({ cols: 80, rows: 24, scrollback: 1000 })
    terminals.push(one)
    return one
  }
  const textOf = (one: Terminal) =>
    Array.from({ length: 3 }, (_, at) => one.buffer.active.getLine(at)?.translateToString(true)).join('|')

  it('leaves the window its turn, whatever it asks for', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    await new UnhurriedWrites(terminal()).write(COSTLY)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(3)
  })

  it('draws in order what was given in order, and tears no character', async () => {
    const one = terminal()
    const writes = new UnhurriedWrites(one)
    // The first piece ends within a pair of surrogates, and within a sequence.
    const first = `x${'\x1b[2m'.repeat(63)}xx🔑\r\n`
    await Promise.all(
      [first, `${'\x1b[1m'.repeat(63)}xy\x1b[3`, 'msecond\r\n', 'third'].map((text) => writes.write(text)),
    )
    expect(textOf(one)).toBe('xxx🔑|xysecond|third')
  })

  it('draws nothing more once it was dropped', async () => {
    const one = terminal()
    const writes = new UnhurriedWrites(one)
    const drawn = writes.write(`${'\x1b[2K'.repeat(4096)}the end`)
    writes.drop()
    await drawn
    expect(textOf(one)).not.toContain('the end')
    await writes.write('anew')
    expect(textOf(one)).toContain('anew')
  })
})
