import { Pause, Play, StepForward } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { codesOf, FRAMES_PER_SECOND } from '../../shared/carriers/codes.ts'
import { Button } from '../ui/button.tsx'
import { drawn } from './draw.ts'

/** A message as one still code, or as a sequence that plays: a picture for somebody else's camera. */
export function CodePicture({ pack, label }: { readonly pack: Uint8Array; readonly label: string }) {
  const codes = useMemo(() => codesOf(pack), [pack])
  const [number, setNumber] = useState(1)
  const [playing, setPlaying] = useState(() => !isMotionReduced())
  const isStill = codes.count === 1
  useEffect(() => {
    if (isStill || !playing) return undefined
    const timer = setInterval(() => setNumber((now) => now + 1), 1000 / FRAMES_PER_SECOND)
    return () => clearInterval(timer)
  }, [isStill, playing])
  const { size, path } = useMemo(() => drawn(codes.code(number)), [codes, number])
  return (
    <div className="stack-8">
      <svg className="code-picture" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
        <rect className="light" width={size} height={size} />
        <path className="dark" d={path} />
      </svg>
      {!isStill && (
        <div className="row">
          <Button icon={playing ? Pause : Play} onClick={() => setPlaying(!playing)}>
            {playing ? 'Pause' : 'Play'}
          </Button>
          <Button icon={StepForward} off={playing} onClick={() => setNumber(number + 1)}>
            Next code
          </Button>
          <span className="muted figures">
            {codes.count} codes at least; any may be missed.
            {!playing && ` This is number ${number}.`}
          </span>
        </div>
      )}
    </div>
  )
}

function isMotionReduced(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches
}
