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
  const rosters = lookingBack(history, grants)
  const involved = withAliases(history, [request.payload.member, ...tookPart(about, history)])
  return about
    .filter(({ kind }) => kind === 'review')
    .map(({ statement }) => statement)
    .filter((review) => rosters.some((roster) => standsIn(review, roster.payload) !== undefined))
    .filter(({ payload }) => !involved.has(payload.member))
    .filter(({ payload }) => payload.grants.every((id) => known.has(id)))
}

/** rules.md §9: the evidence of a case that counts and differs. @param grants - as above. */
export function differingOf(statements, history, request, grants) {
  const rosters = lookingBack(history, grants)
  return statements
    .ofKind('evidence')
    .filter(({ payload }) => payload.request === request.id && payload.source !== 'terminal')
    .filter(({ payload }) => payload.differs.length > 0 || payload.more > 0)
    .filter((evidence) => rosters.some((roster) => standsIn(evidence, roster.payload) !== undefined))
}

/** The rosters in one of which whoever looks back on a case has to stand: without a grant the head alone. */
const lookingBack = (history, grants) =>
  grants.length === 0
    ? history.slice(-1)
    : history.slice(history.findIndex(({ id }) => id === grants[0].payload.basis.roster))

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
