import { Keyboard } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { MOST_TYPED } from '../../shared/ipc-values.ts'
import { MOST_COLUMNS, MOST_ROWS } from '../../shared/terminal/asciicast.ts'
import { useApp } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { type Emulator, type Size, showTerminal } from './emulator.ts'

const USUAL: Size = { columns: 80, rows: 24 }

/** The shell of a case's session, as it is: begun if none runs. */
export default function LiveTerminal({ id }: { readonly id: string }) {
  const { client, shown: told } = useApp()
  const { run, fail, trouble } = useAction()
  const place = useRef<HTMLDivElement>(null)
  const typing = useRef<HTMLDivElement>(null)
  const emulator = useRef<Emulator | null>(null)
  useEffect(() => {
    const { current } = place
    if (current === null) return undefined
    const shown = showTerminal(current, {
      onTyped: (text) => void typed(text),
      onLeave: () => typing.current?.querySelector('button')?.focus(),
    })
    emulator.current = shown
    const typed = async (text: string) => {
      try {
        for (let from = 0; from < text.length; from += MOST_TYPED)
          await client.terminals.type({ case: id, text: text.slice(from, from + MOST_TYPED) })
      } catch (error) {
        fail(error)
      }
    }
    // What comes before the answer to `open` stands in it.
    let isOpen = false
    const stop = client.terminals.shown(({ case: of, text }) => {
      if (of === id && isOpen) void shown.write(text)
    })
    let size = roomFor(shown)
    shown.resize(size)
    // What one that runs asked of its terminal was answered then: said again, the answers would be typed into whatever runs now.
    const wasOpen = told.getState().snapshot?.sessions.find((one) => one.case === id)?.terminal.isOpen ?? false
    if (!wasOpen) shown.listen()
    run(async () => {
      const asked = size
      const { screen } = await client.terminals.open({ case: id, ...asked })
      isOpen = true
      await shown.write(screen)
      shown.listen()
      shown.focus()
      // It was laid out meanwhile.
      if (size !== asked) await client.terminals.resize({ case: id, ...size })
    })
    const watch = new ResizeObserver(() => {
      const room = roomFor(shown)
      if (room.columns === size.columns && room.rows === size.rows) return
      size = room
      shown.resize(size)
      client.terminals.resize({ case: id, ...size }).catch(fail)
    })
    watch.observe(current)
    return () => {
      watch.disconnect()
      stop()
      shown.dispose()
    }
  }, [client, told, id, run, fail])
  return (
    <div className="stack-8">
      <div className="recorded-terminal" ref={place} />
      <div className="row" ref={typing}>
        <Button icon={Keyboard} onClick={() => emulator.current?.focus()}>
          Type in the terminal
        </Button>
        <span className="muted small">Ctrl + Shift + L leads back out of it.</span>
      </div>
      {trouble}
    </div>
  )
}

function roomFor(shown: Emulator): Size {
  const { columns, rows } = shown.room() ?? USUAL
  return { columns: clamp(columns, MOST_COLUMNS), rows: clamp(rows, MOST_ROWS) }
}

const clamp = (value: number, most: number) => Math.min(Math.max(value, 1), most)
