import type { Base64Url, Digest, UnixMilliseconds } from '../bytes.ts'
import type { Weight } from '../case/decisions.ts'
import type { DrillDue } from '../case/drills.ts'
import type { EndKnown } from '../case/times.ts'
import type { CaseState } from '../case/types.ts'
import type { BundleScope } from '../ledger/scope.ts'
import type { Classification } from '../statements/review.ts'
import type { VerifyFinding } from './findings.ts'

/** Name and version of the report's form, for programs that read it (docs/formats/verify.md §5). */
export const REPORT_FORMAT = 'lockbox-report/3'

/** How many cases a report gives in full. All are judged, and findings name those that people should look at. */
export const MOST_CASES = 1000
/** How many statements outside cases a report gives. */
export const MOST_LOG = 1000

/** `verified` holds and is whole as far as it can show; see docs/formats/verify.md §4 for the others. */
export type Verdict = 'verified' | 'refuted' | 'unreadable' | 'incomplete'

/** A person wherever one is mentioned; `name` is null if nobody of that id stands in a roster in force. */
export interface PersonFact {
  readonly member: Base64Url
  readonly name: string | null
}

/** A device, and whose it is by the rosters in force. */
export interface DeviceFact {
  readonly device: Digest
  readonly person: PersonFact | null
}

/** The hardware key that signed. */
export interface KeyFact {
  readonly key: Digest
  /** Its name in the roster, or null if no roster in force has it. */
  readonly name: string | null
}

/** A person's approval or denial: when, touched with which key, and what it does if it does not simply count. */
export interface DecisionFact {
  readonly at: UnixMilliseconds
  readonly key: KeyFact | null
  readonly entry: number
  /** `counts`, or why it does not; see `Weight`. */
  readonly weight: Weight
}

/** One statement: who did what when. */
export interface ActFact {
  /** Its place in the ledger of that file; in a report of several files, the first that has it. */
  readonly entry: number
  readonly file: number
  readonly id: Digest
  /** As its author claims. */
  readonly at: UnixMilliseconds
  readonly kind: string
  readonly person: PersonFact
  readonly says: string
  /** Null where the device alone signed. */
  readonly key: KeyFact | null
  /** Whether the keys that signed stand in a roster in force; if not, nobody known said this. */
  readonly inForce: boolean
  /** The rule it breaks, or null. A statement that breaks a rule changes nothing. */
  readonly refused: { readonly code: string; readonly says: string } | null
}

export interface PersonReport {
  readonly member: Base64Url
  readonly name: string
  /** By the newest roster that has this person. */
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  /** Whether the newest roster has this person. */
  readonly active: boolean
  readonly devices: readonly { readonly device: Digest; readonly name: string; readonly active: boolean }[]
  readonly keys: readonly {
    readonly key: Digest
    readonly name: string
    /** AAGUID that the roster records, 32 hexadecimal digits. */
    readonly model: string
    /** Whether the roster records an attestation of that model. The attestation itself is not in a bundle. */
    readonly attested: boolean
    readonly active: boolean
  }[]
}

export interface PlanReport {
  readonly id: Digest
  readonly plan: Base64Url
  readonly name: string
  readonly entry: number
  readonly state: string
  readonly account: string
  readonly custodians: readonly PersonFact[]
  readonly need: number
  readonly groups: readonly { readonly group: string; readonly count: number }[]
  readonly endorsedBy: readonly PersonFact[]
  /** When its next drill is due; null unless it is in effect and a held key serves it. */
  readonly drill: (Omit<DrillDue, 'last'> & { readonly last: OpeningFact | null }) | null
}

/** That a key was opened, by which device. */
export interface OpeningFact {
  readonly case: Digest
  readonly purpose: 'access' | 'drill'
  /** As the issuing device says, within the hour for which its request was valid. */
  readonly at: UnixMilliseconds
  readonly by: DeviceFact
}

export interface CredentialReport {
  /** The deposit's id. */
  readonly id: Digest
  readonly credential: Base64Url
  readonly generation: number
  readonly accessKeyId: string
  readonly entry: number
  readonly state: string
  /** Whether any one of those who hold it may be gone and it still opens. What is `held` without that opens, until one more is gone. */
  readonly hasSpare: boolean
  /** The last opening by another device than the one that dealt it; null: none, so that nothing shows that its shares open it. */
  readonly opened: OpeningFact | null
  /** The last by the device that dealt it, which shows nothing of that. */
  readonly openedByDealer: OpeningFact | null
  readonly problems: readonly string[]
  readonly custodians: readonly {
    readonly person: PersonFact
    readonly accepted: boolean
    /** Claimed time of the last custody proof that holds, or null. */
    readonly lastProof: UnixMilliseconds | null
  }[]
}

/** When a case passed a step, by the clock of that person's device: a claim. */
export interface StepFact {
  readonly at: UnixMilliseconds
  readonly by: PersonFact
}

export interface CaseReport {
  readonly id: Digest
  readonly entry: number
  readonly purpose: string
  /** At the time of the export, by the exporter's clock. */
  readonly state: CaseState
  readonly says: string
  readonly requester: PersonFact
  readonly plan: { readonly id: Digest; readonly name: string | null }
  readonly account: string | null
  readonly emergency: string
  readonly what: string
  readonly reference: string
  readonly seconds: number
  readonly askedAt: UnixMilliseconds
  readonly approvals: {
    readonly need: number | null
    /** Of which groups some are still needed beside the number, and how many. */
    readonly missing: readonly { readonly group: string; readonly count: number }[]
    /** Those that count, each person once. */
    readonly by: readonly { readonly person: PersonFact; readonly at: UnixMilliseconds; readonly key: KeyFact | null }[]
    /** Every other that is not refused. */
    readonly others: readonly (PersonFact & DecisionFact)[]
  }
  /** All that are not refused, also of somebody whose approval a grant stands on. */
  readonly denials: readonly (PersonFact & DecisionFact)[]
  readonly grant: {
    readonly id: Digest
    readonly entry: number
    readonly issuer: PersonFact
    readonly accessKeyId: string
    readonly at: UnixMilliseconds
    readonly expires: UnixMilliseconds
    /** The device that acknowledged before the credential was touched, as the issuing device says; null: none. */
    readonly witness: DeviceFact | null
  } | null
  readonly ended: {
    readonly at: UnixMilliseconds
    readonly how: 'timer' | 'done' | 'lost' | 'revoked' | 'expired'
    readonly confirmed: boolean
  } | null
  /** The steps as the window measures them: asked → quorum → access → end; null: not reached. See `CaseTimes`. */
  readonly measured: {
    readonly asked: StepFact
    readonly quorum: StepFact | null
    readonly access: StepFact | null
    readonly end: (StepFact & { readonly known: EndKnown }) | null
  }
  readonly findings: readonly { readonly code: string; readonly says: string; readonly id: Digest }[]
  readonly owed: readonly { readonly code: string; readonly due: UnixMilliseconds }[]
  /** Whether nothing moves any more and nothing is owed. */
  readonly closed: boolean
  /** The gravest word of all reviews that count, or null without one. */
  readonly classification: Classification | null
  /** Those that count, by claimed time. What they say whole stands in the timeline. */
  readonly reviews: readonly {
    readonly id: Digest
    readonly entry: number
    readonly person: PersonFact
    readonly at: UnixMilliseconds
    readonly key: KeyFact | null
    readonly classification: Classification
    /** Every grant that it names, and every evidence and issuing that raised doubts. */
    readonly grants: readonly Digest[]
    readonly saw: readonly Digest[]
  }[]
  /** By claimed time, then by place in the ledger. */
  readonly timeline: readonly ActFact[]
}

export interface OrganizationReport {
  readonly id: Digest
  readonly name: string
  /** The newest roster in force. */
  readonly roster: Digest
  /** How many rosters came into force, genesis included. */
  readonly rosters: number
  /** The 12 words of the newest roster, for people to compare. */
  readonly words: readonly string[]
}

export interface LedgerFacts {
  /** How many entries the file has, and how many the ledger: as many, unless the file is a part. */
  readonly entries: number
  readonly size: number
  /** Root over the whole ledger, base64url: recomputed, or in a part the signed one; null: neither can be had. */
  readonly root: Digest | null
  /** Entries of the file that the exporter's own signature vouches for; of a whole ledger the first ones. */
  readonly covered: number
  /** The same of those that at least one other device cosigned. */
  readonly witnessed: number
  readonly cosigners: readonly (DeviceFact & { readonly size: number; readonly at: UnixMilliseconds })[]
}

/** One of the files that were verified together. */
export interface FileReport {
  readonly exporter: DeviceFact
  /** By the exporter's clock. */
  readonly exportedAt: UnixMilliseconds
  /** The roster that the exporter last acted on, as it says. */
  readonly pin: Digest
  readonly scope: BundleScope
  readonly ledger: LedgerFacts
}

/** A file that could not be read as a bundle. Nothing is concluded from it. */
export interface UnreadableReport {
  readonly format: typeof REPORT_FORMAT
  readonly verdict: 'unreadable'
  readonly first: VerifyFinding
}

/** What a bundle shows. */
export interface BundleReport {
  readonly format: typeof REPORT_FORMAT
  readonly verdict: Exclude<Verdict, 'unreadable'>
  /** The first thing that is wrong; where nothing is wrong, the first that is incomplete; null if neither. */
  readonly first: VerifyFinding | null
  readonly findings: readonly VerifyFinding[]
  /** The organization's id, as the headers claim. */
  readonly claims: { readonly organization: Digest }
  /** In the order given. */
  readonly files: readonly FileReport[]
  /** Null if the entries do not make up the organization that the header names; then the lists below are empty. */
  readonly organization: OrganizationReport | null
  readonly people: readonly PersonReport[]
  readonly plans: readonly PlanReport[]
  readonly credentials: readonly CredentialReport[]
  /** What the files have in all. */
  readonly counts: {
    /** Statements that the door let in, each once. */
    readonly statements: number
    readonly cases: number
    /** Cases by their state. */
    readonly states: Readonly<Record<string, number>>
    /** Statements outside cases, and those about a request that is in no file. */
    readonly log: number
  }
  /** The newest, at most {@link MOST_CASES}, and those that were asked for; oldest first. */
  readonly cases: readonly CaseReport[]
  /** At most {@link MOST_LOG} of the statements outside cases, and of those about a request that is in no file. */
  readonly log: readonly ActFact[]
  readonly cannotConclude: readonly string[]
}

export type Report = UnreadableReport | BundleReport
