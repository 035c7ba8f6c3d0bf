import type { Snapshot } from '../../shared/views/views.ts'
import type { App } from '../store/app.ts'
import { go, type Route } from '../store/view-store.ts'
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

/** Sets a story's app going. */
export function play(story: Story, app: App): void {
  if (story.route) go(app.view, story.route)
  story.after?.(app)
}
