import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { RELAY_CLASSES } from '../../shared/carriers/relay.ts'
import { BOX_OVERHEAD } from '../../shared/secrets/box.ts'
import { ORGANIZATION } from '../exchange/testing/people.ts'
import { Post } from './post.ts'
import { device } from './testing/people.ts'

const raj = device('raj').peer

it('remembers the last 4,096 boxes that it took in, however many a broker brings', async () => {
  const { key, peer } = device('ana')
  const post = new Post({ organization: ORGANIZATION, device: peer.device, key, peers: () => [raj] })
  const boxes = Array.from({ length: 4097 }, () => randomBytes(Math.min(...RELAY_CLASSES) + BOX_OVERHEAD))
  const [first, second] = boxes
  const last = boxes.at(-1)
  if (!first || !second || !last) throw new TypeError('expected boxes')
  expect(await post.open(raj, first)).toBe('unreadable')
  post.remember(raj, first)
  expect(await post.open(raj, first)).toBe('known')
  for (const box of boxes.slice(1)) post.remember(raj, box)
  expect(await post.open(raj, first)).toBe('unreadable')
  expect(await post.open(raj, second)).toBe('known')
  expect(await post.open(raj, last)).toBe('known')
})
