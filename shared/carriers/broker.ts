import { lineField } from '../statements/fields.ts'
import * as z from '../zod.ts'

/** Who this app is to a broker; whatever it is, it opens no message. */
const credentialsField = z.discriminatedUnion('as', [
  z.strictObject({ as: z.literal('nobody') }),
  z.strictObject({ as: z.literal('user'), user: lineField(256), password: z.string().min(1).max(256) }),
  /** The text of a NATS credentials file: a JWT, and the seed of an nkey. */
  z.strictObject({ as: z.literal('file'), text: z.string().min(1).max(16_000) }),
])

/** A broker, as a person names it and as it is kept (docs/formats/relay.md §4). */
export const brokerForm = z.strictObject({
  /** `tls://host:4222`, or `nats://` to this very computer. */
  url: lineField(256),
  /** PEM of the only CAs that it may have its certificate from; null: those this computer trusts. */
  ca: z.string().max(32_000).nullable(),
  credentials: credentialsField,
})
export type BrokerForm = z.infer<typeof brokerForm>
