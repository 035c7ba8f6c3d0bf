import { type Digest, fromBase64Url } from '../../shared/bytes.ts'
import { mayBeSeenDenied } from '../../shared/case/aftercare-duties.ts'
import { diesAt, isOrderedToEnd, isOver } from '../../shared/case/grants.ts'
import type { Case, Grant } from '../../shared/case/types.ts'
import type { SessionView } from '../../shared/views/session-views.ts'
import type { ProcessCredentials } from '../handout/wire.ts'
import { signInOf } from '../issuers/aws/console-link.ts'
import type { Looked, LookupMeans, LookupOrder } from '../issuers/aws/lookup.ts'
import { type LiveSession, openSession, type SessionEnd, type Time } from '../sessions/session.ts'
import { wipe } from '../vault/sodium.ts'
import { keepAnswered, wasAnswered } from './answered.ts'
import { AppError } from './app-error.ts'
import { forgetRecipient, recipientKey } from './asking.ts'
import type { Device } from './device.ts'
import { heedDeniesBeside } from './harmed-session.ts'
import { grantOf, type Held, regionOf, skewHere } from './held-session.ts'
import type { CarrierPeer, Host } from './ports.ts'
import { SessionClipboard } from './session-clipboard.ts'
import { sessionView } from './session-view.ts'

type Ended = Omit<SessionEnd, 'how'> & { readonly how: SessionEnd['how'] | 'lost' }

/** What the owner is told when a program was first given a session: nothing of the case, since others may see it. */
const HANDED_OUT = 'A program on this computer was given your session. The session’s screen counts how often.'

/**
 * The requester's sessions. They live beside the vault, not in it: locking leaves a running session be, unless its plan
 * says otherwise, and what has to be recorded about its end waits for the next unlock.
 */
export class Sessions {
  readonly #time: Time
  readonly #host: Host
  readonly #held = new Map<Digest, Held>()
  readonly #failed = new Set<Digest>()
  readonly #signIn: string | null
  /** Counts locks: what was begun before one copies nothing after it. */
  #locks = 0
  readonly #clipboard: SessionClipboard
  onChange: () => void = () => undefined
  /** Called when what was copied could not be taken from the clipboard for a while; it is tried on. */
  onStuckClipboard: () => void = () => undefined

  /** @param signIn - a sign-in endpoint in the place of AWS's, for a sandbox; null for AWS's own. */
  constructor(time: Time, host: Host, signIn: string | null) {
    this.#time = time
    this.#host = host
    this.#signIn = signIn
    this.#clipboard = new SessionClipboard(time, host, {
      onChange: () => this.onChange(),
      onStuck: () => this.onStuckClipboard(),
    })
  }

  /** Opens what was handed over and records what ended. One call at a time. */
  async turn(device: Device, peers: readonly CarrierPeer[]): Promise<void> {
    for (const one of device.currentCases()) {
      if (!isUsedHere(device, one)) continue
      const held = this.#held.get(one.id)
      const grant = grantOf(one, held)
      if (grant === null) continue
      if (held === undefined) await this.#pickUp(device, one, grant, peers)
      else if (held.end === null) await this.#follow(device, one, grant, held)
      else if (device.standing.maySign) await this.#record(device, one, grant, held, held.end)
    }
  }

  /** Heeds who orders the end of a session that is here, and writes down how far it is. */
  async #follow(device: Device, one: Case, grant: Grant, held: Held): Promise<void> {
    const { live } = held
    const org = device.org()
    if (org !== null && live.ending() === null && isOrderedToEnd(org, grant))
      this.#endEarly(held, grant, one.id, 'revoked')
    // Nobody can deny it after all, or any more: nothing is left to ask AWS for.
    if (live.ending() !== null && !mayBeSeenDenied(grant, this.#time.now().wall)) live.done()
    if (live.ending() !== null && grant.revocations.length > 0) live.denied()
    if (live.ending() === null) heedDeniesBeside(device, grant, held)
    if (held.end !== null || !device.standing.maySign) return
    await this.#sayEnding(device, one, held)
    if (!live.wasOpen() || held.isKept) return
    await keepAnswered(device, held.grant)
    held.isKept = true
  }

  /** Ends its use here; what is left of it serves to ask AWS, if somebody may deny it. */
  #endEarly({ live }: Held, grant: Grant, id: Digest, how: 'done' | 'revoked'): void {
    if (mayBeSeenDenied(grant, this.#time.now().wall)) live.end(how)
    else live.done(how)
    this.#clipboard.clearOf(id)
    this.onChange()
  }

  /** Writes down, once, that a session is to end and is not seen to have. */
  async #sayEnding(device: Device, one: Case, held: Held): Promise<void> {
    const ending = held.live.ending()
    if (ending === null || held.isSaid) return
    held.isSaid = true
    const { how, at } = ending
    const said = { request: one.id, grant: held.grant, how, confirmation: 'none', wiped: false, at } as const
    try {
      await device.author.write('ended', device.pen(), said)
    } catch (error) {
      held.isSaid = false
      throw error
    }
  }

  /**
   * Opens a session that is not in memory: it was just handed over, or this app was restarted. One whose time ran out
   * meanwhile is opened only to ask AWS about its end; one that cannot be opened is then recorded as lost. One that a lock ended
   * before the restart stays ended.
   */
  async #pickUp(device: Device, one: Case, grant: Grant, peers: readonly CarrierPeer[]): Promise<void> {
    if (grant.ends.some(({ payload }) => payload.wiped)) return
    const { wall } = this.#time.now()
    if ((await this.#open(device, one, grant, peers)) || !device.standing.maySign) return
    const isSpent = !this.#failed.has(grant.id) && (await isKeySpent(device, one, grant))
    const how = isSpent ? 'done' : wall >= diesAt(grant) ? 'lost' : null
    if (how !== null) await this.#write(device, one, grant, { how, confirmation: 'none', wiped: true, at: wall })
  }

  /** @returns whether it is here now. */
  async #open(device: Device, one: Case, grant: Grant, peers: readonly CarrierPeer[]): Promise<boolean> {
    if (grant.handover === null || this.#failed.has(grant.id)) return false
    const locks = this.#locks
    const box = await device.shelf.look(grant.handover.payload.sealed)
    if (box === null) return false
    const privateKey = await openingKey(device, one, grant)
    if (privateKey === null) return false
    const { payload } = grant.statement
    const { basis } = payload
    const context = {
      organization: payload.organization,
      deposit: basis.deposit,
      request: one.id,
      ready: basis.ready,
      from: payload.device,
      to: device.id,
      index: null,
    }
    try {
      const term = { skewMs: skewHere(grant, peers), longestMs: one.request.payload.seconds * 1000 }
      const mayHaveRevoker = grant.plan.access.aftercare?.revoker !== undefined
      const deniable = mayHaveRevoker ? { wasOpen: await wasAnswered(device, grant.id) } : null
      const publicKey = fromBase64Url(one.request.payload.recipient)
      const handover = { box, privateKey, publicKey, context, grant: payload, term, deniable }
      const live = await openSession(handover, this.#time, () => this.onChange())
      const said = grant.ends.find(({ payload: end }) => end.device === device.id)?.payload
      if (said !== undefined) live.end(said.how === 'revoked' ? 'revoked' : 'done', said.at)
      this.#hold(one.id, {
        live,
        grant: grant.id,
        lockEnds: grant.plan.lockEndsSession,
        name: grant.plan.credential.name,
        signIn: () => signInOf(grant.plan.access, regionOf(grant), this.#signIn),
        handedOut: { times: 0, last: null },
        isSaid: said !== undefined,
        isKept: deniable?.wasOpen ?? false,
        besides: 0,
        isHarmTold: false,
        end: null,
        recording: null,
      })
      // The app was locked meanwhile.
      if (grant.plan.lockEndsSession && locks !== this.#locks) live.done()
      return true
    } catch (error) {
      this.#failed.add(grant.id)
      device.notes.failure('Opening the session', error, 'Ask again; the session that was issued dies by itself.')
      return false
    } finally {
      wipe(privateKey)
    }
  }

  #hold(id: Digest, held: Held): void {
    this.#held.set(id, held)
    void held.live.ended.then((end) => {
      held.end = end
      this.#clipboard.clearOf(id)
      this.onChange()
    })
    this.onChange()
  }

  #record(device: Device, one: Case, grant: Grant, held: Held, end: SessionEnd): Promise<void> {
    held.recording ??= this.#write(device, one, grant, end).then(
      () => void this.#held.delete(one.id),
      (error: unknown) => {
        held.recording = null
        throw error
      },
    )
    return held.recording
  }

  /** Writes down that a session ended, then deletes what could still open it. */
  async #write(device: Device, one: Case, { id: grant, handover }: Grant, end: Ended): Promise<void> {
    const { how, confirmation, wiped, at } = end
    await device.author.write('ended', device.pen(), { request: one.id, grant, how, confirmation, wiped, at })
    await forgetRecipient(device, one.request.payload.recipient)
    const sealed = handover?.payload.sealed
    if (sealed !== undefined) await device.shelf.delete(sealed)
  }

  /**
   * Hands a session to a program of this computer, and counts it. The caller sees to it that the vault is open.
   *
   * @param id - its case; null for the only session that is live.
   * @throws {AppError} `no-session`, `several-sessions`; {SessionError} `over`.
   */
  handOut(id: Digest | null): ProcessCredentials {
    const held = id === null ? this.#only() : this.#find(id)
    const credentials = held.live.processCredentials()
    const { handedOut } = held
    handedOut.last = this.#time.now().wall
    // Only the first calls: a tool may ask for each of its calls.
    if (++handedOut.times === 1) void this.#host.notify('Lockbox', HANDED_OUT).catch(() => undefined)
    this.onChange()
    return credentials
  }

  #only(): Held {
    const live = [...this.#held].filter(([, { end, live }]) => end === null && live.isUsable())
    const [one] = live
    if (one === undefined)
      throw new AppError(
        'no-session',
        'No session is live in this app. Ask for access in Lockbox, or wait until the session that was granted has come.',
      )
    if (live.length === 1) return one[1]
    const names = live.map(([id, { name }]) => `--case=${id} (${name})`)
    throw new AppError(
      'several-sessions',
      `Several sessions are live. Use the profile that the right one’s screen shows, or say which: ${names.join(', ')}.`,
    )
  }

  /**
   * A session for a shell that this app starts.
   *
   * @throws {AppError} `no-session`; {SessionError} `over`.
   */
  environment(id: Digest): ReturnType<LiveSession['environment']> & { readonly grant: Digest } {
    const { live, grant } = this.#find(id)
    return { ...live.environment(), grant }
  }

  /**
   * Asks CloudTrail about a case with its session.
   *
   * @throws {AppError} `no-session`; {SessionError} `over`; as `lookUp` of `issuers/aws/lookup.ts`.
   */
  async lookUp(id: Digest, order: LookupOrder, means: LookupMeans): Promise<Looked> {
    return this.#find(id).live.lookUp(order, means)
  }

  /** Whether a session is here and can be used. */
  isUsable(id: Digest): boolean {
    const held = this.#held.get(id)
    return held !== undefined && held.end === null && held.live.isUsable()
  }

  /** Puts a session on the clipboard for a minute. @throws {AppError | SessionError} as {@link copyConsoleLink}. */
  async copy(id: Digest): Promise<void> {
    const { live } = this.#find(id)
    const lines = live.environmentLines(process.platform === 'win32' ? 'powershell' : 'posix')
    await this.#copySecret(id, lines, this.#whileUsable(live))
  }

  /**
   * Puts a link into the console on the clipboard, as secret as the session, for a minute.
   *
   * @throws {AppError | SessionError} if it is not here or over, or was locked meanwhile; {ConsoleError}.
   */
  async copyConsoleLink(id: Digest): Promise<void> {
    const { live, signIn } = this.#find(id)
    const mayStay = this.#whileUsable(live)
    const link = await live.consoleLink(signIn())
    mayStay()
    await this.#copySecret(id, link, mayStay)
  }

  /** @returns throws {AppError} once it was locked, or the session can no longer be used. */
  #whileUsable(live: LiveSession): () => void {
    const locks = this.#locks
    return () => {
      if (locks !== this.#locks) throw new AppError('locked', 'Lockbox was locked meanwhile; nothing was copied.')
      if (!live.isUsable()) throw new AppError('no-session', 'The session ended meanwhile; nothing was copied.')
    }
  }

  /** @param mayStay - throws if it may not stay on the clipboard. */
  async #copySecret(id: Digest, text: string, mayStay: () => void): Promise<void> {
    await this.#clipboard.put(text, id)
    try {
      mayStay()
    } catch (error) {
      await this.#clipboard.clear()
      throw error
    }
  }

  /** Puts the profile for the AWS CLI on the clipboard, which holds no secret then. @throws {AppError} `no-session`. */
  async copyProfile(device: Device, id: Digest): Promise<void> {
    this.#find(id)
    const profile = this.views(device).find((one) => one.case === id)?.profile
    if (!profile) throw new AppError('no-session', 'No program of this computer can be given this session.')
    await this.#clipboard.put(profile.text, null)
  }

  /** "I am done": not handed out any more from now on, and with an open vault written down before this resolves. */
  async done(id: Digest, device: Device | null): Promise<void> {
    const held = this.#find(id)
    const one = device?.case(id)
    const grant = one === undefined ? null : grantOf(one, held)
    if (!device || one === undefined || grant === null) return held.live.done()
    this.#endEarly(held, grant, id, 'done')
    if (held.live.ending() !== null) return this.#sayEnding(device, one, held)
    held.end = await held.live.ended
    await this.#record(device, one, grant, held, held.end)
  }

  #find(id: Digest): Held {
    const held = this.#held.get(id)
    if (held === undefined)
      throw new AppError(
        'no-session',
        'This session’s credentials are not in this app’s memory. If it still runs, it dies by itself when its time is over. For another session, take the profile that its screen shows.',
      )
    return held
  }

  /** The app locks: sessions whose plan says so end, and nothing of ours stays on the clipboard. */
  async locked(): Promise<void> {
    this.#locks++
    for (const { live, lockEnds, end } of this.#held.values()) if (lockEnds && end === null) live.done()
    await this.#clipboard.clear()
  }

  /** The app ends: everything is wiped. @returns whether nothing of it is on the clipboard. */
  async close(): Promise<boolean> {
    for (const { live, end } of this.#held.values()) if (end === null) live.done()
    return this.#clipboard.close()
  }

  /** The owner's sessions as the window shows them: those here, and those granted whose credentials are not here. */
  views(device: Device): Omit<SessionView, 'terminal'>[] {
    return device.currentCases().flatMap((one) => {
      const held = this.#held.get(one.id)
      const grant = grantOf(one, held)
      if (grant === null || !isUsedHere(device, one)) return []
      if (grant.ends.some(({ payload }) => payload.wiped)) return []
      const { wall } = this.#time.now()
      if (held === undefined && isOver(grant, wall)) return []
      const endsInMs = Math.max(0, diesAt(grant) - wall)
      const clipboardUntil = this.#clipboard.until(one.id)
      const { handoutCommand } = this.#host
      const hasCome = grant.handover !== null && device.shelf.has(grant.handover.payload.sealed)
      const around = { endsInMs, now: wall, hasCome, names: device.names(), clipboardUntil, handoutCommand }
      return [sessionView(one, grant, held, around)]
    })
  }
}

/**
 * The one-time key that a session was sealed to; the caller's to wipe. Where locking ends the session it is used once: after a
 * restart, which begins locked, nothing could open it again.
 */
async function openingKey(device: Device, { request }: Case, { plan }: Grant): Promise<Uint8Array | null> {
  const { recipient } = request.payload
  const key = await recipientKey(device, recipient)
  if (key === null || !plan.lockEndsSession) return key
  try {
    await forgetRecipient(device, recipient)
    return key
  } catch (error) {
    wipe(key)
    throw error
  }
}

/** Whether a session that locking ends was opened before, and this app was stopped since. */
async function isKeySpent(device: Device, { request }: Case, { plan, handover }: Grant): Promise<boolean> {
  if (!plan.lockEndsSession || handover === null) return false
  const key = await recipientKey(device, request.payload.recipient)
  if (key !== null) wipe(key)
  return key === null
}

/** Whether the session of a case is for this device to use; that of a rotation is for nobody. */
function isUsedHere({ id }: Device, { request: { payload } }: Case): boolean {
  return payload.device === id && payload.purpose !== 'rotation'
}
