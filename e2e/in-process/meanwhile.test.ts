import { expect, test } from 'vitest'
import { deskOf } from './mischief.ts'
import { approves, asks, caseOf } from './people.ts'
import { newFour } from './stories.ts'

test('a withdrawal that comes while the record is being acknowledged leaves the credential untouched', async () => {
  const { parties, plan, sandbox, world } = await newFour()
  const [ana, raj, mia, leo] = parties
  const reference = 'INC-W'
  await asks({ plan, reference })(ana, await ana.snapshot())
  const { id } = caseOf(await ana.snapshot(), reference) ?? { id: '' }
  for (const party of [raj, mia, leo]) {
    const { notary, device } = deskOf(party)
    const acknowledged = notary.witnessed.bind(notary)
    notary.witnessed = async (...ways) => {
      const by = await acknowledged(...ways)
      await ana.until('that it is being issued', (now) => caseOf(now, reference)?.state === 'issuing')
      await ana.call.cases.withdraw({ request: id, reason: 'found the key' })
      await party.until('the withdrawal', () => device.case(id)?.answerable === false)
      return by
    }
  }
  for (const party of [raj, mia, leo]) {
    await party.until('the request', (now) => caseOf(now, reference)?.mine.mayDecide === true)
    await approves(reference)(party, await party.snapshot())
  }
  await ana.until('why nothing came of it', () => deskOf(ana).device.case(id)?.attempts[0]?.failed != null)
  const one = deskOf(ana).device.case(id)
  expect(one?.attempts.map(({ failed }) => failed?.payload)).toMatchObject([{ code: 'not-approved', mayExist: false }])
  expect([one?.state, one?.grant]).toEqual(['withdrawn', null])
  expect(sandbox.log.filter(({ action }) => action === 'AssumeRole')).toEqual([])
  await world.close()
}, 120_000)
