import { readFile } from 'node:fs/promises'
import { errors } from '@nats-io/nats-core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { newCa } from '../outlets/testing/certificates.ts'
import { checkBroker } from './address.ts'
import { connectBounded } from './client.ts'
import { linkWords } from './failure.ts'
import { clientOptions, openNatsLink, serverEnd } from './link.ts'
import { hasNatsServer, LEFT_OUT, NatsServer } from './testing/nats-server.ts'

/** A broker with the configuration that docs/admin.md prints, and its user; another one, if a test changes the text. */
async function printedBroker(change: (text: string) => string = (text) => text) {
  const admin = await readFile(new URL('../../docs/admin.md', import.meta.url), 'utf8')
  const [, printed = ''] = /`\/etc\/nats-server\.conf`:\n\n```\n([^`]+)```/.exec(admin) ?? []
  const [, user = '', password = ''] = /user: (\S+), password: "([^"]+)"/.exec(printed) ?? []
  const ca = await newCa()
  const server = await NatsServer.start({ printed: change(printed), tls: await ca.issue() })
  onTestFinished(() => server.close())
  return checkBroker({ url: server.url, ca: ca.pem, credentials: { as: 'user', user, password } })
}

const unending = () => new AbortController().signal

async function link(
  form: Awaited<ReturnType<typeof printedBroker>>,
  onHint: (subject: string) => void = () => undefined,
) {
  const opened = await openNatsLink(form, onHint, unending())
  onTestFinished(() => opened.close())
  return opened
}

describe.runIf(hasNatsServer)(`the configuration in docs/admin.md${LEFT_OUT}`, () => {
  it('lets an app make the stream, leave, be hinted at and read', async () => {
    const form = await printedBroker()
    const hints: string[] = []
    const reader = await link(form, (subject) => hints.push(subject))
    reader.watch(['lockbox.a'])
    await reader.stream()
    const writer = await link(form)
    await writer.publish('lockbox.a', Buffer.from('left'))
    expect(Buffer.from((await reader.next('lockbox.a', 1))?.bytes ?? []).toString()).toBe('left')
    await vi.waitFor(() => expect(hints).toEqual(['lockbox.a']))
  })

  it('lets nobody in without the password', async () => {
    const form = await printedBroker()
    for (const credentials of [{ as: 'nobody' }, { as: 'user', user: 'lockbox', password: 'a short one' }] as const)
      await expect(openNatsLink({ ...form, credentials }, () => undefined, unending())).rejects.toThrow(
        'it does not accept this user or these credentials',
      )
  })

  it('lets an app do nothing to what lies there, and nothing beside the stream', async () => {
    const form = await printedBroker()
    const app = await link(form)
    await app.publish('lockbox.a', Buffer.from('left'))
    const { client } = await connectBounded(serverEnd(form, unending()), clientOptions(form))
    onTestFinished(() => client.close())
    const asks = (subject: string) =>
      client.request(subject, '{}').then(
        () => 'answered',
        (error: unknown) =>
          error instanceof Error && error.cause instanceof errors.PermissionViolationError ? 'refused' : error,
      )
    for (const may of ['STREAM.INFO.LOCKBOX', 'STREAM.CREATE.LOCKBOX', 'STREAM.MSG.GET.LOCKBOX'])
      expect([may, await asks(`$JS.API.${may}`)]).toEqual([may, 'answered'])
    for (const mayNot of [
      'STREAM.DELETE.LOCKBOX',
      'STREAM.PURGE.LOCKBOX',
      'STREAM.UPDATE.LOCKBOX',
      'STREAM.MSG.DELETE.LOCKBOX',
      'STREAM.SNAPSHOT.LOCKBOX',
      'STREAM.CREATE.OTHER',
      'STREAM.NAMES',
      'CONSUMER.CREATE.LOCKBOX',
    ])
      expect([mayNot, await asks(`$JS.API.${mayNot}`)]).toEqual([mayNot, 'refused'])
    expect((await app.stream()).last).toBe(1)
  })

  it.each(['"$JS.API.STREAM.INFO.LOCKBOX", ', '"$JS.API.STREAM.CREATE.LOCKBOX", ', ', "_INBOX.>"'])(
    'needs %s, and who does without is told that something is missing',
    async (permission) => {
      const form = await printedBroker((text) => text.replace(permission, ''))
      await expect(openNatsLink(form, () => undefined, unending())).rejects.toThrow(
        'this user may not do there what the relay needs',
      )
    },
  )

  it('needs to be hinted at, and who may not is told so', async () => {
    const form = await printedBroker((text) => text.replace('subscribe: ["lockbox.*", ', 'subscribe: ['))
    const app = await link(form)
    app.watch(['lockbox.a'])
    expect(linkWords(await app.over)).toBe('this user may not do there what the relay needs')
  })
})
