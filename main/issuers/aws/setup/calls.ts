import type { IAMClient } from '@aws-sdk/client-iam'
import type { AssumeRoleCommandInput, AssumeRoleCommandOutput, STSClient } from '@aws-sdk/client-sts'
import { lineFrom } from '../../../text.ts'
import type { IssuerErrorCode } from '../../issuer.ts'
import { type Endpoint, iamCall, type Keys, oneCall } from '../client.ts'
import { answerOf, failureOf } from '../failure.ts'
import { sts } from '../load-sdk.ts'
import { ruleIn } from '../refused.ts'
import type { Told } from './facts.ts'

/** Who asks, where, and how long is waited. */
export interface Asking {
  readonly at: Endpoint
  readonly keys: Keys
  readonly timeoutMs: number
}

type Send<Client, Good> = (client: Client, signal: { readonly abortSignal: AbortSignal }) => Promise<Good>

/** One call of STS, once. */
export async function askSts<Good>(asking: Asking, send: Send<STSClient, Good>) {
  const { client, skewMs } = await oneCall(asking.at, asking.keys, asking.timeoutMs)
  const begun = performance.now()
  const told = await ask(client, send, asking.timeoutMs)
  return { told, skewMs: skewMs(), tookMs: Math.round(performance.now() - begun) }
}

/** One call of IAM, once. */
export async function askIamOnce<Good>(asking: Asking, send: Send<IAMClient, Good>): Promise<Told<Good>> {
  const { client } = await iamCall(asking.at, asking.keys, asking.timeoutMs)
  return ask(client, send, asking.timeoutMs)
}

async function ask<Client extends { destroy(): void }, Good>(
  client: Client,
  send: Send<Client, Good>,
  timeoutMs: number,
): Promise<Told<Good>> {
  try {
    return { is: 'done', good: await send(client, { abortSignal: AbortSignal.timeout(timeoutMs) }) }
  } catch (error) {
    const { code, mayExist, words } = failureOf(error)
    if (mayExist || PASSING.has(code)) return { is: 'unreached', code }
    const { name, message } = answerOf(error)
    // Of the whole message: long names push the rule out of the words.
    const rule = code === 'denied' ? ruleIn(message) : null
    return { is: 'refused', code, name, rule, words: lineFrom(words, 250) }
  } finally {
    client.destroy()
  }
}

/** What says nothing of the set-up. */
const PASSING: ReadonlySet<IssuerErrorCode> = new Set(['throttled', 'timed-out', 'unreachable', 'clock-skew'])

/** Assumes a role; what it gives is for the next call and never leaves this process. */
export async function assume(asking: Asking, input: AssumeRoleCommandInput): Promise<Told<Keys>> {
  const { AssumeRoleCommand } = await sts()
  const { told } = await askSts(asking, (client, signal) => client.send(new AssumeRoleCommand(input), signal))
  return keysFrom(told)
}

/** A session of the user in which a code was given. */
export async function withCode(asking: Asking, serial: string, code: string): Promise<Told<Keys>> {
  const { GetSessionTokenCommand } = await sts()
  const command = new GetSessionTokenCommand({ DurationSeconds: 900, SerialNumber: serial, TokenCode: code })
  const { told } = await askSts(asking, (client, signal) => client.send(command, signal))
  return keysFrom(told)
}

function keysFrom(told: Told<Pick<AssumeRoleCommandOutput, 'Credentials'>>): Told<Keys> {
  if (told.is !== 'done') return told
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = told.good.Credentials ?? {}
  if ([AccessKeyId, SecretAccessKey, SessionToken].includes('')) return { is: 'unreached', code: 'invalid' }
  return {
    is: 'done',
    good: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
  }
}
