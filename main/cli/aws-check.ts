import { parseArgs } from 'node:util'
import { fromUtf8 } from '../../shared/bytes.ts'
import { IAM_ENDPOINTS, partitionOfArn, stsEndpoint } from '../../shared/org/aws-partition.ts'
import { plainLine } from '../../shared/verify/words.ts'
import { type SetUpLine, type SetUpVerdict, VERDICT_WORDS, verdictOf } from '../../shared/views/set-up-lines.ts'
import { type AwsAccessKey, accessKeyFromFile, parseAccessKey, withSeed } from '../issuers/aws/access-key.ts'
import type { Endpoint, Keys } from '../issuers/aws/client.ts'
import { LookupError } from '../issuers/aws/lookup-error.ts'
import { readingKeysIn } from '../issuers/aws/reading-keys.ts'
import type { Setup } from '../issuers/aws/setup/facts.ts'
import { gatherFacts } from '../issuers/aws/setup/gather.ts'
import { linesOf, TEMPORARY } from '../issuers/aws/setup/lines.ts'
import { isPolicy } from '../issuers/aws/setup/policy.ts'
import { readFacts } from '../issuers/aws/setup/read.ts'
import { IssuerError } from '../issuers/issuer.ts'
import { FileError, readBounded } from '../read-bounded.ts'

/** Exit codes of `lockbox aws-check`; wrong use exits as `unknown` does. */
const EXIT = { right: 0, wrong: 1, unknown: 2 } as const

/** What a run takes from its surroundings. */
export interface Around {
  readonly stdin: AsyncIterable<Uint8Array>
  readonly print: (text: string) => void
}

const around: Around = { stdin: process.stdin, print: (text) => void process.stdout.write(text) }

/**
 * Runs `lockbox aws-check`.
 *
 * @param args - behind the word `aws-check`.
 * @returns the exit code, or in words how the command was used wrongly.
 */
export async function runAwsCheck(
  args: readonly string[],
  { stdin, print }: Around = around,
): Promise<number | { readonly wrong: string }> {
  try {
    const { file, seed, reader, setup, isJson } = await wantedOf(args)
    const key = await keyFrom(file, seed, stdin)
    const reading = reader === undefined ? null : await readingKeysFrom(reader)
    const lines = key === 'temporary' ? [TEMPORARY] : await checked(setup, key, reading)
    const verdict = verdictOf(lines)
    print(isJson ? `${JSON.stringify({ verdict, lines }, null, 2)}\n` : textOf(verdict, lines))
    return EXIT[verdict]
  } catch (error) {
    const isOfUse = [IssuerError, LookupError, FileError, TypeError].some((kind) => error instanceof kind)
    if (isOfUse && error instanceof Error) return { wrong: error.message }
    throw error
  }
}

async function checked(setup: Setup, key: AwsAccessKey, reading: Keys | null): Promise<readonly SetUpLine[]> {
  const facts = await gatherFacts(setup, key)
  return linesOf(facts, reading === null ? null : await readFacts(facts, reading))
}

const text = { type: 'string' } as const
const several = { type: 'string', multiple: true } as const
const OPTIONS = {
  role: several,
  region: several,
  iam: text,
  seconds: text,
  'external-id': text,
  mfa: text,
  seed: text,
  revoker: text,
  rotator: text,
  user: text,
  policy: text,
  reader: text,
  json: { type: 'boolean' },
} as const

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/
const MOST_FILE_BYTES = 64 * 1024

/** @throws {TypeError} with what was wrong about the use; @throws {FileError} */
async function wantedOf(args: readonly string[]) {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS })
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0)
    throw new TypeError(
      'expected one file with the key, or - for the standard input; a key never stands in the command',
    )
  const { role: roles = [], region: regions = [], mfa = null, seed = null } = values
  const [first] = roles
  if (first === undefined) throw new TypeError('expected --role=ARN, once for each emergency role')
  if (regions.length === 0) throw new TypeError('expected --region=REGION, once for each region of the plans')
  const arns = [...roles, values.revoker, values.rotator].filter((arn) => arn !== undefined)
  const odd = arns.find((arn) => !ROLE.test(arn))
  if (odd !== undefined) throw new TypeError(`this is not the ARN of a role: ${odd}`)
  if ((mfa === null) !== (seed === null)) throw new TypeError('--mfa=SERIAL and --seed=FILE go together')
  const seconds = Number(values.seconds ?? 3600)
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200)
    throw new TypeError('expected --seconds from 900 to 43200, as long as the longest session of the plans')
  const policy = values.policy === undefined ? null : await textOfFile(values.policy)
  if (policy !== null && !isPolicy(policy)) throw new TypeError('the file of --policy holds no policy')
  const setup: Setup = {
    roles: [...new Set(roles)].map((arn) => ({
      arn,
      seconds,
      externalId: values['external-id'] ?? null,
      policies: policy === null ? [] : [policy],
    })),
    behind: [],
    regions: regions.map((one) => endpointOf(one, stsEndpoint)),
    iam: iamOf(values.iam, first),
    mfa,
    revoker: values.revoker ?? null,
    rotator: values.rotator ?? null,
    user: values.user ?? null,
    sessionToken: false,
    others: [],
  }
  return { file, seed, reader: values.reader, setup, isJson: values.json ?? false }
}

/** `REGION` or `REGION=ADDRESS`. @throws {TypeError} */
function endpointOf(given: string, usual: (region: string) => string): Endpoint {
  const [region = '', ...rest] = given.split('=')
  const endpoint = rest.length > 0 ? rest.join('=') : usual(region)
  const isLocal = /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?\/?$/.test(endpoint)
  if (!/^[a-z0-9-]{1,64}$/.test(region)) throw new TypeError(`this is not the name of a region: ${region}`)
  if (!isLocal && !/^https:\/\/[^/?#@]+\/?$/.test(endpoint))
    throw new TypeError(`expected an address that begins with https:// for ${region}`)
  return { region, endpoint }
}

function iamOf(given: string | undefined, role: string): Endpoint {
  if (given === undefined) return IAM_ENDPOINTS[partitionOfArn(role) ?? 'aws']
  return endpointOf(given, () => {
    throw new TypeError('expected --iam=REGION=ADDRESS')
  })
}

/** The key in a file or on the standard input; the bytes are wiped. @throws {IssuerError} @throws {FileError} */
async function keyFrom(file: string, seed: string | null, stdin: Around['stdin']): Promise<AwsAccessKey | 'temporary'> {
  const bytes = file === '-' ? await all(stdin) : await readBounded(file, MOST_FILE_BYTES)
  let credential: Uint8Array | null = null
  try {
    if (/\bASIA[A-Z0-9]{12}/.test(fromUtf8(bytes))) return 'temporary'
    credential = accessKeyFromFile(bytes)
    if (seed !== null) credential = withSeed(credential, await textOfFile(seed))
    return parseAccessKey(credential)
  } finally {
    bytes.fill(0)
    credential?.fill(0)
  }
}

/** Credentials that may read at IAM. @throws {LookupError} @throws {FileError} */
async function readingKeysFrom(path: string): Promise<Keys> {
  const bytes = await readBounded(path, MOST_FILE_BYTES)
  try {
    return readingKeysIn(bytes)
  } finally {
    bytes.fill(0)
  }
}

async function all(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const bytes = new Uint8Array(MOST_FILE_BYTES)
  let at = 0
  for await (const chunk of stream) {
    if (at + chunk.length > bytes.length) throw new TypeError('the standard input holds more than a key')
    bytes.set(chunk, at)
    chunk.fill(0)
    at += chunk.length
  }
  return bytes.subarray(0, at)
}

async function textOfFile(path: string): Promise<string> {
  const bytes = await readBounded(path, MOST_FILE_BYTES)
  try {
    return fromUtf8(bytes).trim()
  } finally {
    bytes.fill(0)
  }
}

function textOf(verdict: SetUpVerdict, lines: readonly SetUpLine[]): string {
  const each = lines.map(
    ({ check, says, words, source }) => `${says.padEnd(8)} ${check}: ${plainLine(words)}\n         ${source}\n`,
  )
  return `${verdict.toUpperCase()}: ${VERDICT_WORDS[verdict]}\n\n${each.join('')}`
}
