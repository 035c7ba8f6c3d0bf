import { Agent } from 'node:https'
import { Duplex } from 'node:stream'
import type { Order } from '../issuer.ts'
import { type AwsAccessKey, accessKeyBytes } from './access-key.ts'
import type { Wire } from './client.ts'

/** AWS's own example; all values here are such: no key, account or role of anybody. */
export const EXAMPLE_KEY: AwsAccessKey = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const CREDENTIALS = {
  AccessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  SecretAccessKey: EXAMPLE_KEY.secretAccessKey,
  SessionToken: 'AQoDYXdzEPT4EXAMPLE',
  Expiration: '2011-07-15T23:28:33Z',
}

/** An order that asks for nothing real. */
export function rehearsalOrder(): Order {
  return {
    credential: accessKeyBytes(EXAMPLE_KEY),
    access: {
      kind: 'aws-sts',
      roleArn: 'arn:aws:iam::123456789012:role/example',
      sessionPolicy: null,
      regions: [{ region: 'us-east-1', endpoint: 'https://sts.us-east-1.amazonaws.com' }],
    },
    request: { id: 'rehearsal', requester: 'rehearsal', purpose: 'drill', seconds: 900, reference: '' },
    attempt: 1,
  }
}

/**
 * Answers as STS would, from inside this process: nothing that is asked of it leaves. The client speaks HTTP all the same: what
 * does so for the first time takes longer than AWS.
 */
export function rehearsalWire(): Wire {
  return { httpsAgent: new InsideAgent({ keepAlive: false }) }
}

const FIELDS = Object.entries(CREDENTIALS).map(([name, value]) => `<${name}>${value}</${name}>`)
const BODY = [
  '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>',
  ...FIELDS,
  '</Credentials></AssumeRoleResult></AssumeRoleResponse>',
].join('')
const ANSWER = [
  'HTTP/1.1 200 OK',
  'Content-Type: text/xml',
  `Content-Length: ${BODY.length}`,
  `Date: ${new Date(0).toUTCString()}`,
  'Connection: close',
  '',
  BODY,
].join('\r\n')

/** Connects to nobody. */
class InsideAgent extends Agent {
  override createConnection(): Duplex {
    return new Inside()
  }
}

/** A connection to nobody, which answers what is written to it once the request's body is there. */
class Inside extends Duplex {
  #isAnswered = false
  #asked = ''

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#asked += chunk.toString('latin1')
    if (!this.#isAnswered && /\r\n\r\n[^]*Action=/.test(this.#asked)) {
      this.#isAnswered = true
      this.push(ANSWER)
      this.push(null)
    }
    done()
  }

  // What a client asks of a socket.
  setTimeout(): this {
    return this
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
}
