import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { AwsError } from './errors.ts'
import type { Fault, FaultQueue } from './faults.ts'
import type { WireRequest } from './sigv4.ts'
import { answer, type CallFacts } from './sts.ts'
import type { World } from './world.ts'
import { errorXml } from './xml.ts'

const MAX_BODY_BYTES = 64 * 1024

/** One request as the sandbox saw it; public facts only. `status` 0: no answer was given. */
export interface LoggedCall extends Readonly<CallFacts> {
  readonly at: number
  readonly region: string
  readonly outcome: string
  readonly status: number
  /** Whether the call was carried out; with status 0, unknown to whoever called. */
  readonly done: boolean
}

/** What all regions share. */
export interface Shared {
  readonly world: World
  readonly sessionSeconds: number | null
  readonly faults: FaultQueue
  readonly log: LoggedCall[]
  /** Added to the clock in Date headers alone. */
  dateSkewMs: number
}

/** One region's endpoint. */
export interface Region {
  readonly region: string
  /** Such as `http://127.0.0.1:41234`; stays the same over a time of being down. */
  readonly endpoint: string
  /** Takes the endpoint down (connections refused) or brings it back. */
  setDown(down: boolean): Promise<void>
}

/** Opens a region's endpoint on a free loopback port. */
export async function openRegion(region: string, shared: Shared): Promise<Region> {
  let server = serverFor(region, shared)
  const port = await listen(server, 0)
  let isDown = false
  return {
    region,
    endpoint: `http://127.0.0.1:${port}`,
    setDown: async (down) => {
      if (down === isDown) return
      isDown = down
      if (down) return close(server)
      server = serverFor(region, shared)
      await listen(server, port)
    },
  }
}

function serverFor(region: string, shared: Shared): Server {
  return createServer((request, response) => {
    handle(region, shared, request, response).catch(() => response.destroy())
  })
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

async function handle(
  region: string,
  shared: Shared,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const wire = await readRequest(request)
  // As at sts.<region>.amazonaws.com: whoever only looks is sent to the product page.
  if (wire.method === 'GET' || wire.method === 'HEAD')
    return send(shared, response, 302, '', 'https://aws.amazon.com/iam')
  const facts: CallFacts = { action: null, accessKeyId: null, parameters: {}, issued: null }
  const fault = shared.faults.take(region, new URLSearchParams(Buffer.from(wire.body).toString()).get('Action'))
  const at = shared.world.now()
  const done = !isRefusal(fault) && !(fault && 'done' in fault && !fault.done)
  const result = done ? await carriedOut(region, shared, wire, facts) : refusal(fault)
  const silent = fault?.kind === 'silent' || fault?.kind === 'cut'
  shared.log.push({ ...facts, at, region, outcome: result.outcome, status: silent ? 0 : result.status, done })
  if (fault?.kind === 'silent') return
  if (fault?.kind === 'cut') return void response.destroy()
  if (fault?.kind === 'late') await delay(fault.ms)
  send(shared, response, result.status, fault?.kind === 'garbled' ? result.xml.slice(0, 200) : result.xml)
}

interface Result {
  readonly status: number
  readonly outcome: string
  readonly xml: string
}

async function carriedOut(region: string, shared: Shared, wire: WireRequest, facts: CallFacts): Promise<Result> {
  const requestId = randomUUID()
  try {
    const xml = await answer(shared.world, region, shared.sessionSeconds, wire, facts, requestId)
    return { status: 200, outcome: 'ok', xml }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    return { status: error.status, outcome: error.code, xml: errorXml(error, requestId) }
  }
}

function isRefusal(fault: Fault | null): boolean {
  return fault?.kind === 'throttled' || fault?.kind === 'error-500' || fault?.kind === 'region-disabled'
}

function refusal(fault: Fault | null): Result {
  const error =
    fault?.kind === 'throttled'
      ? new AwsError('Throttling', 400, 'Rate exceeded')
      : fault?.kind === 'region-disabled'
        ? new AwsError('RegionDisabledException', 403, 'STS is not activated in this region for account')
        : new AwsError('InternalFailure', 500, 'The request processing has failed because of an unknown error.')
  return { status: error.status, outcome: error.code, xml: errorXml(error, randomUUID()) }
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

function send(shared: Shared, response: ServerResponse, status: number, xml: string, location?: string): void {
  response.sendDate = false
  response.writeHead(status, {
    Date: new Date(shared.world.now() + shared.dateSkewMs).toUTCString(),
    'Content-Type': 'text/xml',
    'Content-Length': Buffer.byteLength(xml),
    ...(location === undefined ? {} : { Location: location }),
  })
  response.end(xml)
}
