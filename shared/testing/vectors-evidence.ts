import { digestOf } from './keys.ts'
import type { Fault, Kit } from './vector-kit.ts'

/** Faults of what AWS recorded about a case. */
export function faultsOfEvidence({ evidence, valid }: Kit): Fault[] {
  const { payload } = valid.evidence
  const [span] = payload.spans
  const [difference] = payload.differs
  const [grant] = payload.grants
  const fault = (name: string, says: string, changes: object): Fault => [
    'schema',
    `evidence-${name}`,
    says,
    evidence(changes),
  ]
  return [
    fault('source', 'evidence that somebody wrote down', { source: 'hearsay' }),
    fault('span', 'evidence over a time that ends before it begins', {
      spans: [{ ...span, until: (span?.from ?? 0) - 1 }],
    }),
    fault('region', 'evidence of no region of AWS', { spans: [{ ...span, region: 'earth' }] }),
    fault('spans-order', 'evidence whose regions are not in order', { spans: payload.spans.toReversed() }),
    fault('spans-twice', 'evidence with two spans of one region', { spans: [span, span] }),
    fault('grants-twice', 'evidence that says two things of one grant', { grants: [grant, grant] }),
    fault('issued', 'evidence that is not sure of a grant', { grants: [{ ...grant, issued: 'perhaps' }] }),
    fault('code', 'evidence that differs in a way that nobody knows', { differs: [{ ...difference, code: 'odd' }] }),
    fault('event', 'evidence that names an event by words', { differs: [{ ...difference, event: 'an event' }] }),
    fault('differs-many', 'evidence that lists 51 differences', {
      differs: Array.from({ length: 51 }, () => difference),
    }),
    fault('parts-many', 'evidence in 17 parts', {
      parts: Array.from({ length: 17 }, (_, at) => digestOf(`part ${at}`)),
    }),
    fault('more', 'evidence with fewer differences than it lists', { more: -1 }),
    ...faultsOfRecordings(fault, digestOf('grant')),
  ]
}

/** What a recorded terminal may not say: of AWS's record, or of no session. */
function faultsOfRecordings(fault: (name: string, says: string, changes: object) => Fault, id: string): Fault[] {
  const grant = { grant: id, issued: 'not-covered', calls: 0, refused: 0 }
  const recording = { source: 'terminal', spans: [], grants: [grant], differs: [], more: 0 }
  const spoilt = (name: string, says: string, changes: object): Fault =>
    fault(`recording-${name}`, says, { ...recording, ...changes })
  return [
    spoilt('span', 'a recorded terminal that reaches over AWS’s record', {
      spans: [{ region: 'eu-central-1', from: 1, until: 2 }],
    }),
    spoilt('no-grant', 'a recorded terminal without a session', { grants: [] }),
    spoilt('two-grants', 'a recorded terminal of two sessions', {
      grants: [{ ...grant, grant: 'A'.repeat(43) }, grant],
    }),
    spoilt('seen', 'a recorded terminal that saw AWS issue the session', { grants: [{ ...grant, issued: 'seen' }] }),
    spoilt('calls', 'a recorded terminal that counts calls', { grants: [{ ...grant, calls: 1 }] }),
    spoilt('differs', 'a recorded terminal that differs from the case', {
      differs: [{ code: 'after-end', at: 1, event: null, of: null }],
    }),
    spoilt('more', 'a recorded terminal that differs in more than it lists', { more: 1 }),
    spoilt('parts', 'a recorded terminal without a part', { parts: [] }),
  ]
}
