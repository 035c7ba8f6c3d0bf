import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { fromUtf8 } from '../../shared/bytes.ts'
import { awsTemplate } from './aws-templates.ts'

it.each([
  ['cloudformation', 'account', 'account.template.json', 'account.template.json'],
  ['cloudformation', 'alarms', 'alarms.template.json', 'alarms.template.json'],
  ['cloudformation', 'organization', 'organization.template.json', 'organization.template.json'],
  ['terraform', 'account', 'lockbox-account.tf.json', 'terraform/account/main.tf.json'],
  ['terraform', 'alarms', 'lockbox-alarms.tf.json', 'terraform/alarms/main.tf.json'],
  ['terraform', 'organization', 'lockbox-organization.tf.json', 'terraform/organization/main.tf.json'],
] as const)('gives as %s for %s what stands in docs/aws, nothing more, in its order', async (as, of, name, path) => {
  const file = await awsTemplate({ as, of })
  const source: unknown = JSON.parse(await readFile(new URL(`../../docs/aws/${path}`, import.meta.url), 'utf8'))
  expect([file.name, fromUtf8(file.bytes)]).toEqual([name, `${JSON.stringify(source, null, 2)}\n`])
})
