import { type Digest, toBase64Url } from '../../shared/bytes.ts'
import { LockboxError } from '../../shared/errors.ts'
import { type Checkpoint, checkpointFrom, formatCheckpoint } from '../../shared/ledger/checkpoint.ts'
import { verifyCosignature } from '../../shared/ledger/cosignature.ts'
import type { NoteSignature } from '../../shared/ledger/note.ts'
import { deviceId } from '../../shared/statements/member.ts'
import type { WitnessAnswer, WitnessRequest } from '../exchange/exchange.ts'
import type { Device } from './device.ts'
import { ledgerKeyOf } from './ledger-keys.ts'
import { verifyOnNote } from './note-checks.ts'
import type { WitnessWay } from './ports.ts'

/** One checkpoint of ours that others are asked to cosign. */
export interface Question {
  readonly device: Device
  readonly way: WitnessWay
  readonly devices: readonly Digest[]
  readonly checkpoint: Checkpoint
  /** The size of the largest head of ours that a device cosigned, as far as is known here; 0 if none. */
  readonly from: (device: Digest) => number
  /** Keeps a good cosignature. */
  readonly keep: (signature: NoteSignature) => Promise<void>
  /** Whether this device signed a head that a witness shows. */
  readonly isOwnHead: (head: Checkpoint) => Promise<boolean>
}

/** What came of asking one device: null if it cosigned, else why not. */
export interface Answered {
  readonly device: Digest
  readonly refused: string | null
}

/** Asks these devices at once, so that one whose disk or network is slow keeps nobody waiting. Never rejects. */
export function askAll(question: Question): Promise<Answered>[] {
  return question.devices.map(async (device) => ({ device, refused: await askOne(question, device) }))
}

async function askOne(question: Question, of: Digest): Promise<string | null> {
  const { device } = question
  const member = device.org()?.head.roster.members.find((one) => deviceId(one) === of)?.member ?? ''
  const { name } = device.names()(member)
  try {
    const why = await refusal(question, of)
    return why === null ? null : `${name}’s device refused (${why})`
  } catch (error) {
    return `${name}’s device: ${error instanceof LockboxError ? error.message : 'no answer'}`
  }
}

/** Null if it cosigned, else why not. */
async function refusal(question: Question, of: Digest): Promise<string | null> {
  const { device, way, checkpoint, keep } = question
  const from = Math.min(question.from(of), checkpoint.size)
  const first = await way.requestWitness(of, requestFor(question, from))
  const answer = 'cosigned' in first ? first : ((await askAgain(question, of, first.last, from)) ?? first)
  if (!('cosigned' in answer)) return answer.refused
  const key = ledgerKeyOf(device, of)
  for (const signature of checkpointFrom(answer.cosigned)?.note.signatures ?? []) {
    if (key === null || signature.name !== key.name) continue
    if ((await verifyCosignature(checkpoint, signature, key, verifyOnNote)) === null) continue
    await keep(signature)
    return null
  }
  return 'no good cosignature'
}

/** The witness knows another head of ours than we thought: show that this one extends it. */
async function askAgain(
  question: Question,
  of: Digest,
  last: string | undefined,
  from: number,
): Promise<WitnessAnswer | null> {
  const before = last === undefined ? null : checkpointFrom(last)
  if (before === null || !(await question.isOwnHead(before))) return null
  if (before.size === from || before.size > question.checkpoint.size) return null
  return question.way.requestWitness(of, requestFor(question, before.size))
}

function requestFor({ device, checkpoint }: Question, from: number): WitnessRequest {
  const { ledger } = device.store
  const proof = from === 0 ? [] : ledger.consistencyProof(from, checkpoint.size)
  return { note: formatCheckpoint(checkpoint), proof: proof.map(toBase64Url), from }
}

/**
 * The device that cosigned first, those who are far being asked only once those who are near had so long, or all said no.
 *
 * @returns null once nobody did.
 */
export async function nearestFirst(
  near: readonly Promise<Answered>[],
  askFar: () => readonly Promise<Answered>[],
  headStartMs: number,
): Promise<Digest | null> {
  return (await settledWithin(firstOf(near), headStartMs)) ?? firstOf([...near, ...askFar()])
}

/** What comes of something, or null if that takes longer. */
export async function settledWithin<Result>(settled: Promise<Result>, ms: number): Promise<Result | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms)
  })
  const first = await Promise.race([settled, late])
  clearTimeout(timer)
  return first
}

/** The device that cosigned first, or null once none did. */
function firstOf(asked: readonly Promise<Answered>[]): Promise<Digest | null> {
  return Promise.any(asked.map(async (answer) => mustHaveCosigned(await answer))).catch(() => null)
}

function mustHaveCosigned({ device, refused }: Answered): Digest {
  if (refused !== null) throw new TypeError(refused)
  return device
}
