import { utf8 } from '../../shared/bytes.ts'
import type { AwsTemplate } from '../../shared/ipc-values.ts'

/** What is saved, by what it sets up: those of docs/aws, which are bundled with main and exist nowhere else. Read when asked for alone. */
const FILES = {
  cloudformation: {
    account: ['account.template.json', () => import('../../docs/aws/account.template.json')],
    alarms: ['alarms.template.json', () => import('../../docs/aws/alarms.template.json')],
    organization: ['organization.template.json', () => import('../../docs/aws/organization.template.json')],
  },
  // Terraform takes any name that ends so, one module a folder.
  terraform: {
    account: ['lockbox-account.tf.json', () => import('../../docs/aws/terraform/account/main.tf.json')],
    alarms: ['lockbox-alarms.tf.json', () => import('../../docs/aws/terraform/alarms/main.tf.json')],
    organization: ['lockbox-organization.tf.json', () => import('../../docs/aws/terraform/organization/main.tf.json')],
  },
} as const satisfies Record<
  AwsTemplate['as'],
  Record<AwsTemplate['of'], readonly [string, () => Promise<{ default: unknown }>]>
>

/** A template of what AWS needs for a plan, as a file to save. */
export async function awsTemplate({ as, of }: AwsTemplate): Promise<{ name: string; bytes: Uint8Array }> {
  const [name, read] = FILES[as][of]
  return { name, bytes: utf8(`${JSON.stringify((await read()).default, null, 2)}\n`) }
}
