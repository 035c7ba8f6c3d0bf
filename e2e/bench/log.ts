import type { WholeStory } from '../../shared/verify/testing/exported.ts'
import { type Exported, exportOf, type RecordedStory, wholeStory } from '../../shared/verify/testing/exported.ts'

/** A log as an organization of five writes it, case after case, each from request to end; every signature is real. */
export async function logOf(size: number): Promise<Exported> {
  const { story, ...first } = await wholeStory()
  while (story.statements.length < size) await oneMoreCase(story, first)
  return exportOf(story)
}

async function oneMoreCase(story: RecordedStory, { plan, deposit }: Omit<WholeStory, 'story'>): Promise<void> {
  story.pass(24 * 60)
  const request = await story.ask('alice', plan)
  story.pass(1)
  const decisions = [await story.decide('bob', request), await story.decide('carol', request)]
  const ready = await story.ready('bob', request, deposit)
  const releases = [await story.release('bob', ready), await story.release('carol', ready)]
  const issuing = await story.issuing('bob', ready)
  const basis = { request, plan, ready, issuing, decisions, releases }
  const grant = await story.grant('bob', basis)
  await story.handOver('bob', grant)
  story.pass(10)
  await story.end('alice', grant, { confirmation: 'aws-refused' })
}
