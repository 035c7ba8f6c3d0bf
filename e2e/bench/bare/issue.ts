import { generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { join } from 'node:path'
import { openBox, sealBox } from '../../../main/boxes.ts'
import { accessKeyBytes, parseAccessKey } from '../../../main/issuers/aws/access-key.ts'
import { digest, utf8 } from '../../../shared/bytes.ts'
import type { BoxContext } from '../../../shared/secrets/box.ts'
import { type BoxKey, generateBoxKey } from '../../../shared/secrets/box-key.ts'
import { decryptCredential, encryptCredential } from '../../../shared/secrets/credential.ts'
import { combine, type Dealing, deal } from '../../../shared/secrets/sharing.ts'
import type { SandboxFacts } from '../sandbox-process.ts'
import { type BareFile, bareFile } from './disk.ts'
import { assumeRole } from './sts.ts'

const DEVICES = 5
const THRESHOLD = { threshold: 3, members: 5 }
const random = (length: number) => Uint8Array.from(randomBytes(length))
const MADE_UP = digest(utf8('bare'))
const CONTEXT = {
  organization: MADE_UP,
  deposit: MADE_UP,
  request: MADE_UP,
  ready: MADE_UP,
  from: MADE_UP,
  to: MADE_UP,
}
const HEADER = utf8('header')
const STATEMENT = randomBytes(1000)

interface BareDevice {
  readonly file: BareFile
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
}

/**
 * All that must happen between the approval that completes a quorum and the session in its requester's hands, once and in
 * a straight line: five devices, three shares, one witness, one call to STS. Every statement is signed, verified by each
 * device and on each medium; nothing is computed from them, shown, queued, or sent anywhere.
 */
export class BareIssue {
  readonly #devices: readonly BareDevice[]
  readonly #touch = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  readonly #touched: Buffer
  readonly #dealing: Dealing = deal(THRESHOLD, random)
  readonly #worker: BoxKey = generateBoxKey(random)
  readonly #recipient: BoxKey = generateBoxKey(random)
  readonly #sandbox: SandboxFacts
  readonly #ciphertext: Promise<Uint8Array>

  constructor(dir: string, sandbox: SandboxFacts) {
    this.#sandbox = sandbox
    this.#devices = Array.from({ length: DEVICES }, (_, at) => ({
      file: bareFile(join(dir, `bare-${at}`)),
      keys: generateKeyPairSync('ed25519'),
    }))
    this.#touched = sign('sha256', STATEMENT, this.#touch.privateKey)
    this.#ciphertext = encryptCredential(this.#dealing.secret, HEADER, accessKeyBytes(sandbox.accessKey))
  }

  close(): void {
    for (const { file } of this.#devices) file.close()
  }

  async run(): Promise<void> {
    const [requester, issuer, ...others] = this.#devices as [BareDevice, BareDevice, ...BareDevice[]]
    const [witness] = others as [BareDevice]
    this.#tell(issuer, true)
    const boxes: Uint8Array[] = []
    for (const [at, custodian] of [issuer, ...others].slice(0, THRESHOLD.threshold).entries()) {
      const { index, share } = this.#dealing.shares[at] as Dealing['shares'][number]
      const box = await sealBox(this.#worker.publicKey, this.#release(index), share)
      custodian.file.append(box)
      this.#tell(custodian)
      issuer.file.append(box)
      boxes.push(box)
    }
    this.#tell(issuer)
    this.#cosign(issuer, witness)
    const session = await this.#session(boxes)
    const sealed = await sealBox(this.#recipient.publicKey, { purpose: 'handover', ...CONTEXT, index: null }, session)
    issuer.file.append(sealed)
    this.#tell(issuer)
    this.#tell(issuer)
    requester.file.append(sealed)
    await openBox(this.#recipient, { purpose: 'handover', ...CONTEXT, index: null }, sealed)
  }

  /** A statement: signed once, then verified and kept by every device. */
  #tell(author: BareDevice, touched = false): void {
    const signature = sign(null, STATEMENT, author.keys.privateKey)
    for (const { file } of this.#devices) {
      expectGood(verify(null, STATEMENT, author.keys.publicKey, signature))
      if (touched) expectGood(verify('sha256', STATEMENT, this.#touch.publicKey, this.#touched))
      file.append(STATEMENT)
    }
  }

  #cosign(issuer: BareDevice, witness: BareDevice): void {
    const head = STATEMENT.subarray(0, 120)
    for (const [by, to] of [
      [issuer, witness],
      [witness, issuer],
    ] as const) {
      expectGood(verify(null, head, by.keys.publicKey, sign(null, head, by.keys.privateKey)))
      to.file.append(head)
    }
  }

  async #session(boxes: readonly Uint8Array[]): Promise<Uint8Array> {
    const shares = []
    for (const [at, box] of boxes.entries())
      shares.push({ index: at + 1, share: await openBox(this.#worker, this.#release(at + 1), box) })
    const secret = combine(shares, { ...THRESHOLD, commitments: this.#dealing.commitments })
    const key = parseAccessKey(await decryptCredential(secret, HEADER, await this.#ciphertext))
    const [region] = this.#sandbox.regions
    if (region === undefined) throw new TypeError('the sandbox has a region')
    return assumeRole({ ...region, ...key, roleArn: this.#sandbox.roleArn })
  }

  #release(index: number): BoxContext {
    return { purpose: 'release', ...CONTEXT, index }
  }
}

function expectGood(isGood: boolean): void {
  if (!isGood) throw new Error('a bare signature is false')
}
