import type { Snapshot } from '../../shared/views/views.ts'
import type { CeremonyDesk } from '../ceremony/desk.ts'
import type { App } from '../store/app.ts'
import { go, type Route } from '../store/view-store.ts'
import { askedCase, MAY_DECIDE } from './cases.ts'
import { digestId } from './people.ts'
import { memberSnapshot } from './snapshots.ts'

/** A screen in one state. */
export interface Story {
  readonly snapshot: () => Snapshot
  readonly route?: Route
  /** What happens once it is shown. */
  readonly after?: (app: App) => void
}

/** What Ana's window shows: she is an admin, a commander and a custodian. */
export const ana = (changes: Partial<Snapshot> = {}) => memberSnapshot('ana', changes)
/** What Raj's window shows, who is the same. */
export const raj = (changes: Partial<Snapshot> = {}) => memberSnapshot('raj', changes)
/** Ana's case. */
export const caseRoute: Route = { screen: 'case', id: digestId('case ana') }
/** Nothing that an organization has. */
export const noOrganization = { plans: [], generations: [], cases: [] }

/** What happens at the desk once the screen is shown. */
export const atDesk = (act: (desk: CeremonyDesk) => Promise<unknown>) => (app: App) => void act(app.desk)
/** Raj's window with a request that waits for him. */
export const request = () => raj({ cases: [askedCase(Date.now(), { mine: MAY_DECIDE })] })

/** Stands on the page while a story waits for what it is to act on: what it shows is not what it is to show yet. */
const ACTING = 'data-acting'

/** Acts on something as soon as it is there. */
function onceThere<Found>(find: () => Found | null | undefined, act: (found: Found) => void): void {
  const found = find()
  const isThere = found !== null && found !== undefined
  document.documentElement.toggleAttribute(ACTING, !isThere)
  if (isThere) act(found)
  else requestAnimationFrame(() => onceThere(find, act))
}

/** Presses buttons one after the other, each as soon as it is there. */
export const pressing =
  (...names: string[]) =>
  (): void => {
    const [name, ...others] = names
    if (name === undefined) return
    const find = () => [...document.querySelectorAll('button')].find(({ textContent }) => textContent === name)
    onceThere(find, (button) => {
      button.click()
      pressing(...others)()
    })
  }

/** Types into fields, by their labels, as soon as they are there; then presses buttons. */
export const typing = (texts: Readonly<Record<string, string>>, names: readonly string[]) => (): void => {
  onceThere(
    () => fieldsOf(Object.keys(texts)),
    (fields) => {
      for (const [at, text] of Object.values(texts).entries()) {
        // As a person would: React notices what the element's own setter was given.
        Reflect.set(HTMLInputElement.prototype, 'value', text, fields[at])
        fields[at]?.dispatchEvent(new Event('input', { bubbles: true }))
      }
      pressing(...names)()
    },
  )
}

/** The fields of these labels, once all are there. */
function fieldsOf(names: readonly string[]): HTMLInputElement[] | null {
  const labels = [...document.querySelectorAll('label')]
  const fields = names.map((name) => {
    const found = labels.find(({ textContent }) => textContent === name)
    return document.querySelector<HTMLInputElement>(`#${CSS.escape(found?.htmlFor ?? 'none')}`)
  })
  return fields.every((field) => field !== null) ? fields : null
}

/** Presses the first of these as soon as it is there. */
export const pressingFirst = (selector: string) => (): void =>
  onceThere(
    () => document.querySelector<HTMLElement>(selector),
    (found) => found.click(),
  )

/** Opens the first proof as soon as it is there. */
export function openingProof(): void {
  onceThere(
    () => document.querySelector<HTMLDetailsElement>('details.proof'),
    (proof) => {
      proof.open = true
    },
  )
}

/** Hands a file to the first place that takes one, as soon as it is there. */
export function handingOver(name: string, to = 'input[type=file]'): () => void {
  return () =>
    onceThere(
      () => document.querySelector<HTMLInputElement>(to),
      (place) => {
        const files = new DataTransfer()
        files.items.add(new File(['a file'], name))
        place.files = files.files
        place.dispatchEvent(new Event('change', { bubbles: true }))
      },
    )
}

/** Sets a story's app going. */
export function play(story: Story, app: App): void {
  if (story.route) go(app.view, story.route)
  story.after?.(app)
}
