import { afterEach, expect } from 'vitest'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../../e2e/sandbox-aws/sandbox.ts'
import { digest, utf8 } from '../../../../shared/bytes.ts'
import {
  type Aftercare,
  type AftercareOrder,
  type Issued,
  IssuerError,
  type Order,
  type RequestFacts,
} from '../../issuer.ts'
import { accessKeyBytes, withSeed } from '../access-key.ts'
import { awsIssuer } from '../issuer.ts'
import type { CodeClock } from '../totp.ts'

export const caseId = digest(utf8('the case'))
export const alice = 'AAECAwQFBgcICQoLDA0ODw'

/** The sandbox of the test that runs now, from {@link start} on. */
export let sandbox: Sandbox
afterEach(() => sandbox.close())

/** Starts the sandbox of a test; it is closed when the test ends. */
export async function start(options?: SandboxOptions): Promise<void> {
  sandbox = await startSandbox(options)
}

/** An order for the sandbox's role, by default for 15 minutes of access for Alice. */
export function order(change: Partial<RequestFacts> = {}, access: Partial<Order['access']> = {}): Order {
  return {
    credential: accessKeyBytes(sandbox.accessKey),
    access: {
      kind: 'aws-sts',
      roleArn: sandbox.roleArn,
      sessionPolicy: null,
      regions: [...sandbox.regions],
      ...access,
    },
    request: {
      id: caseId,
      requester: alice,
      purpose: 'access',
      seconds: 900,
      reference: 'INC-7 (sev 1)',
      ...change,
    },
    attempt: 2,
  }
}

/** As {@link order}, with the seed of an MFA device in the credential. */
export function seededOrder(seed: string, access: Partial<Order['access']> = {}): Order {
  return { ...order({}, access), credential: withSeed(accessKeyBytes(sandbox.accessKey), seed) }
}

/** Issues; a region that says nothing is given up after 400 ms. */
export const issue = (one: Order = order(), clock?: CodeClock): Promise<Issued> => awsIssuer(400, clock).issue(one)

/** What is made beside a session of that order, by Alice's device. */
export function aftercareOf(one: Order, issued: AftercareOrder['issued']): Promise<Aftercare> {
  const { credential, access, attempt, request } = one
  const { signal } = new AbortController()
  return awsIssuer().aftercare({ credential, access, attempt, request: request.id, issuer: alice, issued, signal })
}

/** The error with which issuing is refused: short, and without the secret. @throws if it is not refused. */
export async function refusal(one?: Order, clock?: CodeClock): Promise<IssuerError> {
  const error = await issue(one, clock).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof IssuerError)) throw new TypeError('expected a refusal', { cause: error })
  expect(error.message.length).toBeLessThanOrEqual(500)
  expect(error.message).not.toContain(sandbox.accessKey.secretAccessKey)
  return error
}
