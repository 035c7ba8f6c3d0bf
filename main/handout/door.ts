import { chmod, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import type { Digest } from '../../shared/bytes.ts'
import { isLockboxError } from '../../shared/errors.ts'
import { digestField } from '../../shared/statements/fields.ts'
import * as z from '../../shared/zod.ts'
import { handoutAddress } from './place.ts'
import { answerLine, type HandoutAnswer, MAX_REQUEST, PROTOCOL, type ProcessCredentials } from './wire.ts'

/** How long one program may take for all it has to say and hear, milliseconds. */
const PATIENCE_MS = 5_000
/** Programs that are heard at once; those beyond are hung up on. */
const MOST_AT_ONCE = 64

const requestSchema = z.strictObject({ case: digestField.nullable(), protocol: z.literal(PROTOCOL) })

/** The open door. */
export interface HandoutDoor {
  close(): Promise<void>
}

/** What is behind it. */
export interface Behind {
  /** The credentials of a case's session, or of the only one. @throws {LockboxError} why there are none. */
  readonly credentials: (of: Digest | null) => ProcessCredentials
  /** Told of an error that is none of ours; the program is then not answered. */
  readonly onFault: (error: unknown) => void
  readonly patienceMs?: number
}

/**
 * Lets programs of this computer's user ask for credentials. Call it once the profile is this process's own: what lies
 * at the socket's place is what a dead process left.
 *
 * @param profile - a directory of mode 0700; it is what keeps other users out.
 * @throws {ShellError} `path-too-long`; whatever keeps Node from listening there.
 */
export async function openHandoutDoor(profile: string, behind: Behind): Promise<HandoutDoor> {
  const address = handoutAddress(profile, process.platform)
  const isFile = process.platform !== 'win32'
  if (isFile) await rm(address, { force: true })
  const open = new Set<Socket>()
  const server = createServer((peer) => {
    open.add(peer)
    peer.once('close', () => open.delete(peer))
    hear(peer, behind)
  })
  server.maxConnections = MOST_AT_ONCE
  await listen(server, address)
  if (isFile) await chmod(address, 0o600)
  return {
    close: async () => {
      for (const peer of open) peer.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function listen(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, () => {
      server.unref()
      resolve()
    })
  })
}

/** One line, one answer. Who says anything else, too much, or nothing for too long, is hung up on. */
function hear(peer: Socket, behind: Behind): void {
  const { patienceMs = PATIENCE_MS } = behind
  let said = Buffer.alloc(0)
  // Over all: whoever says a byte now and then has no longer for it.
  const timer = setTimeout(() => peer.destroy(), patienceMs)
  peer.once('close', () => clearTimeout(timer))
  peer.on('error', () => undefined)
  peer.on('data', (bytes: Buffer) => {
    said = Buffer.concat([said, bytes])
    const end = said.indexOf('\n')
    if (end < 0 && said.length < MAX_REQUEST) return
    // Whatever follows the line, or comes later, is too much.
    const request = end === said.length - 1 && said.length <= MAX_REQUEST ? requestIn(said.toString()) : null
    const answer = request && answerTo(request.case, behind)
    if (answer === null) return void peer.destroy()
    const sent = Buffer.from(answerLine(answer))
    peer.end(sent, () => sent.fill(0))
  })
}

function requestIn(line: string): z.output<typeof requestSchema> | null {
  try {
    return requestSchema.parse(JSON.parse(line))
  } catch {
    return null
  }
}

function answerTo(of: Digest | null, { credentials, onFault }: Behind): HandoutAnswer | null {
  try {
    return { credentials: credentials(of) }
  } catch (error) {
    if (isLockboxError(error)) return { refused: error.code, says: error.message }
    onFault(error)
    return null
  }
}
