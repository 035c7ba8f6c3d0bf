import { utf8 } from '../../../shared/bytes.ts'
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

/** Answers as STS would, from inside this process: nothing that is asked of it leaves. */
export function rehearsalWire(): Wire {
  const fields = Object.entries(CREDENTIALS).map(([name, value]) => `<${name}>${value}</${name}>`)
  const result = `<AssumeRoleResult><Credentials>${fields.join('')}</Credentials></AssumeRoleResult>`
  const body = utf8(
    `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${result}</AssumeRoleResponse>`,
  )
  const headers = { 'content-type': 'text/xml', date: new Date(0).toUTCString() }
  return { handle: () => Promise.resolve({ response: { statusCode: 200, headers, body } }) }
}
