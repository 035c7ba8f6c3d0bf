import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openHandoutDoor } from '../../../main/handout/door.ts'
import { digest, utf8 } from '../../../shared/bytes.ts'
import type { BenchCase } from '../case.ts'
import { lineOf } from '../line.ts'
import { interleaved, timed } from '../measure.ts'

/** What an `aws` command waits for before its first call: the program that asks the app, from its start to its end. */
export const handout: BenchCase = {
  name: 'handout',
  async run({ effort, say }) {
    const profile = await mkdtemp(join(tmpdir(), 'lockbox-bench-'))
    const empty = join(profile, 'empty.cjs')
    await writeFile(empty, '')
    const door = await openHandoutDoor(profile, {
      credentials: () => ({
        Version: 1,
        AccessKeyId: 'ASIAIOSFODNN7EXAMPLE',
        SecretAccessKey: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00',
        SessionToken: 'x'.repeat(800),
        Expiration: '2026-11-23T12:00:00Z',
      }),
      onFault: (fault) => say(String(fault)),
    })
    const program = resolve('out/main/lockbox-credentials.cjs')
    const words = [program, `--profile=${profile}`, `--case=${digest(utf8('bench'))}`]
    try {
      say('handout: a program is started for each command that somebody types')
      const rounds = await interleaved(effort.rounds(25), {
        ours: () => timed(async () => mustPrint(await printed(words))),
        bare: () => timed(() => printed([empty])),
      })
      return [
        lineOf(
          {
            name: 'handout',
            what: 'credential_process: the AWS CLI is given a session',
            bareIs: 'Node started with an empty file',
            unit: 'ms',
            targets: [{ times: 1.5 }],
          },
          rounds,
        ),
      ]
    } finally {
      await door.close()
      await rm(profile, { recursive: true })
    }
  },
}

/** What Node prints with these words, once it has ended. */
async function printed(words: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()))
  await once(child, 'close')
  return text
}

function mustPrint(text: string): void {
  if (!text.startsWith('{"Version":1,')) throw new Error('the program gave no credentials')
}
