import { connect as connectPlain } from 'node:net'
import { connect, type SecureContext, type TLSSocket } from 'node:tls'
import * as z from 'zod'
import { makeCredentials } from '../../main/exchange/certificate.ts'
import { encodeMessage, MAX_BLOB_BYTES, MAX_IDS } from '../../main/exchange/messages.ts'
import { helloFrame } from '../../main/exchange/testing/hello.ts'
import { idOf, type Person } from '../../main/exchange/testing/people.ts'
import { clientContext, TLS_OPTIONS } from '../../main/exchange/tls.ts'
import { type OwnProcess, startOwnProcess } from './own-process.ts'

/** By which the bench's program is told that it attacks an app. */
export const ATTACKERS = 'attackers'

/** At once; each begins anew when it is put out. */
const AT_ONCE = 32
/** As many addresses as a host of a network may give itself, so that bounds for one address are not all that helps. */
const ADDRESSES = 64
const REPEATED = 500

/** What somebody does on one connection, again and again: by TCP alone, or once TLS is there. */
interface Attack {
  /** Of the attacker, in words. */
  readonly who: string
  readonly isMember: boolean
  readonly raw?: Uint8Array
  readonly said?: readonly Uint8Array[]
}

const hello = helloFrame()
const often = (bytes: Uint8Array) => Buffer.concat(Array.from({ length: REPEATED }, () => bytes))
const ids = Array.from({ length: MAX_IDS }, (_, at) => idOf(`offer ${at}`))

export const ATTACKS = {
  // First: so little is not seen beside what is swept up after another attack.
  mute: { who: 'strangers who dial and say nothing', isMember: false, raw: new Uint8Array() },
  strangers: { who: 'strangers who dial again and again', isMember: false },
  noise: { who: 'strangers who speak no TLS', isMember: false, raw: Buffer.alloc(4096, 0x16) },
  flood: {
    who: 'a member who sends what is to be answered, without end',
    isMember: true,
    said: [hello, often(encodeMessage({ type: 'ping', sent: 1 }))],
  },
  replay: {
    who: 'a member who sends the same again and again',
    isMember: true,
    said: [hello, often(encodeMessage({ type: 'statement', id: idOf('news'), envelope: Buffer.from('news') }))],
  },
  offers: {
    who: 'a member who offers without end',
    isMember: true,
    said: [hello, often(encodeMessage({ type: 'have', ids }))],
  },
  large: {
    who: 'a member who sends the largest things, which nobody wants',
    isMember: true,
    said: [hello, encodeMessage({ type: 'blob', blob: Buffer.alloc(MAX_BLOB_BYTES) })],
  },
} as const satisfies Record<string, Attack>

export type AttackName = keyof typeof ATTACKS

const start = z.object({
  name: z.enum(Object.keys(ATTACKS) as [AttackName, ...AttackName[]]),
  port: z.int(),
  tls: z.string(),
  tlsPrivateKey: z.instanceof(Uint8Array),
})

/** Attacks whoever listens at a port of this machine, in a process of its own, as the one it is given. */
export function startAttackers(name: AttackName, port: number, { peer, tlsPrivateKey }: Person): Promise<OwnProcess> {
  return startOwnProcess(ATTACKERS, { name, port, tls: peer.tls, tlsPrivateKey })
}

/** Is those attackers. */
export async function attackers(given: unknown): Promise<object> {
  const { name, port, tls, tlsPrivateKey } = start.parse(given)
  const attack: Attack = ATTACKS[name]
  const secureContext = clientContext(await makeCredentials(tlsPrivateKey, tls))
  for (let one = 0; one < AT_ONCE; one++) void attackFrom(one, attack, port, secureContext)
  return {}
}

async function attackFrom(first: number, attack: Attack, port: number, secureContext: SecureContext): Promise<never> {
  for (let times = first; ; times++) {
    const there = { host: '127.0.0.1', port, localAddress: `127.0.1.${1 + (times % ADDRESSES)}` }
    await (attack.raw === undefined
      ? attackByTls(connect({ ...TLS_OPTIONS, secureContext, ...there, servername: '' }), attack.said ?? [])
      : attackByTcp(connectPlain(there), attack.raw))
  }
}

function attackByTcp(socket: ReturnType<typeof connectPlain>, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => socket.destroy())
    socket.once('close', () => resolve())
    socket.resume()
    if (bytes.length > 0) socket.write(bytes)
  })
}

function attackByTls(socket: TLSSocket, said: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => socket.destroy())
    socket.once('close', () => resolve())
    socket.resume()
    const last = said.at(-1) ?? new Uint8Array()
    const goOn = () => {
      while (last.length > 0 && !socket.destroyed) if (!socket.write(last)) return
    }
    socket.once('secureConnect', () => {
      for (const bytes of said) socket.write(bytes)
      socket.on('drain', goOn)
    })
  })
}
