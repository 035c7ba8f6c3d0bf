/**
 * Does something that is to be given up after so long, or when `signal` says so.
 *
 * `AbortSignal.any([signal, AbortSignal.timeout(ms)])` would be shorter, and does not hold: nothing keeps that timeout alive,
 * and one that was collected never comes (seen on Node 20.20: whoever waits then waits for ever).
 *
 * @param act - gets the signal of both, and has to heed it.
 */
export async function within<T>(signal: AbortSignal, ms: number, act: (both: AbortSignal) => Promise<T>): Promise<T> {
  const both = new AbortController()
  const late = AbortSignal.timeout(ms)
  const onAbort = () => both.abort(signal.reason)
  // What has a listener is kept.
  const onLate = () => both.abort(late.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  late.addEventListener('abort', onLate, { once: true })
  try {
    return await act(both.signal)
  } finally {
    signal.removeEventListener('abort', onAbort)
    late.removeEventListener('abort', onLate)
  }
}
