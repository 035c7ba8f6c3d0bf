import type { Snapshot } from '../../shared/views/views.ts'
import type { Authenticator } from '../ceremony/authenticator.ts'
import { createDesk } from '../ceremony/desk.ts'
import { connectClient } from '../client.ts'
import { openLogRows } from '../storage/log-rows.ts'
import type { App } from '../store/app.ts'
import { feed } from '../store/feed.ts'
import { createSnapshotStore } from '../store/snapshot-store.ts'
import { createViewStore } from '../store/view-store.ts'
import { friendlyAnswers } from './answers.ts'
import { type Answers, FakeMain } from './fake-main.ts'

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('nobody touched it', 'AbortError')))
  })

/** A key that nobody touches. */
export const untouched: Authenticator = {
  create: (_options, signal) => untilAborted(signal),
  get: (_options, signal) => untilAborted(signal),
}

/** The window's stores, fed by a fake main that shows a snapshot. */
export async function appWith(
  snapshot: Snapshot,
  answers: Answers = {},
  authenticator: Authenticator = untouched,
): Promise<{ app: App; main: FakeMain }> {
  const main = new FakeMain(snapshot, { ...friendlyAnswers, ...answers })
  const client = connectClient(main.transport)
  const monotonic = () => performance.now()
  const app: App = {
    client,
    shown: createSnapshotStore(),
    view: createViewStore(),
    desk: createDesk(client, authenticator, monotonic),
    rows: openLogRows(client.log, `test-${Math.random()}`),
  }
  await feed(app, monotonic)
  return { app, main }
}
