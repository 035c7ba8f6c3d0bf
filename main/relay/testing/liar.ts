import { digest } from '../../../shared/bytes.ts'
import { connectBounded } from '../client.ts'
import { clientOptions, serverEnd } from '../link.ts'

/**
 * Somebody at a broker who has it say everything once more, later, and to others: each message is left again in its own lane
 * behind the next one, and in the lane that was written to before. @returns what ends it.
 */
export async function beginLying(url: string): Promise<() => Promise<void>> {
  const form = { url, ca: null, credentials: { as: 'nobody' } } as const
  const { client } = await connectBounded(serverEnd(form, new AbortController().signal), clientOptions(form))
  const said = new Set<string>()
  let last: { readonly subject: string; readonly bytes: Uint8Array } | null = null
  client.subscribe('lockbox.*', {
    callback: (_, { subject, data }) => {
      const bytes = Uint8Array.from(data)
      const id = digest(bytes)
      if (said.has(id)) return
      said.add(id)
      if (last !== null) {
        client.publish(last.subject, bytes)
        client.publish(last.subject, last.bytes)
      }
      last = { subject, bytes }
    },
  })
  await client.flush()
  return () => client.close()
}
