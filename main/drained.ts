import type { Writable } from 'node:stream'

/** Until a stream that is full takes more, or never will again: whether it does. Whoever listens for its errors hears of them. */
export async function drained(stream: Writable): Promise<boolean> {
  if (stream.destroyed) return false
  return new Promise((resolve) => {
    const on = () => settle(true)
    const over = () => settle(false)
    const settle = (takesMore: boolean) => {
      stream.off('drain', on).off('close', over).off('end', over)
      resolve(takesMore)
    }
    stream.on('drain', on).on('close', over).on('end', over)
  })
}
