import { readFileSync } from 'node:fs'
import * as z from 'zod'

// The two spellings of the set-up, read into one meaning: what CloudFormation or Terraform would make.

const ACCOUNT = '111122223333'
const DEPLOYER = 'arn:aws:iam::*:role/security-deployer'

/** A policy as IAM has it, each list a list. */
export interface Meaning {
  readonly user: { readonly name: string; readonly policy: unknown }
  readonly roles: Readonly<
    Record<string, { readonly seconds: number; readonly trust: unknown; readonly policy: unknown }>
  >
  /** Event patterns by the rule's name. */
  readonly alarms: Readonly<Record<string, { readonly state: string; readonly pattern: unknown }>>
  readonly topicPolicy: unknown
  readonly guardRail: unknown
}

const any = z.record(z.string(), z.unknown())
const json = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../docs/aws/${path}`, import.meta.url), 'utf8'))

/** What the CloudFormation templates say. */
export function fromCloudFormation(): Meaning {
  const template = z.object({
    Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: any })),
  })
  const resources = ['account', 'alarms', 'organization'].flatMap((name) =>
    Object.values(template.parse(filled(json(`${name}.template.json`))).Resources),
  )
  const of = (type: string) => resources.filter((one) => one.Type === type).map((one) => one.Properties)
  const inline = z.tuple([z.object({ PolicyDocument: z.unknown() })])
  const [user] = of('AWS::IAM::User')
  const [topic] = of('AWS::SNS::TopicPolicy')
  const [guard] = of('AWS::Organizations::Policy')
  return {
    user: { name: String(user?.['UserName']), policy: tidy(inline.parse(user?.['Policies'])[0].PolicyDocument) },
    roles: Object.fromEntries(
      of('AWS::IAM::Role').map((role) => [
        String(role['RoleName']),
        {
          seconds: Number(role['MaxSessionDuration']),
          trust: tidy(role['AssumeRolePolicyDocument']),
          policy: tidy(inline.parse(role['Policies'])[0].PolicyDocument),
        },
      ]),
    ),
    alarms: Object.fromEntries(
      of('AWS::Events::Rule').map((rule) => [
        String(rule['Name']),
        { state: String(rule['State']), pattern: rule['EventPattern'] },
      ]),
    ),
    topicPolicy: tidy(topic?.['PolicyDocument']),
    guardRail: tidy(guard?.['Content']),
  }
}

const REFERENCES: Readonly<Record<string, string>> = { AlarmTopic: 'the topic', DeployerArn: DEPLOYER }

/** With CloudFormation's own functions carried out. */
function filled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(filled)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [first] = entries
  if (entries.length === 1 && first?.[0] === 'Fn::Sub')
    return String(first[1]).replace('${AWS::Partition}', 'aws').replace('${AWS::AccountId}', ACCOUNT)
  if (entries.length === 1 && first?.[0] === 'Ref') return REFERENCES[String(first[1])] ?? `Ref ${String(first[1])}`
  return Object.fromEntries(entries.map(([key, part]) => [key, filled(part)]))
}

const document = z.object({
  statement: z.array(
    z.strictObject({
      sid: z.string(),
      effect: z.string(),
      principals: z.array(z.object({ type: z.string(), identifiers: z.array(z.string()) })).optional(),
      actions: z.array(z.string()).optional(),
      not_actions: z.array(z.string()).optional(),
      resources: z.array(z.string()).optional(),
      not_resources: z.array(z.string()).optional(),
      condition: z.array(z.object({ test: z.string(), variable: z.string(), values: z.array(z.string()) })).optional(),
    }),
  ),
})
const terraform = z.object({
  data: z.object({ aws_iam_policy_document: z.record(z.string(), document) }),
  locals: any.optional(),
  resource: z.record(z.string(), z.record(z.string(), any)),
})

/** What the Terraform modules say. */
export function fromTerraform(): Meaning {
  const [account, alarms, organization] = ['account', 'alarms', 'organization'].map((name) =>
    terraform.parse(expanded(json(`terraform/${name}/main.tf.json`))),
  )
  if (!account || !alarms || !organization) throw new TypeError('three modules')
  const policyIn = (module: z.output<typeof terraform>, text: unknown) => {
    const name = /^\$\{data\.aws_iam_policy_document\.(\w+)\.(?:minified_)?json\}$/.exec(String(text))?.[1] ?? ''
    const found = module.data.aws_iam_policy_document[name]
    if (!found) throw new TypeError(`no policy document ${String(text)}`)
    return policyOf(found)
  }
  const resources = (module: z.output<typeof terraform>, type: string) => Object.entries(module.resource[type] ?? {})
  const [, user] = resources(account, 'aws_iam_user_policy')[0] ?? []
  const [, named] = resources(account, 'aws_iam_user')[0] ?? []
  const policies = account.resource['aws_iam_role_policy'] ?? {}
  const pattern = (text: unknown) => alarms.locals?.[/^\$\{jsonencode\(local\.(\w+)\)\}$/.exec(String(text))?.[1] ?? '']
  return {
    user: { name: String(named?.['name']), policy: policyIn(account, user?.['policy']) },
    roles: Object.fromEntries(
      resources(account, 'aws_iam_role').map(([key, role]) => {
        if (policies[key]?.['role'] !== `\${aws_iam_role.${key}.id}`) throw new TypeError(`${key} has another's policy`)
        const trust = policyIn(account, role['assume_role_policy'])
        const policy = policyIn(account, policies[key]?.['policy'])
        return [String(role['name']), { seconds: Number(role['max_session_duration']), trust, policy }]
      }),
    ),
    alarms: Object.fromEntries(
      resources(alarms, 'aws_cloudwatch_event_rule').map(([, rule]) => [
        String(rule['name']),
        { state: String(rule['state']), pattern: pattern(rule['event_pattern']) },
      ]),
    ),
    topicPolicy: policyIn(alarms, alarms.resource['aws_sns_topic_policy']?.['alarm']?.['policy']),
    guardRail: policyIn(organization, organization.resource['aws_organizations_policy']?.['guard_rail']?.['content']),
  }
}

/** With the references that stand inside longer texts replaced. */
function expanded(value: unknown): unknown {
  if (typeof value === 'string')
    return value
      .replace('${data.aws_partition.here.partition}', 'aws')
      .replace('${data.aws_caller_identity.here.account_id}', ACCOUNT)
      .replace('${var.deployer_arn}', DEPLOYER)
      .replace('${aws_sns_topic.alarm.arn}', 'the topic')
  if (Array.isArray(value)) return value.map(expanded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, expanded(part)]))
}

/** Terraform's policy document as IAM's JSON. */
function policyOf({ statement }: z.output<typeof document>): unknown {
  return tidy({
    Version: '2012-10-17',
    Statement: statement.map((one) => ({
      Sid: one.sid,
      Effect: one.effect,
      ...(one.principals && { Principal: Object.fromEntries(one.principals.map((p) => [p.type, p.identifiers])) }),
      ...(one.actions && { Action: one.actions }),
      ...(one.not_actions && { NotAction: one.not_actions }),
      ...(one.resources && { Resource: one.resources }),
      ...(one.not_resources && { NotResource: one.not_resources }),
      ...(one.condition && {
        Condition: Object.fromEntries(one.condition.map((c) => [c.test, { [c.variable]: c.values }])),
      }),
    })),
  })
}

const LISTS = ['Action', 'NotAction', 'Resource']

/** A policy with a list wherever IAM takes one text or several. */
function tidy(policy: unknown): unknown {
  const { Version, Statement } = z.object({ Version: z.string(), Statement: z.array(any) }).parse(policy)
  return {
    Version,
    Statement: Statement.map((one) =>
      Object.fromEntries(
        Object.entries(one).map(([key, part]) => [key, LISTS.includes(key) && !Array.isArray(part) ? [part] : part]),
      ),
    ),
  }
}
