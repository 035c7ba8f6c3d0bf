import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { findBrowser } from '../../main/shell/browser/find-browser.ts'
import { ATTACKERS, attackers } from './attackers.ts'
import { append } from './cases/append.ts'
import { deal } from './cases/deal.ts'
import { failover } from './cases/failover.ts'
import { handout } from './cases/handout.ts'
import { hostile } from './cases/hostile.ts'
import { idle } from './cases/idle.ts'
import { page } from './cases/page.ts'
import { qr } from './cases/qr.ts'
import { quorum } from './cases/quorum.ts'
import { shown } from './cases/shown.ts'
import { sync } from './cases/sync.ts'
import { unlock } from './cases/unlock.ts'
import { verify } from './cases/verify.ts'
import { memory, start } from './cases/window.ts'
import { EARLY_DEVICE, earlyDevice } from './early-device.ts'
import { IDLE_ENDS, idleEnds } from './idle-ends.ts'
import type { Line } from './line.ts'
import { machineWords, thisMachine } from './machine.ts'
import { FULL, ONCE } from './measure.ts'
import { beOwnProcess } from './own-process.ts'
import { HEAD, rowOf } from './print.ts'
import { faultsIn, recorded } from './record.ts'

const CASES = [
  append,
  unlock,
  deal,
  quorum,
  failover,
  handout,
  shown,
  qr,
  verify,
  page,
  sync,
  idle,
  hostile,
  start,
  memory,
]

const DOC = 'docs/performance.md'

// Started by a case, to be one of these.
const part = new Map([
  [IDLE_ENDS, idleEnds],
  [EARLY_DEVICE, earlyDevice],
  [ATTACKERS, attackers],
]).get(process.argv[2] ?? '')
if (part !== undefined) {
  await beOwnProcess(part)
  process.exit()
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'string' },
    record: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    once: { type: 'boolean', default: false },
  },
})
const wanted = values.only?.split(',') ?? CASES.map(({ name }) => name)
const unknown = wanted.filter((name) => !CASES.some((one) => one.name === name))
if (unknown.length > 0) giveUp(`no case ${unknown.join(', ')}; there are ${CASES.map(({ name }) => name).join(', ')}`)
if (values.record && (values.once || values.only !== undefined))
  giveUp(`${DOC} shows every case in full: --record goes with neither --once nor --only`)

const browser = await findBrowser()
const machine = await thisMachine(browser.version)
console.log(`${machineWords(machine)}\n\n${HEAD}`)
const lines: Line[] = []
for (const one of CASES.filter(({ name }) => wanted.includes(name))) {
  const bench = {
    effort: values.once ? ONCE : FULL,
    worker: resolve('out/main/worker.js'),
    browser,
    say: (line: string) => console.error(line),
  }
  for (const line of await one.run(bench)) {
    console.log(rowOf(line))
    lines.push(line)
  }
}
const faults = faultsIn(wanted, lines)
if (faults.length > 0) giveUp(faults.join('\n'))
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ machine, lines }, null, 2)}\n`)
if (values.record) await writeFile(DOC, recorded(await readFile(DOC, 'utf8'), machine, lines, new Date()))
const missed = lines.flatMap(({ verdicts }) => verdicts).filter(({ isHit }) => !isHit).length
if (values.once) console.log('\nevery case gave its lines; one round says nothing of speed')
else console.log(`\n${missed === 0 ? 'every target was hit' : `${missed} targets were missed`}`)
if (values.strict && missed > 0) process.exitCode = 1

function giveUp(why: string): never {
  console.error(why)
  process.exit(1)
}
