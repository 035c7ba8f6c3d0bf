import { useApp, useConfirm } from '../store/app.ts'
import { type Action, useAction } from './action.tsx'
import type { NamedBytes } from './files.tsx'

/** Saving files: the person chooses where, main writes. */
export interface Save extends Action {
  /** Makes a file, lets the person choose where to save it, and says so; `after` runs only if it was saved. */
  readonly save: (make: () => Promise<NamedBytes>, after?: () => void) => void
}

/** The one way by which anything leaves the window as a file. */
export function useSave(): Save {
  const { client } = useApp()
  const confirm = useConfirm()
  const action = useAction()
  const save = (make: () => Promise<NamedBytes>, after?: () => void) =>
    action.run(async () => {
      const file = await make()
      if (!(await client.app.save(file))) return
      confirm(`Saved ${file.name}.`)
      after?.()
    })
  return { ...action, save }
}
