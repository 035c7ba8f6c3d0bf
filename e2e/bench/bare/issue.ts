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
import { type BareConnection, BareTls } from './tls.ts'

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
const SIGNATURE_BYTES = 64

interface BareDevice {
  readonly file: BareFile
  readonly tls: BareTls
  /** By which others send to it. */
  readonly connection: BareConnection
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
}

/**
 * All that must happen between the approval that completes a quorum and the session in its requester's hands, once and in
 * a straight line: five devices, three shares, one witness, one call to STS. Every statement is signed, sent to the four others
 * over connections that are open, verified by each device and on each medium; nothing is computed from them, shown or queued.
 */
export class BareIssue {
  readonly #devices: BareDevice[] = []
  readonly #touch = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  readonly #touched: Buffer
  readonly #approver = generateKeyPairSync('ed25519')
  readonly #approved = sign(null, STATEMENT, this.#approver.privateKey)
  readonly #dealing: Dealing = deal(THRESHOLD, random)
  readonly #worker: BoxKey = generateBoxKey(random)
  readonly #recipient: BoxKey = generateBoxKey(random)
  readonly #sandbox: SandboxFacts
  readonly #ciphertext: Promise<Uint8Array>
  /** What a device does with what it is sent now. */
  #receive: (device: BareDevice, message: Buffer) => void = () => undefined

  private constructor(sandbox: SandboxFacts) {
    this.#sandbox = sandbox
    this.#touched = sign('sha256', STATEMENT, this.#touch.privateKey)
    this.#ciphertext = encryptCredential(this.#dealing.secret, HEADER, accessKeyBytes(sandbox.accessKey))
  }

  /** Makes the devices, and connects them. */
  static async open(dir: string, sandbox: SandboxFacts): Promise<BareIssue> {
    const bare = new BareIssue(sandbox)
    for (let at = 0; at < DEVICES; at++) {
      const tls = await BareTls.listen((message) => bare.#receive(device, message))
      const device: BareDevice = {
        file: bareFile(join(dir, `bare-${at}`)),
        tls,
        connection: await tls.connect(),
        keys: generateKeyPairSync('ed25519'),
      }
      bare.#devices.push(device)
    }
    return bare
  }

  async close(): Promise<void> {
    for (const { file, tls, connection } of this.#devices) {
      await connection.close()
      await tls.close()
      file.close()
    }
  }

  async run(): Promise<void> {
    const [requester, issuer, ...others] = this.#devices as [BareDevice, BareDevice, ...BareDevice[]]
    const [witness] = others as [BareDevice]
    this.#approval()
    const boxes: Uint8Array[] = []
    for (const [at, custodian] of others.slice(0, THRESHOLD.threshold).entries()) {
      const { index, share } = this.#dealing.shares[at] as Dealing['shares'][number]
      const box = await sealBox(this.#worker.publicKey, this.#release(index), share)
      custodian.file.append(box)
      await this.#tell(custodian, { to: issuer, box })
      boxes.push(box)
    }
    await this.#tell(issuer)
    await this.#cosign(issuer, witness)
    const session = await this.#session(boxes)
    const sealed = await sealBox(this.#recipient.publicKey, { purpose: 'handover', ...CONTEXT, index: null }, session)
    issuer.file.append(sealed)
    await this.#tell(issuer)
    await this.#tell(issuer, { to: requester, box: sealed })
    await openBox(this.#recipient, { purpose: 'handover', ...CONTEXT, index: null }, sealed)
  }

  /** The approval came: verified and kept by every device. */
  #approval(): void {
    for (const { file } of this.#devices) {
      expectGood(verify(null, STATEMENT, this.#approver.publicKey, this.#approved))
      expectGood(verify('sha256', STATEMENT, this.#touch.publicKey, this.#touched))
      file.append(STATEMENT)
    }
  }

  /** A statement: signed and kept by its author, then sent to all others, who verify and keep it; a box follows it to one of them. */
  async #tell(author: BareDevice, follows: { readonly to: BareDevice; readonly box: Uint8Array } | null = null) {
    const signature = sign(null, STATEMENT, author.keys.privateKey)
    author.file.append(STATEMENT)
    this.#receive = ({ file }, message) => {
      const end = SIGNATURE_BYTES + STATEMENT.length
      const [signed, statement] = [message.subarray(0, SIGNATURE_BYTES), message.subarray(SIGNATURE_BYTES, end)]
      expectGood(verify(null, statement, author.keys.publicKey, signed))
      file.append(statement)
      if (message.length > end) file.append(message.subarray(end))
    }
    const message = Buffer.concat([signature, STATEMENT])
    const others = this.#devices.filter((device) => device !== author)
    await Promise.all(
      others.map((device) =>
        device.connection.send(
          follows !== null && follows.to === device ? Buffer.concat([message, follows.box]) : message,
        ),
      ),
    )
  }

  async #cosign(issuer: BareDevice, witness: BareDevice): Promise<void> {
    const head = STATEMENT.subarray(0, 120)
    for (const [by, to] of [
      [issuer, witness],
      [witness, issuer],
    ] as const) {
      this.#receive = ({ file }, message) => {
        expectGood(verify(null, head, by.keys.publicKey, message))
        file.append(head)
      }
      await to.connection.send(sign(null, head, by.keys.privateKey))
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
