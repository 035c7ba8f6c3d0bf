import { spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import * as z from '../../shared/zod.ts'
import type { Actor } from './actor.ts'
import { settingInProcess } from './in-process.ts'
import { type DrillSandbox, playDrill, seconds } from './story.ts'
import { settingWithWindows } from './with-windows.ts'

// A whole break-glass on this machine: `npm run drill`. Exits with 1 if any of it is not so.

const NAMES = [
  'Ana Ruiz',
  'Raj Patel',
  'Mia Wong',
  'Leo Novak',
  'Zoe Okafor',
  'Ben Haas',
  'Ida Lund',
  'Tom Reyes',
  'Uma Iyer',
  'Kai Berg',
  'Noa Levi',
  'Eva Costa',
  'Max Weber',
  'Lia Rossi',
  'Jon Dahl',
]

/** What the command line asks for. */
export interface DrillOptions {
  readonly members: number
  readonly threshold: number
  readonly headed: boolean
  readonly keep: boolean
  readonly inProcess: boolean
  /** How long the sandbox lets a session live. */
  readonly sessionSeconds: number
  /** Where bundle and pictures go. */
  readonly out: string
}

/** Apps and a sandbox, ready to play. */
export interface DrillSetting {
  readonly actors: readonly Actor[]
  readonly sandbox: DrillSandbox
  readonly typeAddresses: boolean
  close(): Promise<void>
}

function readOptions(): DrillOptions {
  const { values } = parseArgs({
    options: {
      members: { type: 'string', default: '5' },
      threshold: { type: 'string', default: '3' },
      headed: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      'in-process': { type: 'boolean', default: false },
      'session-seconds': { type: 'string', default: '120' },
      out: { type: 'string', default: '.drill' },
    },
  })
  const members = Number(values.members)
  const threshold = Number(values.threshold)
  if (!Number.isInteger(members) || members < 4 || members > NAMES.length)
    throw new TypeError(`--members is a whole number from 4 to ${NAMES.length}`)
  if (!Number.isInteger(threshold) || threshold < 2 || threshold > members - 2)
    throw new TypeError(
      `--threshold is a whole number from 2 to ${members - 2}: the requester does not decide, and one may be absent`,
    )
  const sessionSeconds = Number(values['session-seconds'])
  if (!Number.isInteger(sessionSeconds) || sessionSeconds < 1)
    throw new TypeError('--session-seconds is a whole number from 1 on')
  return {
    members,
    threshold,
    headed: values.headed,
    keep: values.keep,
    inProcess: values['in-process'],
    sessionSeconds,
    out: resolve(values.out),
  }
}

async function run(): Promise<void> {
  const options = readOptions()
  await mkdir(options.out, { recursive: true })
  const began = performance.now()
  const say = (line: string) => console.log(`${seconds(performance.now() - began).padStart(8)}  ${line}`)
  const names = NAMES.slice(0, options.members)
  const setting = options.inProcess ? await settingInProcess(names, options) : await settingWithWindows(names, options)
  try {
    const { bundle, askedToAccessMs, quorumToAccessMs } = await playDrill({
      ...setting,
      threshold: options.threshold,
      say,
    })
    const path = join(options.out, bundle.name)
    await writeFile(path, bundle.bytes)
    say(`the log was exported to ${path}`)
    verify(path, options.members - 1)
    say(
      `asked to access ${seconds(askedToAccessMs)} · last approval to access ${seconds(quorumToAccessMs)} · everything ${seconds(performance.now() - began)}`,
    )
    if (!options.inProcess) say(`pictures are in ${options.out}`)
  } catch (error) {
    // What the windows showed when it went wrong says more than any message.
    await Promise.all(
      setting.actors.map((actor) => actor.picture(`failed-${actor.name.split(' ')[0]}`).catch(() => undefined)),
    )
    throw error
  } finally {
    await setting.close()
  }
}

const fileOf = z.object({ ledger: z.object({ cosigners: z.array(z.unknown()) }) })
const reportsOf = z.object({ reports: z.array(z.object({ files: z.array(fileOf) })) })

/** Has the command line verify the bundle, as an auditor would on another machine. @param cosigners - all other devices. */
function verify(path: string, cosigners: number): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('out/main/lockbox.js'), 'verify', path], {
    encoding: 'utf8',
  })
  console.log(`\n$ lockbox verify ${path}\n${stdout}${stderr}`)
  if (status !== 0) throw new Error(`lockbox verify ended with ${status}, not with 0 (verified)`)
  const json = spawnSync(process.execPath, [resolve('out/main/lockbox.js'), 'verify', '--json', path], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const found = reportsOf.parse(JSON.parse(json.stdout)).reports[0]?.files[0]?.ledger.cosigners.length
  if (found !== cosigners) throw new Error(`${found} devices cosigned the log, not all ${cosigners} others`)
}

try {
  await run()
} catch (error) {
  console.error(`\nthe drill failed: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
