import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { digest } from '../../shared/bytes.ts'
import { unpack } from '../../shared/carriers/pack.ts'
import { compression } from '../compression.ts'
import { packsOf } from './packs.ts'
import { RelayStore } from './testing/people.ts'

function blobIn(store: RelayStore, bytes: Uint8Array): string {
  const id = digest(bytes)
  store.blobs.set(id, bytes)
  return id
}

async function sent(blobs: readonly Uint8Array[]) {
  const store = new RelayStore()
  const [id = ''] = store.add('ana: evidence')
  const named = []
  for (const blob of blobs) named.push(blobIn(store, blob))
  store.named.set(id, named)
  const packs = []
  for await (const content of packsOf({ store, about: store.about.bind(store) }, [id], new Set(named)))
    if (content.kind === 'pack') packs.push(unpack(content.pack, compression))
  return packs.map(({ statements, blobs: of }) => [statements.length, of.map(({ length }) => length)])
}

it('sends a statement with the blobs that it names, in one message if they fit', async () => {
  expect(await sent([randomBytes(1000), new Uint8Array(200_000)])).toEqual([[1, [1000, 200_000]]])
})

it('sends a statement without what is too much for a message, and each blob that fits', async () => {
  expect(await sent([randomBytes(40_000), randomBytes(90_000), randomBytes(41_000)])).toEqual([
    [1, []],
    [0, [40_000]],
    [0, [41_000]],
  ])
})
