import { toBase64Url } from '../bytes.ts'
import { type Dealing, deal } from '../secrets/sharing.ts'
import { seeded } from '../secrets/testing/setup.ts'
import type { VerifiedOf } from '../statements/door.ts'
import type { Deposit } from '../statements/kinds.ts'
import { keyId } from '../statements/member.ts'
import { digestOf, person, seedOf } from './keys.ts'
import { repeatableProof } from './signing.ts'
import { usualPlan } from './usual-plan.ts'
import { type Manner, type Said, type Standing, World } from './world.ts'

/** Founding, plans and deposits: what goes before any emergency. Each verb signs one statement, correct unless told otherwise. */
export class Preparation extends World {
  private readonly dealings = new Map<string, Dealing>()

  /** Founds the organization; everyone endorses genesis. */
  async found(people: Readonly<Record<string, Standing>>): Promise<VerifiedOf<'roster'>> {
    const [founder = ''] = Object.keys(people)
    const genesis = await this.draftRoster(founder, people)
    for (const name of Object.keys(people)) await this.endorse(name, genesis)
    return genesis
  }

  /** A new roster that these people endorse; from here on statements name it. */
  async changeRoster(
    by: string,
    people: Readonly<Record<string, Standing>>,
    endorsers: readonly string[],
    changes: Parameters<World['draftRoster']>[2] = {},
  ): Promise<VerifiedOf<'roster'>> {
    const roster = await this.draftRoster(by, people, changes)
    const joins = (name: string) =>
      roster.payload.members.some(({ device }) => keyId(device.keys.statement) === person(name).device)
    for (const name of endorsers) await this.endorse(name, roster, { roster: joins(name) ? roster : this.roster })
    this.roster = roster
    return roster
  }

  /** A plan that nobody has endorsed; of another plan's payload, what it says is taken and not who said it. */
  draftPlan(by: string, plan: Partial<Said<'plan'>>, manner: Manner = {}): Promise<VerifiedOf<'plan'>> {
    return this.sign('plan', by, said(usualPlan, plan), manner)
  }

  /** Deals a key under a plan. The shares stay in this story, for {@link proveCustody}. */
  async deposit(
    by: string,
    plan: VerifiedOf<'plan'>,
    changes: Partial<Deposit['header']> = {},
    manner: Manner = {},
  ): Promise<VerifiedOf<'deposit'>> {
    const { custodians, quorum, credential } = plan.payload
    const label = `${this.statements.length} ${by}`
    const dealing = deal({ threshold: quorum.count, members: custodians.length }, seeded(label))
    const header = {
      organization: this.organization,
      plan: plan.id,
      credential: credential.credential,
      generation: 1,
      accessKeyId: 'AKIAEXAMPLEEXAMPLE00',
      commitments: dealing.commitments.map((point) => toBase64Url(point)),
      custodians,
      nonce: toBase64Url(seedOf(`deposit ${label}`).subarray(0, 16)),
      ...changes,
    }
    const boxes = header.custodians.map((member) => digestOf(`box ${label} ${member}`))
    const deposit = await this.sign(
      'deposit',
      by,
      { header, ciphertext: digestOf(`ciphertext ${label}`), boxes },
      manner,
    )
    this.dealings.set(deposit.id, dealing)
    return deposit
  }

  /** Shows custody of a share; of the author's own unless told otherwise. */
  async proveCustody(
    by: string,
    deposit: VerifiedOf<'deposit'>,
    changes: { readonly index?: number; readonly nonce?: string; readonly share?: number } = {},
  ): Promise<VerifiedOf<'custody'>> {
    const { member } = person(by)
    const index = changes.index ?? deposit.payload.header.custodians.indexOf(member) + 1
    const nonce = changes.nonce ?? deposit.id
    const share = this.shareOf(deposit, changes.share ?? index)
    const context = { organization: this.organization, deposit: deposit.id, member, index, nonce }
    const proof = toBase64Url(repeatableProof(context, share))
    return this.sign('custody', by, { deposit: deposit.id, index, nonce, proof })
  }

  /** One share of a dealing. */
  shareOf(deposit: { readonly id: string }, index: number): Uint8Array {
    const share = this.dealings.get(deposit.id)?.shares.find((one) => one.index === index)?.share
    if (share === undefined) throw new TypeError(`this story dealt no share ${index}`)
    return share
  }

  /** These people accept a deposit and prove that they hold their shares. */
  async hold(deposit: VerifiedOf<'deposit'>, names: readonly string[]): Promise<void> {
    for (const name of names) {
      await this.endorse(name, deposit)
      await this.proveCustody(name, deposit)
    }
  }
}

function said<T extends object>(usual: T, changes: Partial<T>): T {
  const own = Object.entries({ ...usual, ...changes }).filter(([field]) => Object.hasOwn(usual, field))
  return Object.fromEntries(own) as T
}
