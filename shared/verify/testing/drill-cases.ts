import type { VerifiedOf } from '../../statements/door.ts'
import { nameOf, person } from '../../testing/keys.ts'
import { grantedCase } from '../../testing/setup.ts'
import type { Standing } from '../../testing/world.ts'
import { exportedBytes, PEOPLE, type RecordedStory, wholeStory } from './exported.ts'
import type { Case } from './faults.ts'

const DAY = 24 * 60

/** What may become of a plan after its key was opened: nothing of it is a fault, but when the next drill is due differs. */
export async function drillCases(): Promise<Record<string, Case>> {
  const told = async (beforeExport: (story: RecordedStory) => Promise<unknown>): Promise<Case> => {
    const { exported } = await wholeStory({ beforeExport: async (story) => void (await beforeExport(story)) })
    return { bytes: await exportedBytes(exported), verdict: 'verified', first: null }
  }
  const planIn = (story: RecordedStory) => story.statements.find(({ kind }) => kind === 'plan') as VerifiedOf<'plan'>
  const key = async (story: RecordedStory, by: string, generation: number) => {
    const changes = { generation, accessKeyId: `AKIAEXAMPLEEXAMPLE0${generation}` }
    const deposit = await story.deposit(by, planIn(story), changes)
    await story.hold(deposit, ['bob', 'carol', 'dave', 'erin'])
    return deposit
  }
  const drill = async (story: RecordedStory, deposit: VerifiedOf<'deposit'>, plan = planIn(story)) =>
    grantedCase({ story, plan, deposit, people: PEOPLE }, 'alice', ['bob', 'carol'], 'bob', { purpose: 'drill' })
  const version = async (story: RecordedStory, changes: Partial<VerifiedOf<'plan'>['payload']>) => {
    const plan = await story.draftPlan('alice', { ...planIn(story).payload, ...changes })
    for (const name of ['bob', 'carol']) await story.endorse(name, plan)
    return plan
  }
  // A story takes a second to sign, so each has several plans or changes.
  return {
    'a key that was never opened, after one that was, and a drill that is overdue': await told(async (story) => {
      await key(story, 'alice', 2)
      story.pass(91 * DAY)
    }),
    'a key dealt without an opening before, and two custodians with other devices: just enough hold it': await told(
      async (story) => {
        await key(story, 'alice', 2)
        await key(story, 'alice', 3)
        const { dave, erin, ...others } = PEOPLE
        const people = { ...others, 'dave/new phone': dave as Standing, 'erin/new phone': erin as Standing }
        await story.changeRoster('alice', people, ['alice', 'carol'])
      },
    ),
    'a drill by the device that dealt the key, and another plan with other issuers': await told(async (story) => {
      await drill(story, await key(story, 'bob', 2))
      await version(story, { plan: nameOf('other'), issuers: ['bob', 'dave'].map((name) => person(name).member) })
    }),
    'a new version of a plan that was not used, and a plan over a credential that nobody opened, dated ahead with its key':
      await told(async (story) => {
        await version(story, { predecessor: planIn(story).id })
        const credential = { ...planIn(story).payload.credential, credential: nameOf('second') }
        const { now } = story
        story.pass(30 * DAY)
        const plan = await story.draftPlan('alice', { ...planIn(story).payload, plan: nameOf('other'), credential })
        story.pass(1)
        const deposit = await story.deposit('alice', plan)
        story.now = now
        for (const name of ['bob', 'carol']) await story.endorse(name, plan)
        story.pass(1)
        await story.hold(deposit, ['bob', 'carol', 'dave', 'erin'])
      }),
    'a new version of a plan that was used': await told(async (story) => {
      const plan = await version(story, { predecessor: planIn(story).id })
      await drill(story, await key(story, 'alice', 2), plan)
    }),
  }
}
