import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodingFor, KIND_OF_TYPE, ownRoom, preAuthenticationEncoding, sharedRoom, typeOf } from './encoding.ts'

const kinds = [...KIND_OF_TYPE.values()]

describe('what is signed of a statement', () => {
  it('is its pre-authentication encoding, wherever it is put', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.uint8Array({ maxLength: 1200 }),
        fc.constantFrom(ownRoom, sharedRoom(4096)),
        (kind, said, room) => {
          const { signedBytes, payload } = encodingFor(kind, said.length, room)
          payload.set(said)
          expect(Array.from(signedBytes)).toEqual(Array.from(preAuthenticationEncoding(typeOf(kind), said)))
        },
      ),
    )
  })
})

describe('rooms side by side', () => {
  it('are as large as was asked and share nothing, also when there is none left', () => {
    fc.assert(
      fc.property(fc.nat(64), fc.array(fc.nat(32), { maxLength: 8 }), (size, asked) => {
        const room = sharedRoom(size)
        const rooms = asked.map((bytes) => room(bytes))
        for (const [at, one] of rooms.entries()) one.fill(at + 1)
        expect(rooms).toEqual(asked.map((bytes, at) => new Uint8Array(bytes).fill(at + 1)))
      }),
    )
  })
})
