// First: it takes the one name that the policy of Trusted Types allows.
import './codes/worker-address.ts'
import './styles.ts'
import { createRoot } from 'react-dom/client'
import { browserAuthenticator } from './ceremony/authenticator.ts'
import { createDesk } from './ceremony/desk.ts'
import { connectClient } from './client.ts'
import { openLogRows } from './storage/log-rows.ts'
import type { App } from './store/app.ts'
import { feed, watchPerson } from './store/feed.ts'
import { createSnapshotStore } from './store/snapshot-store.ts'
import { createViewStore } from './store/view-store.ts'
import { Window } from './window.tsx'

const monotonic = () => performance.now()
const client = connectClient(globalThis.lockbox)
const app: App = {
  client,
  shown: createSnapshotStore(),
  view: createViewStore(),
  desk: createDesk(client, browserAuthenticator, monotonic),
  rows: openLogRows(client.log),
}

const place = document.getElementById('app')
if (place === null) throw new TypeError('the page lacks its place for the app')
createRoot(place).render(<Window app={app} />)
watchPerson(app, document, monotonic)
// A file dropped beside a field would otherwise be opened in place of the window.
for (const event of ['dragover', 'drop']) document.addEventListener(event, (dropped) => dropped.preventDefault())
await feed(app, monotonic)
