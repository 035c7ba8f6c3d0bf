import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach } from 'vitest'
import type { Snapshot } from '../../shared/views/views.ts'
import type { App } from '../store/app.ts'
import { go, type Route } from '../store/view-store.ts'
import { Window } from '../window.tsx'
import { appWith } from './app.ts'
import type { FakeMain } from './fake-main.ts'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}

let root: Root | null = null

/** For the top of a test file: every test begins with an empty page. */
export function freshPages(): void {
  beforeEach(() => {
    globalThis.IS_REACT_ACT_ENVIRONMENT = true
  })
  afterEach(clear)
}

async function clear(): Promise<void> {
  await act(async () => root?.unmount())
  root = null
  document.body.replaceChildren()
}

/** Shows an app's window on the page, in place of what was there. */
export async function show(app: App): Promise<void> {
  await clear()
  root = createRoot(document.body.appendChild(document.createElement('div')))
  await act(async () => root?.render(<Window app={app} />))
}

/** The button of exactly this name. */
export function button(name: string): HTMLButtonElement | undefined {
  return [...document.querySelectorAll('button')].find(({ textContent }) => textContent === name)
}

/** Presses it. */
export async function press(name: string): Promise<void> {
  const found = button(name)
  if (found === undefined) throw new Error(`there is no button “${name}”`)
  await act(async () => found.click())
}

/** The field under a label. */
export function field(label: string): HTMLInputElement {
  const found = [...document.querySelectorAll('label')].find(({ textContent }) => textContent === label)
  return document.getElementById(found?.htmlFor ?? '') as HTMLInputElement
}

/** Types into a field, or chooses in a list, the way React notices. */
export async function fill(label: string, value: string): Promise<void> {
  const into = field(label)
  await act(async () => {
    Reflect.set(Object.getPrototypeOf(into) as object, 'value', value, into)
    into.dispatchEvent(new Event(into.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }))
  })
}

/** Ticks or unticks what has this name, of a group if there are several. */
export async function tick(name: string, group = ''): Promise<void> {
  const all = [...document.querySelectorAll<HTMLInputElement>('input[type=checkbox], input[type=radio]')]
  const found = all.find((one) => one.getAttribute('aria-label') === name && (group === '' || one.name === group))
  if (found === undefined) throw new Error(`there is no choice “${name}”`)
  await act(async () => found.click())
}

/** Goes to a screen of an app that a fake main shows this snapshot. */
export async function open(snapshot: Snapshot, route: Route): Promise<FakeMain> {
  const { app, main } = await appWith(snapshot)
  go(app.view, route)
  await show(app)
  return main
}

/** What a part of the page says, by its name. */
export function part(name: string): string {
  return document.querySelector(`[aria-label="${name}"]`)?.textContent ?? ''
}
