import { QrCode } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import { useApp } from '../store/app.ts'
import { useAction } from '../ui/action.tsx'
import { Button } from '../ui/button.tsx'
import { CodePicture } from './code-picture.tsx'
import { CodesButton, CodesDialog } from './codes-dialog.tsx'

type Of = 'mine' | 'case'

/** Shows what was said in a case as a code, for another person's camera: no network and no stick between the two. */
export function ShowCode({ request }: { readonly request: string }) {
  const dialog = (onClose: () => void) => <CodeDialog request={request} onClose={onClose} />
  return <CodesButton icon={QrCode} label="Show as a code" renderDialog={dialog} />
}

function CodeDialog({ request, onClose }: { readonly request: string; readonly onClose: () => void }) {
  const { client } = useApp()
  const { trouble, run } = useAction()
  const [shown, setShown] = useState<{ readonly of: Of; readonly pack: Uint8Array } | null>(null)
  const show = useCallback(
    (of: Of) =>
      run(async () => {
        const { pack } = await client.exchange.writeCode({ request, of })
        setShown({ of, pack })
      }),
    [client, request, run],
  )
  useEffect(() => show('mine'), [show])
  return (
    <CodesDialog
      title="Show this to the other person’s camera"
      onClose={onClose}
      actions={
        <>
          <Button onClick={() => show('mine')} off={shown?.of === 'mine'}>
            What this device said
          </Button>
          <Button onClick={() => show('case')} off={shown?.of === 'case'}>
            The whole case
          </Button>
        </>
      }
    >
      <p>
        They choose <strong>Scan codes</strong> in their Lockbox. Whoever films the screen can read who asked and who
        decided; boxes in it stay sealed.
      </p>
      {shown && (
        <CodePicture
          key={shown.of}
          pack={shown.pack}
          label={shown.of === 'mine' ? 'Code of what this device said' : 'Code of the whole case'}
        />
      )}
      {trouble}
    </CodesDialog>
  )
}
