import type { LucideIcon } from 'lucide-react'
import { useRef } from 'react'
import { Button } from './button.tsx'

/** A file as it crosses. */
export interface NamedBytes {
  readonly name: string
  readonly bytes: Uint8Array
}

/** A picked file, whole; names are cut to what may cross. */
export async function readFile(file: File): Promise<NamedBytes> {
  return { name: file.name.slice(0, 128), bytes: new Uint8Array(await file.arrayBuffer()) }
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
