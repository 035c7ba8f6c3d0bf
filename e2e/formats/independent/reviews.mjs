import { standsIn } from './organization.mjs'

// rules.md §9: which reviews of a case count.

/** @param grants - the grant that counts, then every surplus one. @param known - ids of those and of incomplete ones. */
export function reviewsOf(statements, history, request, grants, known) {
  const about = ['review', 'decision', 'release', 'issuing', 'grant'].flatMap((kind) =>
    statements
      .ofKind(kind)
      .filter(({ payload }) => payload.request === request.id)
      .map((statement) => ({ kind, statement })),
  )
  // Without a grant the head alone.
  const from =
    grants.length === 0 ? history.length - 1 : history.findIndex(({ id }) => id === grants[0].payload.basis.roster)
  const involved = withAliases(history, [request.payload.member, ...tookPart(about, history)])
  return about
    .filter(({ kind }) => kind === 'review')
    .map(({ statement }) => statement)
    .filter((review) => history.slice(from).some((roster) => standsIn(review, roster.payload) !== undefined))
    .filter(({ payload }) => !involved.has(payload.member))
    .filter(({ payload }) => payload.grants.every((id) => known.has(id)))
}

function tookPart(about, history) {
  return about
    .filter(
      ({ kind, statement }) => kind !== 'review' && (kind !== 'decision' || statement.payload.verdict === 'approve'),
    )
    .filter(({ statement }) => history.some((roster) => standsIn(statement, roster.payload) !== undefined))
    .map(({ statement }) => statement.payload.member)
}

function withAliases(history, members) {
  const keysOf = ({ device, authenticators }) => [device.keys.statement, ...authenticators.map((one) => one.publicKey)]
  const entries = history.flatMap((roster) => roster.payload.members)
  const all = new Set(members)
  for (let size = 0; size < all.size; ) {
    size = all.size
    const keys = new Set(entries.filter(({ member }) => all.has(member)).flatMap(keysOf))
    for (const entry of entries) if (keysOf(entry).some((key) => keys.has(key))) all.add(entry.member)
  }
  return all
}
