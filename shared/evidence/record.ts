import { utf8 } from '../bytes.ts'
import * as z from '../zod.ts'
import { isNestedTooDeeply, MOST_RECORD } from './bounds.ts'
import { EvidenceError, MOST_TEXT, type TrailEvent } from './event.ts'

// What CloudTrail writes (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html),
// as far as a case needs it. What is needed must be there and in form; whatever else a record has is passed over, since AWS adds to it.

const some = <T extends z.ZodType>(field: T) => field.nullish().catch(null)
const words = some(z.string())

const record = z.object({
  eventID: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  eventTime: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  eventSource: z.string().min(1),
  eventName: z.string().min(1),
  awsRegion: z.string().min(1),
  eventType: words,
  errorCode: words,
  sourceIPAddress: words,
  sessionCredentialFromConsole: some(z.union([z.string(), z.boolean()])),
  userIdentity: some(
    z.object({
      type: words,
      principalId: words,
      arn: words,
      accessKeyId: words,
      invokedBy: words,
      sessionContext: some(z.object({ sourceIdentity: words, sessionIssuer: some(z.object({ arn: words })) })),
    }),
  ),
  requestParameters: some(
    z.object({
      roleArn: words,
      roleSessionName: words,
      sourceIdentity: words,
      durationSeconds: some(z.union([z.int().min(0), z.string().regex(/^\d{1,9}$/)])),
      accessKeyId: words,
      policyName: words,
      roleName: words,
    }),
  ),
  responseElements: some(
    z.object({
      credentials: some(z.object({ accessKeyId: words })),
      accessKey: some(z.object({ accessKeyId: words })),
    }),
  ),
})

/**
 * One record of CloudTrail as an event.
 *
 * @param where - names it for people: "record 3 of trail.json.gz".
 * @throws {EvidenceError} `bad-record`, with the field that is missing or not in form.
 */
export function eventFrom(value: unknown, where: string): TrailEvent {
  const parsed = record.safeParse(value)
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'an object'
    throw new EvidenceError('bad-record', `${where} is no event of CloudTrail: its ${field} is missing or not in form`)
  }
  const { eventID, eventTime, eventSource, eventName, awsRegion, errorCode, sourceIPAddress, ...rest } = parsed.data
  const at = Date.parse(eventTime)
  if (!(at >= 0)) throw new EvidenceError('bad-record', `${where} is no event of CloudTrail: its eventTime is no time`)
  const who = rest.userIdentity
  return {
    about: eventSource === IAM ? aboutIn(rest.requestParameters) : null,
    asked: eventSource === STS && eventName === 'AssumeRole' ? askedIn(rest.requestParameters) : null,
    at,
    error: clean(errorCode),
    from: clean(sourceIPAddress),
    id: eventID,
    issued: clean(rest.responseElements?.credentials?.accessKeyId ?? rest.responseElements?.accessKey?.accessKeyId),
    key: clean(who?.accessKeyId),
    name: clean(eventName) ?? '?',
    principal: clean(who?.arn),
    region: clean(awsRegion) ?? '?',
    role: clean(who?.sessionContext?.sessionIssuer?.arn),
    service: clean(eventSource) ?? '?',
    session: who?.type === 'AssumedRole' ? clean(who.principalId?.split(':')[1]) : null,
    sourceIdentity: clean(who?.sessionContext?.sourceIdentity),
    via: viaIn(parsed.data),
  }
}

const owned = z.object({ recipientAccountId: some(z.string().regex(/^\d{12}$/)) })

/** In whose account one record of CloudTrail was written, or null if it does not say. */
export function accountOf(value: unknown): string | null {
  return owned.safeParse(value).data?.recipientAccountId ?? null
}

const STS = 'sts.amazonaws.com'
const IAM = 'iam.amazonaws.com'
const SIGN_IN = 'signin.amazonaws.com'

function aboutIn(parameters: z.infer<typeof record>['requestParameters']): TrailEvent['about'] {
  const about = {
    key: clean(parameters?.accessKeyId),
    policy: clean(parameters?.policyName),
    role: clean(parameters?.roleName),
  }
  return Object.values(about).every((one) => one === null) ? null : about
}

function askedIn(parameters: z.infer<typeof record>['requestParameters']): TrailEvent['asked'] {
  const seconds = parameters?.durationSeconds ?? null
  return {
    roleArn: clean(parameters?.roleArn),
    seconds: seconds === null ? null : Number(seconds),
    session: clean(parameters?.roleSessionName),
    sourceIdentity: clean(parameters?.sourceIdentity),
  }
}

/** What a service does in a session's name, and what the console does, is signed with keys of their own. */
function viaIn({ eventSource, userIdentity, ...rest }: z.infer<typeof record>): string | null {
  const service = clean(userIdentity?.invokedBy)
  if (service !== null) return service
  const console = String(rest.sessionCredentialFromConsole) === 'true' || eventSource === SIGN_IN
  return console ? 'console' : null
}

/** Printable ASCII of at most {@link MOST_TEXT} characters, any other character as `?`; null for nothing. */
function clean(value: string | null | undefined): string | null {
  if (value === null || value === undefined || value === '') return null
  return value.replace(/[^ -~]/gu, '?').slice(0, MOST_TEXT)
}

/**
 * An event that LookupEvents answered. It is bounded, as a record in a file is, before anything of it is parsed.
 *
 * @param answer - its `CloudTrailEvent`, a JSON text.
 * @throws {EvidenceError} `record-too-large`, and as {@link eventFrom}.
 */
export function eventOfAnswer(answer: string): TrailEvent {
  const where = 'an event of the answer'
  const bytes = answer.length > MOST_RECORD ? null : utf8(answer)
  if (bytes === null || bytes.length > MOST_RECORD)
    throw new EvidenceError('record-too-large', `${where} has more than 1 MiB`)
  if (isNestedTooDeeply(bytes))
    throw new EvidenceError('bad-record', `${where} is no event of CloudTrail: it is nested too deeply`)
  return eventFrom(jsonOf(answer), where)
}

/** What a text says; null if it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * Events of several files together: each once.
 *
 * @throws {EvidenceError} `contradicting-records` if two records of one id say different things.
 */
export function* merged(lists: Iterable<Iterable<TrailEvent>>): Generator<TrailEvent> {
  const byId = new Map<string, TrailEvent>()
  for (const list of lists)
    for (const event of list) {
      const known = byId.get(event.id)
      if (known === undefined) {
        byId.set(event.id, event)
        yield event
      } else if (JSON.stringify(known) !== JSON.stringify(event))
        throw new EvidenceError(
          'contradicting-records',
          `two records of the event ${event.id} say different things: one was changed`,
        )
    }
}
