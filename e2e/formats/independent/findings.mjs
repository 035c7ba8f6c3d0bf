/** The place of one entry; `to` is exclusive. */
export const at = (entry) => ({ from: entry, to: entry + 1 })

/** Findings that can change a verdict, and those that people should look at (verify.md §3). */
export class Findings {
  all = []

  add = (result, code, entries = null, device = null) => this.all.push({ result, code, entries, device })
  refuted = (...rest) => this.add('refuted', ...rest)
  incomplete = (...rest) => this.add('incomplete', ...rest)
  attention = (...rest) => this.add('attention', ...rest)

  /** Those of another, behind these. */
  append = (others) => this.all.push(...others.all)

  /** Only those by which a file is refuted. */
  thatRefute = () => ({ all: this.all.filter(({ result }) => result === 'refuted') })

  /** verify.md §4. */
  verdict() {
    for (const verdict of ['refuted', 'incomplete']) {
      const [first] = this.all.filter(({ result }) => result === verdict).sort(byPlace)
      if (first !== undefined)
        return { verdict, first: { code: first.code, entries: first.entries, device: first.device } }
    }
    return { verdict: 'verified', first: null }
  }
}

function byPlace({ entries: one }, { entries: other }) {
  if (one === null || other === null) return (one === null ? 1 : 0) - (other === null ? 1 : 0)
  return one.to - other.to || other.from - one.from
}
