import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { expect, it } from 'vitest'
import { Dialog } from './dialog.tsx'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}

it('takes the focus to its title, and gives it back to what had it before the first of several dialogs', async () => {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true
  const place = document.body.appendChild(document.createElement('div'))
  const root = createRoot(place)
  const show = (title: string | null) =>
    act(async () =>
      root.render(
        <main>
          <h1 tabIndex={-1}>Screen</h1>
          <button type="button">Begin</button>
          {title && (
            <Dialog key={title} title={title} onClose={() => undefined} actions={<button type="button">Go on</button>}>
              <p>Text</p>
            </Dialog>
          )}
        </main>,
      ),
    )
  await show(null)
  place.querySelector('button')?.focus()
  await show('First')
  expect(document.activeElement?.textContent).toBe('First')
  await show('Second')
  expect(document.activeElement?.textContent).toBe('Second')
  await show(null)
  // Radix gives the focus back in the next task.
  await act(() => new Promise((resolve) => setTimeout(resolve, 0)))
  expect(document.activeElement?.textContent).toBe('Begin')
  await act(async () => root.unmount())
})
