import type { IAMClient } from '@aws-sdk/client-iam'
import type { Keys } from '../client.ts'
import { iam, sts } from '../load-sdk.ts'
import { roleNameOf } from '../narrow.ts'
import { type Asking, askIamOnce, askSts } from './calls.ts'
import { emergencyRoles, identityOf, type SetupFacts, type Told, userOf } from './facts.ts'

const TIMEOUT_MS = 5000

/** The policies of a user or role. */
export interface Attached {
  /** Names of those that are attached. */
  readonly policies: Told<readonly string[]>
  /** Inline policies: their texts. */
  readonly inline: Told<readonly { readonly name: string; readonly text: string }[]>
}

/** A role as IAM has it. */
export interface ReadRole extends Attached {
  readonly is: 'role' | 'revoker' | 'rotator'
  readonly arn: string
  readonly trust: Told<string>
}

/** What was read with other credentials than the emergency key. No secrets. */
export interface ReadFacts {
  /** Whose credentials read. */
  readonly reader: Told<string>
  /** The emergency user; null if it is not known who that is. */
  readonly user:
    | (Attached & { readonly arn: string; readonly groups: Told<readonly string[]>; readonly password: Told })
    | null
  readonly roles: readonly ReadRole[]
}

type Send<Good> = (client: IAMClient, signal: { readonly abortSignal: AbortSignal }) => Promise<Good>

/**
 * Reads at IAM what the emergency key can never see. It changes nothing.
 *
 * @param facts - what was seen with the emergency key.
 * @param keys - of whoever may read in the account, such as with AWS's policy SecurityAudit.
 * @param timeoutMs - of one call.
 */
export async function readFacts(facts: SetupFacts, keys: Keys, timeoutMs = TIMEOUT_MS): Promise<ReadFacts> {
  const { setup } = facts
  const [at = setup.iam] = setup.regions
  const asking = { at: setup.iam, keys, timeoutMs }
  const arn = identityOf(facts)
  const roles = [
    ...emergencyRoles(setup).map((role) => ['role', role] as const),
    ...(setup.revoker === null ? [] : [['revoker', setup.revoker] as const]),
    ...(setup.rotator === null ? [] : [['rotator', setup.rotator] as const]),
  ]
  const [reader, user, ...read] = await Promise.all([
    readerOf({ at, keys, timeoutMs }),
    arn === null || userOf(arn) === null ? null : userFacts(asking, arn),
    ...roles.map(([is, role]) => roleFacts(asking, is, role)),
  ])
  return { reader, user, roles: read }
}

async function readerOf(asking: Asking): Promise<Told<string>> {
  const { GetCallerIdentityCommand } = await sts()
  const { told } = await askSts(asking, (client, signal) => client.send(new GetCallerIdentityCommand({}), signal))
  return mapped(told, ({ Arn }) => Arn)
}

async function userFacts(asking: Asking, arn: string): Promise<ReadFacts['user']> {
  const sdk = await iam()
  const UserName = userOf(arn) ?? ''
  const ask = <Good>(send: Send<Good>) => askIamOnce(asking, send)
  const found = mapped(
    await ask((client, signal) => client.send(new sdk.GetUserCommand({ UserName }), signal)),
    ({ User }) => (User?.Arn === arn ? arn : undefined),
  )
  // A user of that name in the reader's own account is another user.
  if (found.is !== 'done') return { arn, policies: found, inline: found, groups: found, password: { is: 'unasked' } }
  const [policies, inline, groups, password] = await Promise.all([
    ask((client, signal) => client.send(new sdk.ListAttachedUserPoliciesCommand({ UserName }), signal)),
    ask((client, signal) => client.send(new sdk.ListUserPoliciesCommand({ UserName }), signal)),
    ask((client, signal) => client.send(new sdk.ListGroupsForUserCommand({ UserName }), signal)),
    ask((client, signal) => client.send(new sdk.GetLoginProfileCommand({ UserName }), signal)),
  ])
  return {
    arn,
    policies: attachedIn(policies),
    inline: await inlineIn(inline, (PolicyName) =>
      ask((client, signal) => client.send(new sdk.GetUserPolicyCommand({ UserName, PolicyName }), signal)),
    ),
    groups: mapped(groups, (good) => (isWhole(good) ? good.Groups?.map(({ GroupName = '' }) => GroupName) : undefined)),
    password: mapped(password, () => null),
  }
}

async function roleFacts(asking: Asking, is: ReadRole['is'], arn: string): Promise<ReadRole> {
  const sdk = await iam()
  const RoleName = roleNameOf(arn)
  const ask = <Good>(send: Send<Good>) => askIamOnce(asking, send)
  const trust = mapped(
    await ask((client, signal) => client.send(new sdk.GetRoleCommand({ RoleName }), signal)),
    ({ Role }) => (Role?.Arn === arn ? decoded(Role.AssumeRolePolicyDocument) : undefined),
  )
  // A role of that name in the reader's own account is another role.
  if (trust.is !== 'done') return { is, arn, trust, policies: trust, inline: trust }
  const [policies, inline] = await Promise.all([
    ask((client, signal) => client.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName }), signal)),
    ask((client, signal) => client.send(new sdk.ListRolePoliciesCommand({ RoleName }), signal)),
  ])
  return {
    is,
    arn,
    trust,
    policies: attachedIn(policies),
    inline: await inlineIn(inline, (PolicyName) =>
      ask((client, signal) => client.send(new sdk.GetRolePolicyCommand({ RoleName, PolicyName }), signal)),
    ),
  }
}

/** AWS gives an answer in parts, and what is on a part that was not read may be the very thing. */
const isWhole = ({ IsTruncated }: { readonly IsTruncated?: boolean | undefined }) => IsTruncated === false

type Listed<Item> = { readonly IsTruncated?: boolean | undefined } & Item

function attachedIn(
  told: Told<
    Listed<{ readonly AttachedPolicies?: readonly { readonly PolicyName?: string | undefined }[] | undefined }>
  >,
): Told<readonly string[]> {
  return mapped(told, (good) =>
    isWhole(good) ? good.AttachedPolicies?.map(({ PolicyName = '' }) => PolicyName) : undefined,
  )
}

async function inlineIn(
  told: Told<Listed<{ readonly PolicyNames?: readonly string[] | undefined }>>,
  read: (name: string) => Promise<Told<{ readonly PolicyDocument?: string | undefined }>>,
): Promise<Attached['inline']> {
  const names = mapped(told, (good) => (isWhole(good) ? good.PolicyNames : undefined))
  if (names.is !== 'done') return names
  const texts = await Promise.all(
    names.good.map(async (name) => ({
      name,
      told: mapped(await read(name), ({ PolicyDocument }) => decoded(PolicyDocument)),
    })),
  )
  const good: { name: string; text: string }[] = []
  for (const { name, told: one } of texts) {
    if (one.is !== 'done') return one
    good.push({ name, text: one.good })
  }
  return { is: 'done', good }
}

/** IAM gives documents in the encoding of addresses. */
function decoded(document: string | undefined): string | undefined {
  try {
    return document === undefined ? undefined : decodeURIComponent(document)
  } catch {
    return undefined
  }
}

/** An answer that lacks what it should have is none. */
function mapped<Good, Want>(told: Told<Good>, take: (good: Good) => Want | undefined): Told<Want> {
  if (told.is !== 'done') return told
  const good = take(told.good)
  return good === undefined ? { is: 'unreached', code: 'invalid' } : { is: 'done', good }
}
