import type { Digest } from '../../shared/bytes.ts'
import type { Time } from '../sessions/session.ts'
import type { StartShell } from '../terminal/pty.ts'
import type { LockReason } from '../vault/types.ts'
import { Lookups } from './looking-up.ts'
import type { Host } from './ports.ts'
import { Revokers } from './revokers.ts'
import { Rotations } from './rotations.ts'
import { Terminals } from './terminals.ts'
import { Sessions } from './using.ts'

/** What the parts of {@link BesideVault} are. */
export interface BesideParts {
  readonly time: Time
  readonly host: Host
  /** Given what a recorded shell of a case's session shows; nobody looks at it if left out. */
  readonly onShown?: (id: Digest, text: string) => void
  /** How a recorded shell is started; the person's own on this computer if left out. */
  readonly startShell?: StartShell
  /** A sign-in endpoint in the place of AWS's, for a sandbox. */
  readonly signIn?: string | null
  /** CloudTrail in the place of AWS's, by region, for a sandbox. */
  readonly trails?: Readonly<Record<string, string>> | null
  /** Told how many events CloudTrail has answered about a case; nobody looks at it if left out. */
  readonly onLookedUp?: (id: Digest, read: number) => void
}

/**
 * What an app has beside its vault: sessions, what is done with them, and workers that deny or rotate at AWS. It is there from the
 * app's start to its end; each part knows itself what a lock leaves of it.
 */
export class BesideVault {
  readonly sessions: Sessions
  readonly revokers: Revokers
  readonly rotations: Rotations
  readonly terminals: Terminals
  readonly lookups: Lookups
  onChange: () => void = () => undefined

  constructor({ time, host, onShown, startShell, signIn, trails, onLookedUp }: BesideParts) {
    const changed = () => this.onChange()
    this.sessions = new Sessions(time, host, signIn ?? null)
    this.revokers = new Revokers(time)
    this.revokers.onChange = changed
    this.rotations = new Rotations(time)
    this.rotations.onChange = changed
    this.terminals = new Terminals({
      time,
      sessions: this.sessions,
      onShown: onShown ?? (() => undefined),
      ...(startShell ? { startShell } : {}),
    })
    this.terminals.onChange = changed
    this.lookups = new Lookups({
      time,
      sessions: this.sessions,
      instead: trails ?? null,
      onRead: onLookedUp ?? (() => undefined),
    })
    this.sessions.onChange = () => {
      this.terminals.heed()
      changed()
    }
  }

  /** The app locks. Resolves when what a lock ends is gone, and what was recorded is on the disk. */
  async locked(reason: LockReason): Promise<void> {
    this.lookups.stopAll()
    await Promise.all([this.terminals.locked(), this.sessions.locked(), this.rotations.locked(reason)])
  }

  /** The app ends, and all of it. @returns whether nothing of a session is on the clipboard. */
  async close(): Promise<boolean> {
    // First what signs calls, since sessions may take their time to end.
    this.lookups.stopAll()
    this.revokers.close()
    const shells = this.terminals.quit()
    const [isCleared] = await Promise.all([this.sessions.close(), this.rotations.close(), shells])
    return isCleared
  }
}
