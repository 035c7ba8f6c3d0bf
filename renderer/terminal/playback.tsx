import { Pause, Play, SkipForward } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Cast } from '../../shared/terminal/asciicast.ts'
import { Button } from '../ui/button.tsx'
import { Select } from '../ui/select.tsx'
import { fullUtc } from '../ui/time-words.ts'
import { type Emulator, showTerminal } from './emulator.ts'
import { endWords, type Step, stepsOf, timeText } from './player.ts'

const SPEEDS = [
  ['1', 'As it was'],
  ['4', '4 times as fast'],
  ['16', '16 times as fast'],
] as const

/** Plays a recorded terminal. */
export default function Playback({ cast }: { readonly cast: Cast }) {
  const steps = useMemo(() => stepsOf(cast), [cast])
  const size = useMemo(() => ({ columns: cast.header.width, rows: cast.header.height }), [cast])
  const place = useRef<HTMLDivElement>(null)
  const emulator = useRef<Emulator | null>(null)
  // Counts beginnings: what was still being drawn before one does not go on behind it.
  const begun = useRef(0)
  const [next, setNext] = useState(0)
  const [isPlaying, setPlaying] = useState(false)
  const [speed, setSpeed] = useState('1')
  const isOver = next >= steps.length
  useEffect(() => {
    if (place.current === null) return undefined
    const shown = showTerminal(place.current, { size })
    emulator.current = shown
    return () => shown.dispose()
  }, [size])
  useEffect(() => {
    const step = steps[next]
    if (!isPlaying || step === undefined) return undefined
    const timer = setTimeout(() => {
      if (emulator.current !== null) void show(emulator.current, step.event)
      setNext(next + 1)
    }, step.wait / Number(speed))
    return () => clearTimeout(timer)
  }, [isPlaying, next, speed, steps])
  const play = () => {
    if (isOver) {
      begun.current++
      emulator.current?.reset(size)
      setNext(0)
    }
    setPlaying(!isPlaying || isOver)
  }
  const toEnd = () => {
    const shown = emulator.current
    setNext(steps.length)
    setPlaying(false)
    const { current } = begun
    if (shown !== null) void showAll(shown, steps.slice(next), () => begun.current === current)
  }
  const playing = isPlaying && !isOver
  return (
    <div className="stack-8">
      {/* Focusable, so that one that was wider than the window can be scrolled by keyboard. */}
      <div
        className="recorded-terminal played"
        ref={place}
        role="group"
        tabIndex={0}
        aria-label="What the terminal showed"
      />
      <div className="row">
        <Button icon={playing ? Pause : Play} onClick={play}>
          {playing ? 'Pause' : isOver ? 'Play again' : 'Play'}
        </Button>
        <Button icon={SkipForward} off={isOver} onClick={toEnd}>
          Show to its end
        </Button>
        <Select label="Speed" value={speed} onValue={setSpeed} options={SPEEDS} />
        <span className="figures" role="timer" aria-label="Played">
          {timeText(steps[next - 1]?.at ?? 0)} of {timeText(steps.at(-1)?.at ?? 0)}
        </span>
      </div>
      <p className="muted small">
        Began {fullUtc(cast.header.timestamp * 1000)}, by the clock of the device that recorded it. {endWords(cast)}{' '}
        Waits of more than two seconds are shortened.
      </p>
    </div>
  )
}

async function show(emulator: Emulator, event: Cast['events'][number]): Promise<void> {
  if (event.type === 'output') await emulator.write(event.text)
  if (event.type === 'resize') emulator.resize({ columns: event.columns, rows: event.rows })
}

/** One after the other, as it was: what was drawn in one size is there before the next. Of several sizes in a row the last counts. */
async function showAll(emulator: Emulator, steps: readonly Step[], isWanted: () => boolean): Promise<void> {
  const events = steps.map(({ event }) => event)
  for (const [at, event] of events.entries())
    if (isWanted() && (event.type !== 'resize' || events[at + 1]?.type !== 'resize')) await show(emulator, event)
}
