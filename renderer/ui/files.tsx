import type { LucideIcon } from 'lucide-react'
import { useRef } from 'react'
import { LockboxError } from '../../shared/errors.ts'
import { MAX_WIRE_CHARACTERS } from '../../shared/wire-text.ts'
import { Button } from './button.tsx'

/** A file as it crosses. */
export interface NamedBytes {
  readonly name: string
  readonly bytes: Uint8Array
}

/** The most that one call carries: three bytes are four letters there, and something is left for the name and the rest. */
const MOST_BYTES = (MAX_WIRE_CHARACTERS * 3) / 4 - 4096

/**
 * A picked or dropped file, whole; names are cut to what may cross.
 *
 * @throws {LockboxError} `too-large`, before anything of it is read; `no-file` for a folder, or what cannot be read to its end.
 */
export async function readFile(file: File): Promise<NamedBytes> {
  if (file.size > MOST_BYTES) throw new LockboxError('too-large', 'the window reads at most 12 MiB')
  const bytes = await file.arrayBuffer().catch((cause: unknown) => {
    throw new LockboxError('no-file', 'it is a folder, or the disk that it is on cannot be read', { cause })
  })
  return { name: file.name.slice(0, 128), bytes: new Uint8Array(bytes) }
}

interface PickFileProps {
  readonly label: string
  readonly icon?: LucideIcon
  readonly kind?: 'plain' | 'primary' | 'quiet'
  readonly busy?: boolean
  readonly accept?: string
  readonly onFile: (file: NamedBytes) => void
  readonly onWrong: (error: unknown) => void
}

/** A button that lets a person pick one file. */
export function PickFile({ label, icon, kind = 'plain', busy = false, accept, onFile, onWrong }: PickFileProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <input
        ref={input}
        type="file"
        className="hidden-label"
        tabIndex={-1}
        aria-label={`${label}: file`}
        accept={accept}
        onChange={(event) => {
          const file = event.target.files?.[0]
          // Cleared, so that picking the same file again is heard again.
          event.target.value = ''
          if (file) readFile(file).then(onFile, onWrong)
        }}
      />
      <Button kind={kind} busy={busy} onClick={() => input.current?.click()} {...(icon ? { icon } : {})}>
        {label}
      </Button>
    </>
  )
}
