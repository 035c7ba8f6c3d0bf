import { request } from 'node:http'
import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'

/** What a call to STS needs. */
export interface StsFacts {
  readonly endpoint: string
  readonly region: string
  readonly roleArn: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** AssumeRole by hand: one signed request over a fresh connection, and the answer as it came. @throws {Error} unless it is good. */
export async function assumeRole({ endpoint, region, roleArn, ...credentials }: StsFacts): Promise<Buffer> {
  const signer = new SignatureV4({ credentials, region, service: 'sts', sha256: Sha256 })
  const form = { Action: 'AssumeRole', Version: '2011-06-15', RoleArn: roleArn, RoleSessionName: 'bare' }
  const body = new URLSearchParams({ ...form, DurationSeconds: '900' }).toString()
  const { hostname, port, host } = new URL(endpoint)
  const plain = { method: 'POST', protocol: 'http:', hostname, port: Number(port), path: '/', query: {}, body }
  const headers = { host, 'content-type': 'application/x-www-form-urlencoded' }
  const signed = await signer.sign({ ...plain, headers })
  return new Promise((resolve, reject) => {
    const sent = request(endpoint, { method: 'POST', agent: false, headers: signed.headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const text = Buffer.concat(chunks)
        if (answer.statusCode === 200) resolve(text)
        else reject(new Error(`the sandbox answered ${answer.statusCode}: ${text.toString()}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
