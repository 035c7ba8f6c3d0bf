import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { join } from 'node:path'
import { sealBox } from '../../../main/boxes.ts'
import { digest, utf8 } from '../../../shared/bytes.ts'
import { generateBoxKey } from '../../../shared/secrets/box-key.ts'
import { deal } from '../../../shared/secrets/sharing.ts'
import { type BareFile, bareFile } from './disk.ts'
import { type BareConnection, BareTls } from './tls.ts'

const CUSTODIANS = 5
const random = (length: number) => Uint8Array.from(randomBytes(length))
const MADE_UP = digest(utf8('bare'))
/** As long as a deposit of five is, with its envelope; a box; an access key, encrypted. */
const [STATEMENT, BOX, CIPHERTEXT] = [3000, 112, 160].map((length) => randomBytes(length)) as [Buffer, Buffer, Buffer]

/** All that must happen between the touch that signs a deposit and five custodians who hold their shares. */
export class BareDeal {
  readonly #files: readonly BareFile[]
  readonly #keys = generateKeyPairSync('ed25519')
  readonly #touch = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  readonly #touched: Buffer
  readonly #boxKeys = Array.from({ length: CUSTODIANS }, () => generateBoxKey(random))
  #tls!: readonly BareTls[]
  #connections!: readonly BareConnection[]

  private constructor(dir: string) {
    this.#files = Array.from({ length: CUSTODIANS }, (_, at) => bareFile(join(dir, `bare-deal-${at}`)))
    this.#touched = sign('sha256', STATEMENT, this.#touch.privateKey)
  }

  static async open(dir: string): Promise<BareDeal> {
    const bare = new BareDeal(dir)
    bare.#tls = await Promise.all(
      bare.#files.slice(1).map((file) => BareTls.listen((message) => bare.#keep(file, message))),
    )
    bare.#connections = await Promise.all(bare.#tls.map((tls) => tls.connect()))
    return bare
  }

  async close(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()))
    await Promise.all(this.#tls.map((tls) => tls.close()))
    for (const file of this.#files) file.close()
  }

  /** A fresh sharing, three of five, and each share sealed to its custodian. */
  async split(): Promise<void> {
    const { shares } = deal({ threshold: 3, members: CUSTODIANS }, random)
    const sealed = this.#boxKeys.map(({ publicKey }, at) => {
      const { share, index } = shares[at] as (typeof shares)[number]
      return sealBox(publicKey, { ...CONTEXT, index }, share)
    })
    await Promise.all(sealed)
  }

  /** Signed once; kept by its author, and by the four others over connections that are open. */
  async tell(): Promise<void> {
    const signature = sign(null, STATEMENT, this.#keys.privateKey)
    const message = Buffer.concat([signature, STATEMENT, BOX, CIPHERTEXT])
    const [own] = this.#files as [BareFile]
    const others = this.#connections.map((connection) => connection.send(message))
    this.#keep(own, message)
    await Promise.all(others)
  }

  /** The statement is verified; it, the box and the encrypted credential are each on the medium. */
  #keep(file: BareFile, message: Buffer): void {
    const isGood =
      verify(null, STATEMENT, this.#keys.publicKey, message.subarray(0, 64)) &&
      verify('sha256', STATEMENT, this.#touch.publicKey, this.#touched)
    if (!isGood) throw new Error('a bare signature is false')
    for (const part of [STATEMENT, BOX, CIPHERTEXT]) file.append(part)
  }
}

const CONTEXT = {
  purpose: 'share',
  organization: MADE_UP,
  deposit: MADE_UP,
  request: null,
  ready: null,
  from: MADE_UP,
  to: MADE_UP,
} as const
