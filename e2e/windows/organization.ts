import { join } from 'node:path'
import { LanCarrier } from '../../main/exchange/carrier.ts'
import type { Actor } from '../drill/actor.ts'
import { PartyActor } from '../drill/party-actor.ts'
import { partOf } from '../drill/story.ts'
import { WindowActor } from '../drill/window-actor.ts'
import { type RunningApp, startApp } from '../driver.ts'
import { newWorld, type World } from '../in-process/world.ts'
import type { Sandbox, SandboxOptions } from '../sandbox-aws/sandbox.ts'
import { Hand } from './hand.ts'

const WORDS = ['--listen=127.0.0.1', '--no-discovery']

/** A person at a real window with software keys, so that app and machine may go and come back. */
export class Seat {
  readonly name: string
  readonly hand: Hand
  readonly #profile: string
  readonly #words: readonly string[]
  #app: RunningApp
  #actor: WindowActor

  private constructor(
    name: string,
    { profile, words }: Started,
    hand: Hand,
    { app, actor }: { app: RunningApp; actor: WindowActor },
  ) {
    this.name = name
    this.hand = hand
    this.#profile = profile
    this.#words = words
    this.#app = app
    this.#actor = actor
  }

  /** Starts an app with a window for somebody. @param dir - where profiles lie. @param words - more of its command line. */
  static async take(dir: string, name: string, words: readonly string[] = []): Promise<Seat> {
    const profile = join(dir, `${name}-window`)
    const hand = new Hand(name, join(dir, `${name}-keys.json`))
    return new Seat(name, { profile, words }, hand, await seated(name, { profile, words }, hand))
  }

  get app(): RunningApp {
    return this.#app
  }

  get actor(): WindowActor {
    return this.#actor
  }

  get page() {
    return this.#app.page
  }

  get profile(): string {
    return this.#profile
  }

  /** `kill -9`, and whatever happens before the app is started again. */
  async killAndRestart(meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
    await this.#app.kill()
    await meanwhile()
    const { app, actor } = await seated(this.name, { profile: this.#profile, words: this.#words }, this.hand)
    this.#app = app
    this.#actor = actor
  }
}

interface Started {
  readonly profile: string
  readonly words: readonly string[]
}

async function seated(
  name: string,
  { profile, words }: Started,
  hand: Hand,
): Promise<{ app: RunningApp; actor: WindowActor }> {
  const app = await startApp({ profile, words: [...WORDS, ...words] })
  return { app, actor: await WindowActor.at(app, name, join(profile, 'pictures'), (started) => hand.sitDown(started)) }
}

/** Four people: two at windows, two whose apps have none, on the LAN of this machine; and a sandbox AWS. */
export interface Organization {
  readonly world: World
  readonly ana: Seat
  readonly raj: Seat
  readonly mia: PartyActor
  readonly leo: PartyActor
  readonly actors: readonly [Actor, Actor, Actor, Actor]
  close(): Promise<void>
}

/** What an app is told so that it asks a sandbox, where it would ask AWS wherever its plans say. */
const insteadOfAws = ({ signIn, trails }: Sandbox): string[] => [
  `--aws-sign-in=${signIn}`,
  ...Object.entries(trails).map(([region, endpoint]) => `--aws-trail=${region}=${endpoint}`),
]

/**
 * Starts the four apps; nobody is set up yet.
 *
 * @param sessionSeconds - how long AWS lets a session live.
 * @param account - what is in the sandbox, if not its usual user and roles.
 */
export async function fourPeople(sessionSeconds: number, account: SandboxOptions = {}): Promise<Organization> {
  const world = await newWorld(sessionSeconds, account)
  const carrier = () => new LanCarrier([], { host: '127.0.0.1', discover: false })
  const seat = (name: string) => Seat.take(world.dir, name, insteadOfAws(world.sandbox))
  const [ana, raj] = await Promise.all([seat('Ana Ruiz'), seat('Raj Patel')])
  const mia = new PartyActor(await world.arrive('Mia Wong', { carrier }))
  const leo = new PartyActor(await world.arrive('Leo Novak', { carrier }))
  return {
    world,
    ana,
    raj,
    mia,
    leo,
    get actors(): [Actor, Actor, Actor, Actor] {
      return [ana.actor, raj.actor, mia, leo]
    },
    close: async () => {
      await Promise.all([ana.app.close(), raj.app.close()])
      await world.close()
    },
  }
}

/** Everybody's join card, with what they are to be: Ana asks, Leo audits, Raj and Leo are of the group "security". */
export async function cardsOf(actors: readonly Actor[]) {
  const cards = []
  for (const [at, actor] of actors.entries()) cards.push({ file: await actor.joinCard(partOf(at)), part: partOf(at) })
  return cards
}

/** Everybody types everybody else's address, so that whoever comes back finds the others. */
export async function introduce(actors: readonly Actor[]): Promise<void> {
  const addresses = await Promise.all(actors.map((actor) => actor.address()))
  await Promise.all(
    actors.map(async (actor, own) => {
      for (const [at, address] of addresses.entries()) if (at !== own) await actor.typeAddress(address)
    }),
  )
}
