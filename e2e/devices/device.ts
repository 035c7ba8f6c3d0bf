import { createInterface } from 'node:readline'
import { LanCarrier } from '../../main/exchange/carrier.ts'
import { LocalApp } from '../in-process/local-app.ts'
import { TestClock } from '../in-process/test-clock.ts'
import { Moments } from './moments.ts'
import { type Order, orderSchema, type Report } from './protocol.ts'

// One app as a process of its own, without a window: orders come over standard input, a JSON object a line, and reports
// go to standard output in the same way. For tests; never part of the product.

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function nextOrder(): Promise<Order | null> {
  const line = await lines.next()
  return line.done === true ? null : orderSchema.parse(JSON.parse(line.value))
}

function report(what: Report): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

async function run(): Promise<void> {
  const first = await nextOrder()
  if (first?.order !== 'start') throw new TypeError('the first order starts the app')
  let clipboard = ''
  const clock = new TestClock()
  clock.start()
  const crossings = new Map<string, number>()
  const moments = new Moments()
  let local: LocalApp | null = null
  const { host, port, discover, limits } = first
  const app = await LocalApp.start(
    first.profileDir,
    {
      worker: first.worker,
      clock: clock.clock,
      time: clock.time,
      carrier: (typed) =>
        new LanCarrier(typed, {
          ...(host === null ? {} : { host }),
          ...(port === null ? {} : { port }),
          discover,
          limits,
          onArrived: (id) => {
            crossings.set(id, (crossings.get(id) ?? 0) + 1)
            moments.note('arrived', id)
          },
        }),
      // A real death, at that very step: nothing of this process runs after this line.
      onFatal: () => process.kill(process.pid, 'SIGKILL'),
    },
    {
      copied: (text) => {
        clipboard = text
        report({ is: 'copied', text })
      },
      clipboard: () => clipboard,
      changed: () => {
        if (local !== null) moments.follow(local.app)
        report({ is: 'changed' })
      },
    },
  )
  local = app
  app.transport.listen((text) => report({ is: 'text', text }))
  report({ is: 'started' })
  for (let order = await nextOrder(); order !== null && order.order !== 'quit'; order = await nextOrder()) {
    if (order.order === 'text') app.transport.send(order.text)
    if (order.order === 'watch') app.watch()
    if (order.order === 'die-at') {
      await app.dieAt(order.point)
      report({ is: 'will-die' })
    }
    if (order.order === 'pass') {
      clock.pass(order.ms)
      report({ is: 'passed' })
    }
    if (order.order === 'crossings') report({ is: 'crossings', of: [...crossings] })
    if (order.order === 'moment') void moments.of(order.what, order.id).then((at) => report({ is: 'moment', at }))
  }
  await app.quit()
  report({ is: 'quit' })
}

await run()
process.exit(0)
