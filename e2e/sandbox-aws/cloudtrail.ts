import * as z from 'zod'
import { authorize } from './authorize.ts'
import { AwsError } from './errors.ts'
import type { TrailEvent } from './trail.ts'
import type { Caller, World } from './world.ts'

/** CloudTrail's `X-Amz-Target` for what the sandbox knows. */
export const LOOKUP_TARGET = /^(?:com\.amazonaws\.cloudtrail\.v20131101\.)?CloudTrail_20131101\.(\w+)$/

const KEYS = {
  EventId: (event: TrailEvent) => event.id,
  EventName: (event: TrailEvent) => event.name,
  ReadOnly: (event: TrailEvent) => String(event.readOnly),
  Username: (event: TrailEvent) => event.username,
  EventSource: (event: TrailEvent) => event.source,
  AccessKeyId: (event: TrailEvent) => event.accessKeyId,
}
const inputSchema = z.strictObject({
  LookupAttributes: z
    .array(
      z.strictObject({
        AttributeKey: z.enum(['EventId', 'EventName', 'ReadOnly', 'Username', 'EventSource', 'AccessKeyId']),
        AttributeValue: z.string().min(1).max(2000),
      }),
    )
    .default([]),
  StartTime: z.number().optional(),
  EndTime: z.number().optional(),
  MaxResults: z.number().default(50),
  NextToken: z.string().optional(),
})

/** Calls a second that CloudTrail answers, for an account and region. */
const A_SECOND = 2

/** How many calls a region would answer at that time, milliseconds. */
export interface Allowance {
  readonly calls: number
  readonly at: number
}

/** Counts a call. @throws {AwsError} Throttling beyond {@link A_SECOND}. */
export function takeLookup(lookups: Map<string, Allowance>, region: string, now: number): void {
  const { calls, at } = lookups.get(region) ?? { calls: A_SECOND, at: now }
  const left = Math.min(A_SECOND, calls + (Math.max(0, now - at) / 1000) * A_SECOND)
  if (left < 1) throw new AwsError('Throttling', 400, 'Rate exceeded')
  lookups.set(region, { calls: left - 1, at: now })
}

/**
 * Does what LookupEvents does: management events of one region, the newest first, by one attribute at most.
 *
 * @param events - all that this region's CloudTrail shows by now, the oldest first.
 * @throws {AwsError} AccessDeniedException and the refusals of LookupEvents.
 */
export function lookupEvents(world: World, caller: Caller, events: readonly TrailEvent[], body: unknown): object {
  try {
    authorize(world, caller, { action: 'cloudtrail:LookupEvents', resource: '*' })
  } catch (error) {
    throw error instanceof AwsError ? new AwsError('AccessDeniedException', 400, error.message) : error
  }
  const parsed = inputSchema.safeParse(body)
  if (!parsed.success) throw new AwsError('InvalidLookupAttributesException', 400, 'Invalid lookup attributes.')
  const { LookupAttributes, StartTime, EndTime, MaxResults, NextToken } = parsed.data
  if (LookupAttributes.length > 1)
    throw new AwsError('InvalidLookupAttributesException', 400, 'Only one lookup attribute is currently supported.')
  if (!Number.isInteger(MaxResults) || MaxResults < 1 || MaxResults > 50)
    throw new AwsError('InvalidMaxResultsException', 400, 'MaxResults must be between 1 and 50.')
  if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime)
    throw new AwsError('InvalidTimeRangeException', 400, 'Start time is after end time.')
  const found = events.filter(
    (event) =>
      LookupAttributes.every(({ AttributeKey, AttributeValue }) => KEYS[AttributeKey](event) === AttributeValue) &&
      event.at >= (StartTime ?? 0) * 1000 &&
      event.at <= (EndTime ?? Number.POSITIVE_INFINITY) * 1000,
  )
  return page(found.reverse(), NextToken, MaxResults)
}

function page(found: readonly TrailEvent[], token: string | undefined, length: number): object {
  // By the last event shown, since newer ones may have come in front meanwhile.
  const from = token === undefined ? 0 : found.findIndex(({ id }) => id === token) + 1
  if (token !== undefined && from === 0) throw new AwsError('InvalidNextTokenException', 400, 'Invalid NextToken.')
  const shown = found.slice(from, from + length)
  const Events = shown.map((event) => ({
    EventId: event.id,
    EventName: event.name,
    ReadOnly: String(event.readOnly),
    AccessKeyId: event.accessKeyId,
    EventTime: event.at / 1000,
    EventSource: event.source,
    Username: event.username,
    Resources: [],
    CloudTrailEvent: event.record,
  }))
  const NextToken = from + length < found.length ? shown.at(-1)?.id : undefined
  return { Events, NextToken }
}
