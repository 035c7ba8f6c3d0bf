import { randomBytes } from 'node:crypto'
import { utf8 } from '../../../shared/bytes.ts'
import { systemTime } from '../../sessions/time.ts'
import { Recordings } from '../../vault/recordings.ts'
import { shellEnvironment } from '../environment.ts'
import { startShell } from '../pty.ts'
import { Recorder } from '../recorder.ts'

// Run as a process of its own and killed by recorder.test.ts: a recorded shell that shows the time again and again, and each time
// is printed as soon as it was shown.
const [dir, key] = process.argv.slice(2)
if (dir === undefined || key === undefined) throw new TypeError('expected a directory and a key')
const recordings = new Recordings({ dir, vaultId: new Uint8Array(32), key: Buffer.from(key, 'hex') })
const writer = await recordings.begin(utf8('about'), recordings.newName())
const size = { columns: 80, rows: 24 }
const shell = await startShell(
  { ...shellEnvironment({ ...process.env, SHELL: '/bin/bash' }, {}, 'linux'), HISTFILE: '' },
  size,
)
const recorder = new Recorder({
  shell,
  size,
  writer,
  time: systemTime,
  secrets: [randomBytes(8).toString('hex')],
  onShown: (text) => process.stdout.write(text),
})
shell.type('while true; do echo "at $(date +%s%3N)"; sleep 0.05; done\r')
// The timers of a recording keep no process alive.
setInterval(() => undefined, 1000)
await recorder.ended
