import { expect, it } from 'vitest'
import { Requests } from './requests.ts'
import { exportedBytes, exportOf, wholeStory } from './testing/exported.ts'
import { reportOn } from './testing/reading.ts'

const { story, plan } = await wholeStory()
story.pass(24 * 60)
const first = await story.ask('alice', plan)
story.pass(20)
const second = await story.ask('alice', plan)
story.pass(20)
const third = await story.ask('alice', plan)
story.pass(24 * 60)
const alone = await story.ask('alice', plan)

it('each of several cases that were open at once names the others, in whatever order they are judged', async () => {
  const report = await reportOn(await exportedBytes(exportOf(story)))
  const named = new Map(
    report.cases.map(({ id, findings }) => [
      id,
      findings.flatMap((one) => (one.code === 'second-open-request' ? [one.id] : [])).sort(),
    ]),
  )
  const [a, b, c] = [first.id, second.id, third.id]
  expect([a, b, c, alone.id].map((id) => named.get(id))).toEqual([[b, c].sort(), [a, c].sort(), [a, b].sort(), []])
})

it('is let go once every case that needs it has had it', () => {
  const placed = [first, second].map((statement, at) => ({ file: 0, at, statement }))
  const requests = new Requests(placed)
  const idsOf = (id: string) => requests.take(id).map(({ statement }) => statement.id)
  expect(idsOf(first.id)).toEqual([first.id, second.id])
  expect(idsOf(second.id)).toEqual([second.id, first.id])
  expect(idsOf(first.id)).toEqual([])
})
