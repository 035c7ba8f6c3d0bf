import type { LucideIcon } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'

interface CodesButtonProps {
  readonly icon: LucideIcon
  readonly label: string
  /** What it opens, given the way to close it. */
  readonly renderDialog: (onClose: () => void) => ReactNode
}

/** A button with the dialog that it opens. */
export function CodesButton({ icon, label, renderDialog }: CodesButtonProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button icon={icon} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {isOpen && renderDialog(() => setOpen(false))}
    </>
  )
}

interface CodesDialogProps {
  readonly title: string
  readonly onClose: () => void
  /** Beside “Done”. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A dialog that is there for as long as codes are shown or read. */
export function CodesDialog({ title, onClose, actions, children }: CodesDialogProps) {
  const all = (
    <>
      <Button kind="primary" onClick={onClose}>
        Done
      </Button>
      {actions}
    </>
  )
  return (
    <Dialog title={title} onClose={onClose} actions={all}>
      {children}
    </Dialog>
  )
}
