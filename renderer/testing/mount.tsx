import { act } from 'react'
import { createRoot } from 'react-dom/client'
import { onTestFinished } from 'vitest'
import type { App } from '../store/app.ts'
import { Window } from '../window.tsx'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}

/** Shows the whole window in the page until the test is over. */
export async function mountWindow(app: App): Promise<void> {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true
  const place = document.body.appendChild(document.createElement('div'))
  const root = createRoot(place)
  onTestFinished(async () => {
    await act(async () => root.unmount())
    document.body.replaceChildren()
  })
  await act(async () => root.render(<Window app={app} />))
}

/** The button of that name. */
export function buttonNamed(name: string): HTMLButtonElement | undefined {
  return [...document.querySelectorAll('button')].find(({ textContent }) => textContent === name)
}
