import { utf8 } from '../../shared/bytes.ts'
import type { Party } from '../in-process/party.ts'
import { planForm } from '../in-process/world.ts'
import type { Actor, AfterwardsFacts, HandedFile, Part, SandboxFacts } from './actor.ts'

/** A person whose app has no window: every step is a call of the contract. */
export class PartyActor implements Actor {
  readonly name: string
  readonly #party: Party

  constructor(party: Party) {
    this.#party = party
    this.name = party.name
  }

  setUp = () => this.#party.setUp()
  joinCard = ({ roles, groups }: Part): Promise<HandedFile> =>
    this.#party.call.people.card({ roles: [...roles], groups: [...groups] })

  async found(
    organization: string,
    cards: readonly { readonly file: HandedFile; readonly part: Part }[],
  ): Promise<HandedFile> {
    const { people } = this.#party.call
    const members = []
    for (const { file, part } of cards)
      members.push({
        card: (await people.readCard({ ...file })).digest,
        roles: [...part.roles],
        groups: [...part.groups],
      })
    await this.#party.sign(people.found({ organization, members }))
    return people.draftFile({ roster: await this.#draft() })
  }

  /** Reviews the first case that owes it and that this person took no part in: a real emergency, and nothing odd. */
  async review(why: string): Promise<void> {
    const { id } = await this.#party.until('a case to review', ({ cases }) =>
      cases.find(({ mine, obligations }) => mine.mayReview && obligations.some(({ code }) => code === 'review')),
    )
    const plain = <Answer extends string>(answer: Answer) => ({ answer, text: '' })
    await this.#party.sign(
      this.#party.call.cases.review({
        request: id,
        classification: 'real',
        necessary: { answer: 'yes', text: why },
        justified: plain('yes'),
        duration: plain('enough'),
        ordinary: plain('no'),
        suspicious: plain('no'),
      }),
    )
  }

  readDraft = async (file: HandedFile) => {
    const { draft } = await this.#party.call.exchange.readFile({ ...file })
    if (draft === null) throw new Error(`there is no draft in ${file.name}`)
  }
  words = () => this.#party.until('the 12 words', ({ drafts }) => drafts[0]?.words)
  endorseFounding = async (_heard: readonly string[]) =>
    this.#party.sign(this.#party.call.endorse.draft({ of: await this.#draft(), compared: true }))
  address = () => this.#party.until('an address', ({ exchange }) => exchange.addresses[0])
  typeAddress = async (address: string) => this.#party.call.exchange.addAddress({ address })
  founded = () => this.#see('the organization', ({ stage }) => stage === 'member')
  reaches = (count: number) =>
    this.#see(`${count} others`, ({ exchange }) => exchange.peers.filter(({ connected }) => connected).length >= count)

  async proposePlan(sandbox: SandboxFacts, threshold: number, afterwards?: AfterwardsFacts): Promise<void> {
    const form = await planForm(this.#party, sandbox, threshold)
    const access = afterwards === undefined ? form.access : { ...form.access, aftercare: afterwards }
    await this.#party.sign(this.#party.call.plans.draft({ ...form, access }))
  }

  async endorsePlan(): Promise<void> {
    const of = await this.#party.until('a plan to endorse', ({ plans }) => plans[0]?.id)
    await this.#party.sign(this.#party.call.endorse.draft({ of, compared: false }))
  }

  /** Accepts every plan in effect that its custodian has not accepted yet; there has to be one. */
  async acceptPlans(): Promise<void> {
    const plans = await this.#party.until('a plan to accept', (now) => {
      const mine = now.plans.filter(({ mustAccept }) => mustAccept)
      return mine.length > 0 && mine
    })
    for (const { id } of plans) await this.#party.sign(this.#party.call.endorse.draft({ of: id, compared: false }))
  }

  planInEffect = () => this.#see('the plan in effect', ({ plans }) => plans[0]?.state === 'effective')

  async deposit({ accessKey }: SandboxFacts): Promise<void> {
    const plan = await this.#party.until('the plan', ({ plans }) => plans[0]?.id)
    const key = {
      from: 'typed' as const,
      accessKeyId: accessKey.accessKeyId,
      secretAccessKey: utf8(accessKey.secretAccessKey),
    }
    await this.#party.sign(this.#party.call.credentials.deposit({ plan, key }))
  }

  async acceptShare(): Promise<void> {
    const of = await this.#party.until(
      'a share to accept',
      ({ generations }) => generations.find(({ mine }) => mine === 'accept')?.id,
    )
    await this.#party.sign(this.#party.call.endorse.draft({ of, compared: false }))
  }

  custodyProved = (number = 1) =>
    this.#see('custody proved by all', ({ generations }) =>
      generations.some(({ generation, state }) => generation === number && state === 'proven'),
    )

  async ask(what: string): Promise<void> {
    const plan = await this.#party.until('the plan', ({ plans }) => plans.find(({ mayAsk }) => mayAsk))
    const [emergency = ''] = plan.emergencies
    const [seconds = 0] = plan.durations
    await this.#party.sign(
      this.#party.call.cases.request({
        plan: plan.id,
        purpose: 'access',
        emergency,
        what,
        reference: 'INC-4711',
        seconds,
      }),
    )
  }

  approve = () => this.#decide('approve', '')
  deny = (reason: string) => this.#decide('deny', reason)
  granted = () => this.#see('the session', ({ sessions }) => sessions.some(({ here }) => here))

  async copySession(): Promise<string> {
    await this.#party.call.sessions.copy({ case: await this.#case(), as: 'environment' })
    return this.#party.clipboard
  }

  end = async () => this.#party.call.sessions.done({ case: await this.#case() })
  ended = () => this.#see('the confirmed end', ({ cases }) => cases[0]?.state === 'ended' && cases[0].grant?.confirmed)
  mayReplaceKey = async () => (await this.#party.snapshot()).cases[0]?.rotation?.may === 'begin'

  async replaceKey(): Promise<void> {
    await this.#party.sign(this.#party.call.cases.replaceKey({ request: await this.#case() }))
    await this.#see('the new key to deposit', ({ cases }) => cases[0]?.rotation?.may === 'deposit')
  }

  async depositNewKey(): Promise<void> {
    await this.#party.sign(this.#party.call.cases.depositNewKey({ request: await this.#case() }))
  }

  oldKeyOff = () => this.#see('the old key off', ({ cases }) => cases[0]?.rotation?.at === 'delete')
  owes = (what: string) => this.#see(what, ({ cases }) => cases[0]?.obligations.some(({ says }) => says.includes(what)))
  exportBundle = () => this.#party.call.log.export({ scope: 'all' })
  picture = async () => undefined
  close = () => this.#party.quit()

  #draft = () => this.#party.until('the draft', ({ drafts }) => drafts[0]?.id)
  #case = () => this.#party.until('the case', ({ cases }) => cases[0]?.id)

  async #decide(verdict: 'approve' | 'deny', reason: string): Promise<void> {
    await this.#party.sign(this.#party.call.cases.decide({ request: await this.#case(), verdict, reason }))
  }

  async #see(what: string, look: Parameters<Party['until']>[1]): Promise<void> {
    await this.#party.until(what, look, 60_000)
  }
}
