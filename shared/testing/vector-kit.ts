import { concat, utf8 } from '../bytes.ts'
import { jcs } from '../jcs.ts'
import type { VerifiedOf } from '../statements/door.ts'
import { type Craft, craft } from './craft.ts'
import { person } from './keys.ts'
import type { Setup } from './setup.ts'
import type { Touch } from './signing.ts'
import type { Vector } from './vector-file.ts'
import { membersOf } from './world.ts'

/** What faulty vectors are made from: valid statements, and ways to say them otherwise. */
export function kitOf(
  people: Setup['people'],
  valid: {
    readonly good: VerifiedOf<'decision'>
    readonly plain: VerifiedOf<'release'>
    readonly child: VerifiedOf<'roster'>
    readonly exported: VerifiedOf<'exported'>
    readonly read: VerifiedOf<'read'>
    readonly pruned: VerifiedOf<'pruned'>
    readonly grant: VerifiedOf<'grant'>
    readonly review: VerifiedOf<'review'>
    readonly aftercare: VerifiedOf<'aftercare'>
    readonly revoke: VerifiedOf<'revoke'>
    readonly revoked: VerifiedOf<'revoked'>
    readonly rotating: VerifiedOf<'rotating'>
    readonly rotated: VerifiedOf<'rotated'>
    readonly evidence: VerifiedOf<'evidence'>
    /** A plan with aftercare. */
    readonly careful: VerifiedOf<'plan'>
  },
) {
  const { good, plain, child } = valid
  const decision = (changes: object, how?: Craft) => craft('decision', jcs({ ...good.payload, ...changes }), true, how)
  const release = (changes: object, how?: Craft) => craft('release', jcs({ ...plain.payload, ...changes }), false, how)
  const erin = { by: person('erin') }
  const exported = (changes: object) => craft('exported', jcs({ ...valid.exported.payload, ...changes }), false, erin)
  const read = (changes: object) => craft('read', jcs({ ...valid.read.payload, ...changes }), false, erin)
  const grant = (changes: object) => craft('grant', jcs({ ...valid.grant.payload, ...changes }), false)
  const pruned = (ranges: object[]) => craft('pruned', jcs({ ...valid.pruned.payload, ranges }), true, erin)
  const review = (changes: object) => craft('review', jcs({ ...valid.review.payload, ...changes }), true, erin)
  const aftercare = (changes: object) => craft('aftercare', jcs({ ...valid.aftercare.payload, ...changes }), false)
  const carol = { by: person('carol') }
  const revoke = (changes: object, hardware = true) =>
    craft('revoke', jcs({ ...valid.revoke.payload, ...changes }), hardware, carol)
  const revoked = (changes: object) => craft('revoked', jcs({ ...valid.revoked.payload, ...changes }), false)
  const rotating = (changes: object, hardware = true) =>
    craft('rotating', jcs({ ...valid.rotating.payload, ...changes }), hardware, carol)
  const rotated = (changes: object) => craft('rotated', jcs({ ...valid.rotated.payload, ...changes }), false, carol)
  const evidence = (changes: object) => craft('evidence', jcs({ ...valid.evidence.payload, ...changes }), false, erin)
  /** The plan with aftercare, with other aftercare. */
  const planWith = (aftercare: object) => {
    const { payload } = valid.careful
    const changed = { ...payload, access: { ...payload.access, aftercare } }
    return craft('plan', jcs(changed), true, { by: person('alice') })
  }
  const text = (changed: (text: string) => string | Uint8Array, how?: Craft) => {
    const payload = changed(new TextDecoder().decode(jcs(plain.payload)))
    return craft('release', typeof payload === 'string' ? utf8(payload) : payload, false, how)
  }
  const roster = (changes: object) =>
    craft('roster', jcs({ ...child.payload, ...changes }), true, { by: person('alice') })
  const touched = (faults: Touch) => decision({}, { touch: faults })
  const first = membersOf(people)[1] as object
  const rosterWith = (changes: object) =>
    roster({ members: [...membersOf(people).slice(0, 1), { ...first, ...changes }] })
  const device = (keys: object) => {
    const { entry } = person('bob')
    return { device: { ...entry.device, keys: { ...entry.device.keys, ...keys } } }
  }
  const crowd = (size: number) =>
    membersOf(
      Object.fromEntries(Array.from({ length: size }, (_, at) => [`member ${at}`, { roles: ['admin'], groups: [] }])),
    )
  const clientData = (rest: string) =>
    `{"type":"webauthn.get","challenge":"${good.id}","origin":"https://lockbox.localhost","crossOrigin":false${rest}`
  const flags = (flags: number) => ({ flags })
  const hmac = (length: number) =>
    concat(Uint8Array.of(0xa1, 0x6b), utf8('hmac-secret'), Uint8Array.of(0x58, length), new Uint8Array(length).fill(9))

  return {
    decision,
    release,
    exported,
    read,
    pruned,
    grant,
    review,
    aftercare,
    revoke,
    revoked,
    rotating,
    rotated,
    evidence,
    planWith,
    valid,
    text,
    roster,
    touched,
    rosterWith,
    device,
    crowd,
    clientData,
    flags,
    hmac,
    good,
    plain,
    child,
  }
}

export type Kit = ReturnType<typeof kitOf>
/** What the door says, a name, what is wrong, and the envelope. */
export type Fault = [Vector['expect'], string, string, Uint8Array]
