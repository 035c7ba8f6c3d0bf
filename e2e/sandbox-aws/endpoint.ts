import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Scope } from './authenticate.ts'
import { AwsError } from './errors.ts'
import { type Fault, type FaultQueue, isDone } from './faults.ts'
import type { SignIn } from './federation.ts'
import { type Answer, answer, type CallFacts, refusal, type Shared } from './service.ts'
import type { WireRequest } from './sigv4.ts'

const MAX_BODY_BYTES = 256 * 1024

/** One request as the sandbox saw it; public facts only. `status` 0: no answer was given. */
export interface LoggedCall extends Readonly<CallFacts> {
  readonly at: number
  readonly region: string
  readonly outcome: string
  readonly status: number
  /** Whether the call was carried out; with status 0, unknown to whoever called. */
  readonly done: boolean
}

/** What all endpoints share, and what tests do to them. */
export interface Wired extends Shared {
  readonly faults: FaultQueue
  readonly log: LoggedCall[]
  /** Added to the clock in Date headers alone. */
  dateSkewMs: number
  trailDelayMs: number
}

/** One endpoint. */
export interface Endpoint {
  readonly region: string
  /** Such as `http://127.0.0.1:41234`; stays the same over a time of being down. */
  readonly endpoint: string
  /** Takes the endpoint down (connections refused) or brings it back. */
  setDown(down: boolean): Promise<void>
}

/** Opens the endpoint of a service in a region on a free loopback port. */
export function openService(scope: Scope, wired: Wired): Promise<Endpoint> {
  return open(scope.region, (request, response) => handle(scope, wired, request, response))
}

/** Opens the sign-in endpoint, which takes a session in the address of a GET and no signature. */
export function openSignIn(region: string, wired: Wired, page: SignIn): Promise<Endpoint> {
  return open(region, (request, response) => {
    const { status, type, body, location } = page(request.url ?? '/')
    send(wired, response, { status, outcome: '', type, body }, location)
    return Promise.resolve()
  })
}

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>

async function open(region: string, handler: Handle): Promise<Endpoint> {
  const made = () =>
    createServer((request, response) => {
      handler(request, response).catch(() => response.destroy())
    })
  let server = made()
  const port = await listen(server, 0)
  let isDown = false
  return {
    region,
    endpoint: `http://127.0.0.1:${port}`,
    setDown: async (down) => {
      if (down === isDown) return
      isDown = down
      if (down) return close(server)
      server = made()
      await listen(server, port)
    },
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function handle(scope: Scope, wired: Wired, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const wire = await readRequest(request)
  // As at sts.<region>.amazonaws.com: whoever only looks is sent to the product page.
  if (wire.method === 'GET' || wire.method === 'HEAD')
    return send(
      wired,
      response,
      { status: 302, outcome: '', type: 'text/html', body: '' },
      'https://aws.amazon.com/iam',
    )
  const facts: CallFacts = { action: null, accessKeyId: null, parameters: {}, issued: null }
  const fault = wired.faults.take(scope.region, new URLSearchParams(Buffer.from(wire.body).toString()).get('Action'))
  const at = wired.world.now()
  const done = isDone(fault)
  const result = answerTo(fault, scope, done ? await answer(wired, scope, wire, facts) : null)
  const silent = fault?.kind === 'silent' || fault?.kind === 'cut'
  const { outcome } = result
  wired.log.push({ ...facts, at, region: scope.region, outcome, status: silent ? 0 : result.status, done })
  if (fault?.kind === 'silent') return
  if (fault?.kind === 'cut') return void response.destroy()
  if (fault?.kind === 'late') await delay(fault.ms)
  send(wired, response, fault?.kind === 'garbled' ? { ...result, body: result.body.slice(0, 200) } : result)
}

/** What is answered: what came of the call, or what the fault makes of it. */
function answerTo(fault: Fault | null, scope: Scope, done: Answer | null): Answer {
  if (done !== null && fault?.kind !== 'error-500') return done
  return refusal(scope, errorOf(fault))
}

function errorOf(fault: Fault | null): AwsError {
  switch (fault?.kind) {
    case 'throttled':
      return new AwsError('Throttling', 400, 'Rate exceeded')
    case 'region-disabled':
      return new AwsError('RegionDisabledException', 403, 'STS is not activated in this region for account')
    case 'unknown-key':
      return new AwsError('InvalidClientTokenId', 403, 'The security token included in the request is invalid.')
    default:
      return new AwsError('InternalFailure', 500, 'The request processing has failed because of an unknown error.')
  }
}

async function readRequest(request: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue
    length += chunk.length
    if (length > MAX_BODY_BYTES) throw new RangeError('a body larger than the sandbox reads')
    chunks.push(chunk)
  }
  const raw = request.rawHeaders
  const headers = raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as const] : []))
  return { method: request.method ?? '', target: request.url ?? '/', headers, body: Buffer.concat(chunks) }
}

function send(wired: Wired, response: ServerResponse, { status, type, body }: Answer, location?: string): void {
  response.sendDate = false
  response.writeHead(status, {
    Date: new Date(wired.world.now() + wired.dateSkewMs).toUTCString(),
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    ...(location === undefined ? {} : { Location: location }),
  })
  response.end(body)
}
