import '../styles.ts'
import { createRoot } from 'react-dom/client'

import { createDesk } from '../ceremony/desk.ts'
import { connectClient } from '../client.ts'
import { openLogRows } from '../storage/log-rows.ts'
import type { App } from '../store/app.ts'
import { feed } from '../store/feed.ts'
import { createSnapshotStore } from '../store/snapshot-store.ts'
import { createViewStore } from '../store/view-store.ts'
import { Window } from '../window.tsx'
import { friendlyAnswers } from './answers.ts'
import { untouched } from './app.ts'
import { FakeMain } from './fake-main.ts'
import { stories } from './stories-list.ts'
import { play } from './story.ts'

const monotonic = () => performance.now()
const name = location.search.slice(1)
const story = stories[name]
const place = document.getElementById('app')
if (place === null) throw new TypeError('the page lacks its place for the app')
const root = createRoot(place)
if (story === undefined) {
  root.render(
    <main className="alone">
      <h1>Stories</h1>
      <ul>
        {Object.keys(stories).map((each) => (
          <li key={each}>
            <a href={`?${each}`}>{each}</a>
          </li>
        ))}
      </ul>
    </main>,
  )
} else {
  const main = new FakeMain(story.snapshot(), friendlyAnswers)
  const client = connectClient(main.transport)
  const app: App = {
    client,
    shown: createSnapshotStore(),
    view: createViewStore(),
    desk: createDesk(client, untouched, monotonic),
    rows: openLogRows(client.log, `story-${name}`),
  }
  await feed(app, monotonic)
  root.render(<Window app={app} />)
  play(story, app)
}
