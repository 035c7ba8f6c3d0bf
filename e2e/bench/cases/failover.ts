import { accessKeyBytes } from '../../../main/issuers/aws/access-key.ts'
import { awsIssuer } from '../../../main/issuers/aws/issuer.ts'
import type { Order } from '../../../main/issuers/issuer.ts'
import { digest, utf8 } from '../../../shared/bytes.ts'
import { type Sandbox, startSandbox } from '../../sandbox-aws/sandbox.ts'
import { assumeRole } from '../bare/sts.ts'
import type { BenchCase } from '../case.ts'
import { lineOf } from '../line.ts'
import { interleaved, timed } from '../measure.ts'

/** What a dead region costs: the first takes the connection and never says a word, the second is well. */
export const failover: BenchCase = {
  name: 'failover',
  async run({ effort, say }) {
    const sandbox = await startSandbox()
    const issuer = awsIssuer()
    const [dead, well] = sandbox.regions
    if (!dead || !well) throw new TypeError('the sandbox has two regions')
    const { roleArn, accessKey } = sandbox
    try {
      say('failover: the first region is dead without a word')
      const rounds = await interleaved(effort.rounds(5), {
        ours: () => {
          sandbox.fault({ kind: 'silent', done: false }, { region: dead.region })
          return timed(() => issuer.issue(orderFor(sandbox)))
        },
        bare: () => timed(() => assumeRole({ ...well, roleArn, ...accessKey })),
      })
      return [
        lineOf(
          {
            name: 'failover',
            what: 'a session although the first region is dead',
            bareIs: 'one call to the region that is well',
            unit: 'ms',
            targets: [{ most: 2000 }],
          },
          rounds,
        ),
      ]
    } finally {
      await sandbox.close()
    }
  },
}

function orderFor({ accessKey, roleArn, regions }: Sandbox): Order {
  return {
    credential: accessKeyBytes(accessKey),
    access: { kind: 'aws-sts', roleArn, sessionPolicy: null, regions: [...regions] },
    request: { id: digest(utf8('bench')), requester: 'bench', purpose: 'access', seconds: 900, reference: '' },
    attempt: 1,
  }
}
