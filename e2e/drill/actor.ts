import type { Sandbox } from '../sandbox-aws/sandbox.ts'

/** A file as it is handed from one person to another. */
export interface HandedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** What a founder is. */
export interface Part {
  readonly roles: readonly ('admin' | 'approver' | 'auditor' | 'commander')[]
  readonly groups: readonly string[]
}

/** Facts of the sandbox that a plan and a deposit need. */
export type SandboxFacts = Pick<Sandbox, 'roleArn' | 'regions' | 'accessKey'>

/** What a plan may name for ending sessions and replacing the key. */
export type AfterwardsFacts = Sandbox['aftercare']

/**
 * One person with two keys and an app, as the drill sees them: each method does what that person does by hand and
 * resolves when their own app shows that it is done. With windows or without, the story is the same.
 */
export interface Actor {
  readonly name: string
  /** First start: who I am, two keys, each tried. */
  setUp(): Promise<void>
  joinCard(part: Part): Promise<HandedFile>
  /** Reads everybody's cards, proposes the organization, signs; gives the draft to hand around. */
  found(organization: string, cards: readonly { readonly file: HandedFile; readonly part: Part }[]): Promise<HandedFile>
  readDraft(file: HandedFile): Promise<void>
  /** The 12 words as this app shows them; null for those that a window hides until they were heard. */
  words(): Promise<readonly (string | null)[]>
  /** Types what was hidden as others read it aloud, "I compared these aloud with everyone", and the touch. */
  endorseFounding(heard: readonly string[]): Promise<void>
  /** Where others reach this app, and typing in where to reach theirs. */
  address(): Promise<string>
  typeAddress(address: string): Promise<void>
  founded(): Promise<void>
  /** How many others this app is connected to reaches `count`. */
  reaches(count: number): Promise<void>
  /** @param afterwards - what ends sessions at their source, and replaces the key; nothing if left out. */
  proposePlan(sandbox: SandboxFacts, threshold: number, afterwards?: AfterwardsFacts): Promise<void>
  endorsePlan(): Promise<void>
  planInEffect(): Promise<void>
  deposit(sandbox: SandboxFacts): Promise<void>
  acceptShare(): Promise<void>
  /** This app shows that all custodians proved their shares of the first key, or of a later one. */
  custodyProved(generation?: number): Promise<void>
  ask(what: string): Promise<void>
  approve(): Promise<void>
  deny(reason: string): Promise<void>
  /** This app shows that the session was granted. */
  granted(): Promise<void>
  /** Copies the session's environment lines, and gives them. */
  copySession(): Promise<string>
  /** "I am done". */
  end(): Promise<void>
  /** This app shows the end, and that AWS confirmed it. */
  ended(): Promise<void>
  /** Whether this app offers at this moment to replace the key that was used. */
  mayReplaceKey(): Promise<boolean>
  /** "Replace the key now", and the touch: a new key is made at AWS and tried. */
  replaceKey(): Promise<void>
  /** "Deposit the new key", and the touch. */
  depositNewKey(): Promise<void>
  /** This app shows that the key that was used is switched off. */
  oldKeyOff(): Promise<void>
  /** This app shows that this is still owed. */
  owes(what: string): Promise<void>
  exportBundle(): Promise<HandedFile>
  /** Takes a picture of the window, if there is one. */
  picture(name: string): Promise<void>
  close(): Promise<void>
}
