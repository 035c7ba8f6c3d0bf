import { describe, expect, it } from 'vitest'
import { person } from '../testing/keys.ts'
import { setup } from '../testing/setup.ts'
import { namesIn } from './people.ts'
import { proofWords } from './proof.ts'
import { proofDetailsOf } from './proof-details.ts'
import { proofDetails } from './proof-views.ts'

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const ref = (name: string) => ({ member: person(name).member, name })
const keyNames = (name: string) => person(name).entry.authenticators.map((key) => key.name)

async function approved() {
  const told = await setup(...names)
  const request = await told.story.ask('alice', told.plan)
  const decision = await told.story.decide('bob', request, 'approve', { key: 1 })
  const org = told.story.org()
  return { ...told, request, decision, org, named: namesIn(org) }
}

describe('the proof of a statement', () => {
  it('names the key as its owner does, whether it proved its model, and that it checked its user', async () => {
    const { decision, org, named } = await approved()
    expect(proofWords(decision, org, named, 'in no other device’s checkpoint yet')).toBe(
      `with “${keyNames('bob')[1]}” (did not prove its model), user verified, in no other device’s checkpoint yet`,
    )
  })

  it('says of what only a device signed that only a device signed it', async () => {
    const { story, request, deposit, named } = await approved()
    const ready = await story.ready('bob', request, deposit)
    expect(proofWords(ready, story.org(), named, 'here')).toMatch(/^signed by bob’s device, /)
  })

  it('ends with how far others vouch for it', async () => {
    const { decision, org, named } = await approved()
    expect(proofWords(decision, org, named, 'in checkpoints of 3 other devices')).toMatch(
      /, in checkpoints of 3 other devices$/,
    )
  })

  it('takes a key’s name from the list of people that the statement names, whatever it is called since', async () => {
    const { story, decision, people, named } = await approved()
    const before = keyNames('bob')[1] ?? ''
    await story.changeRoster('alice', people, ['alice', 'bob', 'carol'])
    const org = story.org()
    expect(org.history).toHaveLength(2)
    const renamed = {
      ...org,
      history: org.history.map(({ id, roster }, at) => ({
        id,
        roster:
          at === 0
            ? roster
            : {
                ...roster,
                members: roster.members.map((member) => ({
                  ...member,
                  authenticators: member.authenticators.map((key) => ({ ...key, name: 'renamed' })),
                })),
              },
      })),
    }
    expect(proofWords(decision, renamed, named, 'here')).toContain(`“${before}”`)
    expect(proofWords(decision, { ...renamed, history: renamed.history.slice(1) }, named, 'here')).toContain(
      '“renamed”',
    )
    expect(proofWords(decision, { ...renamed, history: [] }, named, 'here')).toMatch(
      /^with a key that no list of people here has, user verified/,
    )
  })

  it('shows on demand where it stands, when it came, and what was signed, whole', async () => {
    const { decision, org, named } = await approved()
    const { time } = decision.payload
    const kept = { leaf: 7, size: 9, stands: 'so far', vouchers: [{ person: ref('carol'), at: time + 5000, size: 8 }] }
    const details = proofDetails.parse(
      proofDetailsOf(decision, org, named, { ...kept, how: 'by a code of bob’s', heard: time + 2000 }),
    )
    expect(details.stands).toBe('so far')
    expect(JSON.parse(details.payload)).toEqual(decision.payload)
    const rows = Object.fromEntries([...details.signed, ...details.place].map(({ label, value }) => [label, value]))
    expect(rows).toMatchObject({
      'Security key': `“${keyNames('bob')[1]}”`,
      Model: 'did not prove its model',
      'By which way': 'by a code of bob’s',
      'In this device’s log': 'entry 7 of 9, counted from 0',
      'In its author’s chain': `number ${decision.payload.sequence}`,
    })
    expect(rows['Came to this device']).toMatch(/, 2 s after the claimed time$/)
    const early = proofDetailsOf(decision, org, named, { ...kept, how: null, heard: time - 60_000 })
    expect(early.place.find(({ label }) => label === 'Came to this device')?.value).toMatch(
      /, 1 min before the claimed time: the clocks do not agree$/,
    )
  })
})
