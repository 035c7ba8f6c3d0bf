import { grantedCase, type Setup, setup } from './setup.ts'

export const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'] as const

/** Alice asked, bob and carol approved and released, bob's device issued and gave AWS the deny, and AWS refused a call since. Dave and erin took no part. */
export async function ended() {
  const told = await setup(...NAMES)
  const granted = await grantedCase(told, 'alice', ['bob', 'carol'], 'bob')
  await told.story.revoked('bob', granted.grant)
  await told.story.end('alice', granted.grant, { confirmation: 'aws-refused' })
  return { ...told, ...granted }
}

/** A newer key takes the place of the one that was used. */
export async function replaced({ story, plan }: Setup) {
  const deposit = await story.deposit('alice', plan, { generation: 2, accessKeyId: 'AKIAEXAMPLEEXAMPLE01' })
  await story.hold(deposit, NAMES.slice(1))
}

/** What a case comes to, as far as reviews matter to it. */
export function judged({ story, request }: Awaited<ReturnType<typeof ended>>) {
  const { obligations, refused, reviews, findings, classification } = story.case(request)
  return {
    owed: obligations.map(({ code }) => code),
    refused: refused.map(({ code }) => code),
    by: reviews.map(({ statement }) => statement.payload.member),
    findings: findings.map(({ code }) => code),
    classification,
  }
}
