import { QrCode } from 'lucide-react'
import { type ReactNode, useCallback, useEffect, useState } from 'react'
import { useApp } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { CodePicture } from './code-picture.tsx'
import { CodesButton, CodesDialog } from './codes-dialog.tsx'

/** Something that can be shown as a code. */
export interface Shown {
  /** On its button, where there is more than one. */
  readonly name: string
  /** What the picture is, for whoever does not see it. */
  readonly label: string
  readonly make: () => Promise<{ readonly pack: Uint8Array }>
}

/** Shows what was said in a case as a code, for another person's camera: no network and no stick between the two. */
export function ShowCode({ request }: { readonly request: string }) {
  const { client } = useApp()
  const choices: readonly Shown[] = [
    {
      name: 'What this device said',
      label: 'Code of what this device said',
      make: () => client.exchange.writeCode({ request, of: 'mine' }),
    },
    {
      name: 'The whole case',
      label: 'Code of the whole case',
      make: () => client.exchange.writeCode({ request, of: 'case' }),
    },
  ]
  return (
    <ShowAsCode choices={choices}>
      Whoever films the screen can read who asked and who decided; boxes in it stay sealed.
    </ShowAsCode>
  )
}

interface ShowAsCodeProps {
  readonly choices: readonly Shown[]
  /** What whoever films the screen learns. */
  readonly children: ReactNode
}

/** A button that shows something as a code. */
export function ShowAsCode({ choices, children }: ShowAsCodeProps) {
  const dialog = (onClose: () => void) => (
    <CodeDialog choices={choices} onClose={onClose}>
      {children}
    </CodeDialog>
  )
  return <CodesButton icon={QrCode} label="Show as a code" renderDialog={dialog} />
}

/** The dialog with the picture; the first choice is shown at once. */
export function CodeDialog({ choices, children, onClose }: ShowAsCodeProps & { readonly onClose: () => void }) {
  const { trouble, run } = useAction()
  // As they were when the dialog was opened: what is shown must not change under a camera.
  const [all] = useState(choices)
  const [shown, setShown] = useState<{ readonly of: Shown; readonly pack: Uint8Array } | null>(null)
  const show = useCallback(
    (of: Shown) =>
      run(async () => {
        const { pack } = await of.make()
        setShown({ of, pack })
      }),
    [run],
  )
  useEffect(() => {
    const [first] = all
    if (first) show(first)
  }, [all, show])
  return (
    <CodesDialog
      title="Show this to the other person’s camera"
      onClose={onClose}
      actions={
        all.length > 1 &&
        all.map((one) => (
          <Button key={one.name} onClick={() => show(one)} off={shown?.of === one}>
            {one.name}
          </Button>
        ))
      }
    >
      <p>
        They choose <strong>Scan codes</strong> in their Lockbox. {children}
      </p>
      {shown && <CodePicture key={shown.of.name} pack={shown.pack} label={shown.of.label} />}
      {trouble}
    </CodesDialog>
  )
}
